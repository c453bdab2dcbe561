#include "iuf/run/prediction_journal.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "iuf/data/json_fields.h"
#include "iuf/run/checked_lines.h"
#include "iuf/run/run_files.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

const char* const kEnd = "end of rows";

std::string key_of(const std::string& file, const std::string& heatmap, const std::string& expected) {
  return file + '\n' + heatmap + '\n' + expected;
}

}  // namespace

// A row as the journal has it.
struct PredictionJournal::Row {
  std::string file = {}, listed = {};  // escaped, and the heatmap's name as listed: the method may draw none
  FileStamp stamp = {};
  std::string heatmap = {}, expected = {}, object = {}, fits_better = {};
  uint64_t photograph = 0;
  int64_t time = 0;
  int64_t width = 0, height = 0;
  double score = 0, confidence = 0;
  std::optional<double> threshold = {}, novelty = {}, scaled_score = {};
  std::vector<DefectRegion> regions = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("file", self.file);
    field("listed", self.listed);
    field("size", self.stamp.size);
    field("changed", self.stamp.changed);
    field("heatmap", self.heatmap);
    field("expected", self.expected, kUnlessEmpty);
    field("photograph", self.photograph, kMayLack);
    field("time", self.time, kMayLack);
    field("object", self.object);
    field("fits_better", self.fits_better);
    field("width", self.width);
    field("height", self.height);
    field("score", self.score);
    field("confidence", self.confidence);
    field("threshold", self.threshold);
    field("novelty", self.novelty);
    field("scaled_score", self.scaled_score);
    field("regions", self.regions, kUnlessEmpty);
  }
};

FileStamp stamp_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return {};
  const auto changed = fs::last_write_time(file, error);
  if (error) return {};
  return {static_cast<int64_t>(size),
          std::chrono::duration_cast<std::chrono::nanoseconds>(changed.time_since_epoch()).count()};
}

PredictionJournal::PredictionJournal(const fs::path& out, const PredictionRequest& request)
    : out_(out), request_(checked_line(to_json(request))) {
  const fs::path path = PredictionFiles{out_}.partial();
  if (fs::exists(path)) read(read_text(path));
}

void PredictionJournal::read(const std::string& text) {
  found_ = Found::other;
  std::string_view rest = text;
  for (bool first = true; !rest.empty(); first = false) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return;
    const std::string_view line = rest.substr(0, end + 1);
    rest.remove_prefix(end + 1);
    if (first) {
      if (line != request_) return;
      found_ = Found::same;
      continue;
    }
    const std::optional<nlohmann::json> value = value_of_line(line);
    if (!value) return;
    if (*value == kEnd) {
      moving_ = true;
      continue;
    }
    const Row row = from_json<Row>(*value, {PredictionFiles{out_}.partial().string(), "damaged journal"});
    rows_[key_of(row.file, row.listed, row.expected)] = line;
  }
}

bool PredictionJournal::has_heatmap(const std::string& heatmap) const {
  if (heatmap.empty()) return true;
  const PredictionFiles files{out_};
  return fs::exists(files.partial_heatmaps() / fs::path(heatmap).filename()) || (moving_ && fs::exists(out_ / heatmap));
}

bool PredictionJournal::take(Prediction& p, int64_t& changed) {
  const auto found = rows_.find(key_of(escaped(p.file), p.heatmap, p.expected));
  if (found == rows_.end()) return false;
  const auto row = from_json<Row>(*value_of_line(found->second), {PredictionFiles{out_}.partial().string(), ""});
  if (stamp_of(p.file) != row.stamp) {
    ++changed;
    return false;
  }
  if (!has_heatmap(row.heatmap)) return false;
  p.heatmap = row.heatmap;
  p.object = row.object;
  p.fits_better = row.fits_better;
  p.photograph = row.photograph;
  p.time = row.time;
  p.width = static_cast<int>(row.width);
  p.height = static_cast<int>(row.height);
  p.score = row.score;
  p.confidence = row.confidence;
  p.threshold = row.threshold;
  p.novelty = row.novelty;
  p.scaled_score = row.scaled_score;
  p.regions = row.regions;
  taken_ += found->second;
  return true;
}

void PredictionJournal::begin() {
  const fs::path path = PredictionFiles{out_}.partial();
  write_file(path, request_ + taken_ + (moving_ ? checked_line(kEnd) : ""));
  file_.emplace(path);
  synced_ = std::chrono::steady_clock::now();
}

void PredictionJournal::add(const Prediction& p, const Prediction& listed, const FileStamp& stamp) {
  file_->add(checked_line(to_json(Row{.file = escaped(p.file),
                                      .listed = listed.heatmap,
                                      .stamp = stamp,
                                      .heatmap = p.heatmap,
                                      .expected = p.expected,
                                      .object = p.object,
                                      .fits_better = p.fits_better,
                                      .photograph = p.photograph,
                                      .time = p.time,
                                      .width = p.width,
                                      .height = p.height,
                                      .score = p.score,
                                      .confidence = p.confidence,
                                      .threshold = p.threshold,
                                      .novelty = p.novelty,
                                      .scaled_score = p.scaled_score,
                                      .regions = p.regions})));
  const auto now = std::chrono::steady_clock::now();
  if (now - synced_ < std::chrono::seconds(1)) return;
  file_->sync();
  synced_ = now;
}

void PredictionJournal::end_of_rows() {
  file_->add(checked_line(kEnd));
  file_->sync();
}

}  // namespace iuf
