#include "iuf/run/sorted_out.h"

#include <algorithm>
#include <map>

#include "iuf/learn/verdict.h"
#include "iuf/run/csv.h"
#include "iuf/run/run_files.h"
#include "iuf/run/text.h"
#include "iuf/stats/conformal.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

// The path of a folder's file as others name it, from that folder on; empty of another folder's.
fs::path inside(const fs::path& file, const fs::path& folder) {
  if (!file.has_parent_path() || file.parent_path() == ".") return file.filename();
  fs::path found;
  for (auto part = file.begin(); part != file.end(); ++part) {
    if (*part != folder.filename()) continue;
    found.clear();
    for (auto rest = std::next(part); rest != file.end(); ++rest) found /= *rest;
  }
  return found;
}

// Whether the last verdict of each file of the folder was an alarm.
std::map<fs::path, bool> alarms_in(const fs::path& table, const fs::path& folder) {
  const std::vector<CsvRecord> records = parse_csv(read_text(table), table.string());
  const std::vector<std::string>& head = records.at(0).fields;
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::ranges::find(head, name) - head.begin());
  };
  const size_t file = place("file"), verdict = place("verdict");
  std::map<fs::path, bool> alarms;
  for (size_t i = 1; i < records.size(); ++i) {
    const std::vector<std::string>& fields = records[i].fields;
    if (std::max(file, verdict) >= fields.size()) continue;
    const bool is_alarm = fields[verdict] == name_of(Verdict::defect) || fields[verdict] == name_of(Verdict::unknown);
    if (!is_alarm && fields[verdict] != name_of(Verdict::ok)) continue;
    if (const fs::path name = inside(unescaped(csv_text(fields[file])), folder); !name.empty()) alarms[name] = is_alarm;
  }
  return alarms;
}

std::string sorted_by(const fs::path& table, const fs::path& folder, size_t images) {
  const std::map<fs::path, bool> alarms = alarms_in(table, folder);
  size_t gone = 0, left = 0;
  std::string first;
  for (const auto& [name, is_alarm] : alarms) {
    const bool is_there = fs::exists(folder / name);
    if (is_there && is_alarm) return "";
    left += is_there;
    if (!is_there && is_alarm && gone++ == 0) first = escaped(name.string());
  }
  if (gone == 0 || left == 0 || 2 * left < images) return "";
  return plain_text(table.string()) + ": " + std::to_string(gone) + " of " + std::to_string(gone + left) +
         " images of this folder had an alarm and are no longer there (first: " + first +
         "), all that are left were ok. A threshold from what is left is too low; put the good parts among the others "
         "back";
}

std::string sorted_by_any_table(const fs::path& folder, const std::vector<std::string>& images) {
  fs::path place = fs::weakly_canonical(folder);
  if (!place.has_filename()) place = place.parent_path();
  const fs::path verdicts = place.string() + ".verdicts";
  for (const fs::path& beside : {verdicts, place, place.parent_path()})
    for (const fs::path& table : {beside / "log.csv", PredictionFiles{beside}.csv()}) {
      try {
        if (!fs::is_regular_file(table)) continue;
        if (std::string said = sorted_by(table, place, images.size()); !said.empty()) return said;
      } catch (const std::exception&) {  // someone else's table
      }
    }
  return "";
}

}  // namespace

void refuse_sorted_out(const fs::path& folder, const std::vector<std::string>& images, Trust trust,
                       const std::string& object, const Progress& progress) {
  const std::string said = sorted_by_any_table(folder, images);
  if (said.empty()) return;
  if (trust != Trust::caller) fail(said, ", or insist (`--normal`)");
  progress.note(object + ": " + said);
}

std::string none_above(const Calibration& c, const std::vector<double>& later) {
  if (!c.threshold || c.scores.empty() || later.empty()) return "";
  if (std::ranges::any_of(later, [&](double score) { return score > *c.threshold; })) return "";
  if (alarms_as_expected(c.scores, *c.threshold, 0, later.size())) return "";
  return "none of " + std::to_string(later.size()) + " images is above the present threshold, and " +
         percent_text(alarm_rate(c.scores, *c.threshold).expected) +
         " % of normal ones are: were those above it taken out, as `iuf watch --move-rejects` does? A threshold from "
         "what is left is too low";
}

}  // namespace iuf
