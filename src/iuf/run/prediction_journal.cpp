#include "iuf/run/prediction_journal.h"

#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "iuf/data/json_fields.h"
#include "iuf/run/checked_lines.h"
#include "iuf/run/prediction_pictures.h"
#include "iuf/run/run_files.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

const char* const kEnd = "end of rows";

std::string key_of(const std::string& file, const std::string& pictures, const std::string& expected) {
  return file + '\n' + pictures + '\n' + expected;
}

// The names of a listed image's pictures: the method may draw none.
std::string picture_names(const Prediction& listed) {
  std::string names;
  for (const PredictionPicture& picture : pictures_of(listed)) names += picture.path + '\n';
  return names;
}

}  // namespace

// A row as the journal has it.
struct PredictionJournal::Row {
  std::string file = {}, listed = {};  // escaped, and the names of its pictures as listed
  FileStamp stamp = {};
  std::string heatmap = {}, mask = {}, map = {}, expected = {}, object = {}, fits_better = {};
  uint64_t photograph = 0;
  int64_t time = 0;
  int64_t width = 0, height = 0;
  double score = 0, confidence = 0;
  std::optional<double> threshold = {}, novelty = {}, scaled_score = {};
  std::optional<MapScale> map_scale = {};
  std::vector<DefectRegion> regions = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("file", self.file);
    field("listed", self.listed);
    FileStamp::visit(self.stamp, field);
    field("heatmap", self.heatmap);
    field("mask", self.mask, kUnlessEmpty);
    field("map", self.map, kUnlessEmpty);
    field("map_scale", self.map_scale);
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
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {.size = static_cast<int64_t>(size),
          .changed = std::chrono::duration_cast<std::chrono::nanoseconds>(changed.time_since_epoch()).count(),
          .node = static_cast<int64_t>(info.st_ino),
          .state = int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec};
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
    const size_t end = std::min(rest.find('\n'), rest.size());  // the last line may lack its end alone
    const std::string line = std::string(rest.substr(0, end)) + '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
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

bool PredictionJournal::has_pictures(const Prediction& row) const {
  const PredictionFiles files{out_};
  return std::ranges::all_of(pictures_of(row), [&](const PredictionPicture& picture) {
    return fs::exists(files.partial_pictures(picture.folder) / fs::path(picture.path).filename()) ||
           (moving_ && fs::exists(out_ / picture.path));
  });
}

bool PredictionJournal::take(Prediction& p, int64_t& changed) {
  const auto found = rows_.find(key_of(escaped(p.file), picture_names(p), p.expected));
  if (found == rows_.end()) return false;
  const auto row = from_json<Row>(*value_of_line(found->second), {PredictionFiles{out_}.partial().string(), ""});
  if (stamp_of(p.file) != row.stamp) {
    ++changed;
    return false;
  }
  if (!has_pictures({.heatmap = row.heatmap, .mask = row.mask, .map = row.map})) return false;
  p.heatmap = row.heatmap;
  p.mask = row.mask;
  p.map = row.map;
  p.map_scale = row.map_scale;
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
                                      .listed = picture_names(listed),
                                      .stamp = stamp,
                                      .heatmap = p.heatmap,
                                      .mask = p.mask,
                                      .map = p.map,
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
                                      .map_scale = p.map_scale,
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
