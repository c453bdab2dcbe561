#include "iuf/run/verdict_log.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "iuf/data/json_fields.h"
#include "iuf/data/listing.h"
#include "iuf/run/csv.h"
#include "nn/checksum.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

bool is_csv(const fs::path& path) {
  return lower_case(path.extension().string()) == ".csv";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end + 1));
  return lines;
}

// What VerdictLog::judged() reads of a row.
struct JudgedRow {
  std::string model = {}, object = {}, error = {};
  double score = 0;
  std::optional<double> threshold = {}, novelty = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("model", self.model);
    field("object", self.object, kMayLack);
    field("error", self.error, kMayLack);
    field("score", self.score);
    field("threshold", self.threshold, kMayLack);
    field("novelty", self.novelty, kMayLack);
  }
};

constexpr const char* kHead = "time,model,model_version,settings,expected,moved_to,";

}  // namespace

void VerdictLog::check_name(const fs::path& path) {
  if (!is_csv(path) && lower_case(path.extension().string()) != ".jsonl")
    fail("'", path.string(), "': a log is a table or JSON lines: a name that ends with .csv or .jsonl is needed");
}

VerdictLog::VerdictLog(const fs::path& path, Links links, const Progress& progress)
    : csv_((check_name(path), is_csv(path))),
      file_(path, csv_ ? kHead + prediction_csv_head() : "", links,
            {.is_whole = [this](std::string_view line) { return is_row(line); },
             .say = [progress](const std::string& text) { progress.note(text); }}) {
  tell_other_rows(path, progress);
}

bool VerdictLog::is_row(std::string_view line) const {
  if (!csv_) {
    const nlohmann::json row = nlohmann::json::parse(line, nullptr, false);
    return row.is_object() && row.contains("file") && row.contains("verdict");
  }
  static const size_t columns = parse_csv(kHead + prediction_csv_head(), "").front().fields.size();
  try {
    const std::vector<CsvRecord> rows = parse_csv(line, "");
    return rows.size() == 1 && rows.front().fields.size() == columns;
  } catch (const Error&) {
    return false;  // such as a quote that is not closed
  }
}

void VerdictLog::tell_other_rows(const fs::path& path, const Progress& progress) {
  constexpr size_t kShown = 100, kLast = 1 << 20;  // bytes
  const std::string tail = file_.tail(kLast);
  size_t others = 0;
  std::string_view first;
  for (const std::string_view line : lines_of(tail))
    if (!is_row(line) && others++ == 0) first = line.substr(0, std::min(line.size() - 1, kShown));
  if (others > 0)
    progress.note(path.string() + ": " + std::to_string(others) + " of its last rows " +
                  (others == 1 ? "is none" : "are none") + " of this log (" +
                  (csv_ ? "another number of columns" : "no file or verdict") +
                  "; edited?) and left as they are, first: " + plain_text(first));
}

std::string VerdictLog::line(const Prediction& p, const JudgedBy& by) const {
  if (csv_)
    return utc_text(p.time) + "," + by.model + "," + (by.version ? std::to_string(*by.version) : "") + "," +
           csv_field(by.settings) + "," + csv_field(p.expected) + "," + csv_field(escaped(p.moved_to)) + "," +
           prediction_csv_line(p);
  return json_line(p, by);
}

std::string VerdictLog::json_line(const Prediction& p, const JudgedBy& by) {
  nlohmann::ordered_json head = {{"time", utc_text(p.time)}, {"model", by.model}};
  if (by.version) head["model_version"] = *by.version;
  head["settings"] = by.settings;
  if (!p.expected.empty()) head["expected"] = p.expected;
  if (!p.moved_to.empty()) head["moved_to"] = escaped(p.moved_to);
  std::string text = head.dump();
  text.back() = ',';  // the prediction's keys follow
  return text + prediction_json_line(p).substr(1);
}

void VerdictLog::add(std::string_view lines) {
  file_.add(lines);
}

void VerdictLog::add_missing(const std::vector<std::string>& lines) {
  constexpr size_t kOthers = 1 << 20;  // bytes that other processes may have added since
  size_t size = kOthers;
  for (const std::string& line : lines) size += line.size();
  const std::string tail = file_.tail(size);
  const std::vector<std::string_view> last = lines_of(tail);
  const std::unordered_set<std::string_view> known(last.begin(), last.end());
  std::string missing;
  for (const std::string& line : lines) {
    if (known.contains(line)) continue;
    // A row that a power cut took the very end of looks whole.
    if (!last.empty() && line.starts_with(last.back().substr(0, last.back().size() - 1))) file_.take_back(last.back());
    missing += line;
  }
  if (!missing.empty()) add(missing);
}

std::vector<std::string> VerdictLog::last(size_t count, size_t bytes) {
  const std::string tail = file_.tail(bytes);
  const std::vector<std::string_view> lines = lines_of(tail);
  const size_t first = lines.size() > count ? lines.size() - count : 0;
  return {lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end()};
}

std::vector<Prediction> VerdictLog::judged(const std::string& model, size_t count, size_t bytes) {
  std::vector<Prediction> predictions;
  for (const std::string& line : last(count, bytes)) try {
      const JudgedRow row = csv_ ? from_csv<JudgedRow>(kHead + prediction_csv_head() + line, "").at(0)
                                 : from_json<JudgedRow>(parse_json(line, ""), {});
      if (row.model == model && std::isfinite(row.score))
        predictions.push_back({.error = row.error,
                               .score = row.score,
                               .threshold = row.threshold,
                               .novelty = row.novelty,
                               .object = row.object});
    } catch (const std::exception&) {  // of another form
    }
  return predictions;
}

std::string utc_text(int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char day[32], text[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>(milliseconds % 1000));
  return text;
}

int64_t utc_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

JudgedBy judged_by(const Model& model, uint64_t content, const std::string& changes) {
  return {.model = hex_digits(content),
          .version = model.version(),
          .settings = "program=" IUF_VERSION " method=" + model.method_name() + " image-size=" +
                      std::to_string(model.settings().image_size) + (changes.empty() ? "" : " " + changes)};
}

}  // namespace iuf
