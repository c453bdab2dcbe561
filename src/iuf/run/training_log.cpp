#include "iuf/run/training_log.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "iuf/data/json_checksum.h"
#include "iuf/data/json_fields.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

std::string log_lines(const std::vector<LogEntry>& log) {
  std::string lines;
  for (const LogEntry& entry : log) lines += with_checksum(to_json(entry)).dump() + "\n";
  return lines;
}

std::vector<LogEntry> read_log(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  std::vector<LogEntry> log;
  std::string checked, unchecked;  // the first line with a checksum, and the first without
  size_t number = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    const std::string place = path.string() + ": line " + std::to_string(++number);
    if (end == std::string::npos) fail(place, ": has no end: the file was cut; copy it from elsewhere, or delete it");
    const std::string_view line = std::string_view(text).substr(start, end - start);
    start = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    nlohmann::json json = parse_json(line, place);
    if (std::string& first = take_checksum(json, place) ? checked : unchecked; first.empty()) first = place;
    log.push_back(from_json<LogEntry>(json, {place}));
  }
  // A log is written as a whole: this one's key was damaged.
  if (!checked.empty() && !unchecked.empty())
    fail(unchecked,
         ": has no checksum, which other lines have: it is damaged; copy the file from elsewhere, or delete it");
  const auto when = [](const LogEntry& entry) { return std::tuple(entry.step, entry.iteration); };
  std::ranges::stable_sort(log, {}, when);
  std::vector<LogEntry> last;
  for (LogEntry& entry : log) {
    if (!last.empty() && when(last.back()) == when(entry)) last.pop_back();
    last.push_back(std::move(entry));
  }
  return last;
}

}  // namespace iuf
