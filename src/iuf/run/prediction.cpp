#include "iuf/run/prediction.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/data/dataset.h"
#include "iuf/data/unusual_pictures.h"
#include "iuf/run/csv.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 200;  // of a heatmap, in bytes; a number and the ending come on top

std::string exact(std::optional<double> value) {
  if (!value) return "";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, *value).ptr};
}

// Names of heatmaps, each once.
class HeatmapNames {
 public:
  std::string operator()(const fs::path& input, const fs::path& file) {
    std::string stem =
        fs::path(file == input ? file.filename() : file.lexically_relative(input)).replace_extension().string();
    std::ranges::replace(stem, '/', '_');
    if (stem.size() > kLongestName) {
      size_t end = kLongestName;
      while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;  // no part of a character
      stem.resize(end);
    }
    std::string name = stem;
    for (int& number = numbers_[stem]; !taken_.insert(name).second;) name = stem + "-" + std::to_string(++number + 1);
    return std::string(PredictionFiles::heatmap_folder) + "/" + name + ".png";
  }

 private:
  std::set<std::string> taken_ = {};
  std::map<std::string, int> numbers_ = {};  // the last one by name
};

// Fills in what the model says and returns the heatmap, if one is wanted and the method draws any.
Image judge(const Model& model, Prediction& p, size_t number, Findings& findings) {
  const auto [image, facts] = model.extractor().read(p.file);
  find_unusual(facts, model.extractor().reading().window, number, p.file, findings);
  const Judgement j = model.judge(image);
  const ObjectRecord& object = model.objects().at(static_cast<size_t>(j.object));
  p.width = image.width;
  p.height = image.height;
  p.score = j.score;
  p.threshold = object.threshold;
  p.object = object.name;
  p.confidence = j.confidence;
  p.novelty = j.novelty;
  if (!j.map.defined()) p.heatmap.clear();
  if (p.heatmap.empty()) return {};
  const auto size = static_cast<int>(model.settings().image_size);
  // Without normal images to tell what is usual, an image's colours span its own scores.
  const auto [lowest, highest] = std::ranges::minmax(j.map.span());
  const double low = object.low.value_or(static_cast<double>(lowest)),
               high = object.high.value_or(static_cast<double>(highest));
  return overlay(image, j.map.span(), size, size, static_cast<float>(low), static_cast<float>(high));
}

// Judges all of them. Each thread takes the next image, so that no more than one per thread is in memory and reports
// keep up; a single image has all threads for itself.
void judge_all(const Model& model, std::vector<Prediction>& list, const fs::path& out,
               const std::function<void(const std::string&)>& problem, const Progress& progress) {
  const auto count = static_cast<int64_t>(list.size());
  std::mutex mutex;
  std::vector<bool> done(list.size());
  size_t reported = 0;
  std::atomic<size_t> next = 0;
  std::atomic<bool> stop = false;
  Findings findings;
  run_blocks(count, [&](int64_t) {
    if (stop) return;
    const size_t i = next++;
    Prediction& p = list[i];
    Image heatmap;
    try {
      if (p.error.empty()) heatmap = judge(model, p, i, findings);
    } catch (const std::bad_alloc&) {
      p.error = p.file + ": out of memory: use fewer --threads";
    } catch (const std::exception& e) {
      p.error = e.what();
    }
    try {
      if (!heatmap.pixels.empty()) write_png(out / p.heatmap, heatmap);
    } catch (...) {
      stop = true;
      throw;
    }
    const std::lock_guard lock(mutex);
    for (done[i] = true; reported < list.size() && done[reported]; ++reported) {
      if (problem && !list[reported].error.empty()) problem(list[reported].error);
      progress("images", static_cast<int64_t>(reported) + 1, count);
    }
  });
  findings.tell("", progress);
}

}  // namespace

std::string prediction_csv_head() {
  return "file,score,threshold,verdict,object,confidence,width,height,heatmap,error\n";
}

std::string prediction_csv_line(const Prediction& p) {
  if (!p.error.empty()) return csv_field(p.file) + ",,," + name_of(p.decision()) + ",,,,,," + csv_field(p.error) + "\n";
  return csv_field(p.file) + "," + exact(p.score) + "," + exact(p.threshold) + "," + name_of(p.decision()) + "," +
         csv_field(p.object) + "," + exact(p.confidence) + "," + std::to_string(p.width) + "," +
         std::to_string(p.height) + "," + csv_field(p.heatmap) + ",\n";
}

std::string prediction_json_line(const Prediction& p) {
  nlohmann::ordered_json line = {{"file", p.file}};
  if (!p.error.empty()) {
    line["verdict"] = name_of(p.decision());
    line["error"] = p.error;
  } else {
    line["score"] = p.score;
    line["threshold"] = p.threshold ? nlohmann::ordered_json(*p.threshold) : nlohmann::ordered_json();
    line["verdict"] = name_of(p.decision());
    line["object"] = p.object;
    line["confidence"] = p.confidence;
    line["width"] = p.width;
    line["height"] = p.height;
    if (!p.heatmap.empty()) line["heatmap"] = p.heatmap;
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::vector<Prediction> list_inputs(const std::vector<fs::path>& inputs, const fs::path& out, Heatmaps heatmaps,
                                    const Progress& progress) {
  const std::string own = (fs::weakly_canonical(out) / PredictionFiles::heatmap_folder / "").string();
  HeatmapNames heatmap_name;
  std::vector<Prediction> list;
  for (const fs::path& input : inputs) {
    try {
      const size_t before = list.size();
      std::vector<Prediction> unreadable;
      const auto problem = [&](const fs::path& file, const std::string& reason) {
        unreadable.push_back({.file = file.string(), .error = reason});
      };
      for (const fs::path& file : list_images(input, problem, [&](const std::string& text) { progress.note(text); }))
        if (file == input || !fs::weakly_canonical(file).string().starts_with(own))
          list.push_back(
              {.file = file.string(), .heatmap = heatmaps == Heatmaps::draw ? heatmap_name(input, file) : ""});
      list.insert(list.end(), unreadable.begin(), unreadable.end());
      if (list.size() == before) fail(input.string(), ": holds no images but heatmaps of an earlier call");
    } catch (const Error& e) {
      list.push_back({.file = input.string(), .error = e.what()});
    }
  }
  return list;
}

PredictionCounts predict(const Model& model, const PredictionOptions& o,
                         const std::function<void(const std::string&)>& problem, const Progress& progress) {
  const PredictionFiles files{o.out};
  std::vector<Prediction> list = list_inputs(o.inputs, o.out, o.heatmaps, progress);
  make_folder(o.heatmaps == Heatmaps::draw ? files.heatmaps() : o.out);
  const FileLock kept(o.out);
  judge_all(model, list, o.out, problem, progress);
  std::string csv = prediction_csv_head(), jsonl;
  PredictionCounts counts;
  for (const Prediction& p : list) {
    csv += prediction_csv_line(p);
    jsonl += prediction_json_line(p);
    (p.error.empty() ? counts.images : counts.errors) += 1;
    counts.defects += p.error.empty() && p.flagged();
    counts.without_verdict += p.error.empty() && !p.threshold;
  }
  if (o.format != PredictionFormat::jsonl) write_file(files.csv(), csv);
  if (o.format != PredictionFormat::csv) write_file(files.jsonl(), jsonl);
  return counts;
}

}  // namespace iuf
