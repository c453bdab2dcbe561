#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <iostream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/command.h"
#include "apps/model_path.h"
#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/heatmap.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

// An input and what came of it: a verdict or an error.
struct Prediction {
  std::string file;
  std::string error = {};
  std::string heatmap = {};  // its path in the output folder; none wanted: empty
  int width = 0, height = 0;
  double score = 0, threshold = 0, confidence = 0;
  std::string object = {};
};

// NaN: no value.
std::string exact(double value) {
  if (std::isnan(value)) return "";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

constexpr size_t kLongestName = 200;  // bytes; a number and the ending come on top

constexpr const char* kCsvHead = "file,score,threshold,verdict,object,confidence,width,height,heatmap,error\n";

std::string csv_line(const Prediction& p) {
  if (!p.error.empty()) return csv_field(p.file) + ",,,error,,,,,," + csv_field(p.error) + "\n";
  return csv_field(p.file) + "," + exact(p.score) + "," + exact(p.threshold) + "," + verdict(p.score, p.threshold) +
         "," + csv_field(p.object) + "," + exact(p.confidence) + "," + std::to_string(p.width) + "," +
         std::to_string(p.height) + "," + csv_field(p.heatmap) + ",\n";
}

std::string json_line(const Prediction& p) {
  nlohmann::ordered_json line = {{"file", p.file}};
  if (!p.error.empty()) {
    line["verdict"] = "error";
    line["error"] = p.error;
  } else {
    line["score"] = p.score;
    line["threshold"] = p.threshold;
    line["verdict"] = verdict(p.score, p.threshold);
    line["object"] = p.object;
    line["confidence"] = p.confidence;
    line["width"] = p.width;
    line["height"] = p.height;
    if (!p.heatmap.empty()) line["heatmap"] = p.heatmap;
  }
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Every image of the inputs, in their order, and what is none after those of its folder, with the error. Heatmaps that
// an earlier call left in `out` are no images of a folder above them. A heatmap is called as its image's path in the
// input folder, cut to what file systems allow and numbered where it is taken.
std::vector<Prediction> list_inputs(const std::vector<fs::path>& inputs, const fs::path& out, bool heatmaps) {
  const std::string own = (fs::weakly_canonical(out) / "heatmaps" / "").string();
  std::set<std::string> taken;
  std::map<std::string, int> numbers;
  std::vector<Prediction> list;
  const auto heatmap = [&](const fs::path& input, const fs::path& file) {
    std::string stem =
        fs::path(file == input ? file.filename() : file.lexically_relative(input)).replace_extension().string();
    std::ranges::replace(stem, '/', '_');
    if (stem.size() > kLongestName) {
      size_t end = kLongestName;
      while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;  // no part of a character
      stem.resize(end);
    }
    std::string name = stem;
    for (int& number = numbers[stem]; !taken.insert(name).second;) name = stem + "-" + std::to_string(++number + 1);
    return "heatmaps/" + name + ".png";
  };
  for (const fs::path& input : inputs) {
    try {
      const size_t before = list.size();
      std::vector<Prediction> unreadable;
      const auto problem = [&](const fs::path& file, const std::string& reason) {
        unreadable.push_back({.file = file.string(), .error = reason});
      };
      for (const fs::path& file : list_images(input, problem))
        if (file == input || !fs::weakly_canonical(file).string().starts_with(own))
          list.push_back({.file = file.string(), .heatmap = heatmaps ? heatmap(input, file) : ""});
      list.insert(list.end(), unreadable.begin(), unreadable.end());
      if (list.size() == before) fail(input.string(), ": holds no images but heatmaps of an earlier call");
    } catch (const Error& e) {
      list.push_back({.file = input.string(), .error = e.what()});
    }
  }
  return list;
}

// Fills in what the model says and returns the heatmap, if one is wanted and the method draws any.
Image predict(const Model& model, Prediction& p) {
  const Image image = read_image(p.file);
  const Judgement j = model.judge(image);
  const ObjectRecord& object = model.objects().at(static_cast<size_t>(j.object));
  p.width = image.width;
  p.height = image.height;
  p.score = j.score;
  p.threshold = object.threshold;
  p.object = object.name;
  p.confidence = j.confidence;
  if (!j.map.defined()) p.heatmap.clear();
  if (p.heatmap.empty()) return {};
  const auto size = static_cast<int>(model.settings().image_size);
  // Without normal images to tell what is usual, an image's colours span its own scores.
  const auto [lowest, highest] = std::ranges::minmax(j.map.span());
  const double low = std::isnan(object.low) ? static_cast<double>(lowest) : object.low,
               high = std::isnan(object.high) ? static_cast<double>(highest) : object.high;
  return overlay(image, j.map.span(), size, size, static_cast<float>(low), static_cast<float>(high));
}

}  // namespace

Action predict_command(CLI::App& app) {
  struct Flags {
    fs::path model, out;
    std::vector<fs::path> inputs;
    std::string format = "both";
    bool no_heatmaps = false;
  };
  auto f = std::make_shared<Flags>();
  app.add_option("model", f->model, "a model file or the folder of a run")->required()->type_name("MODEL");
  app.add_option("inputs", f->inputs, "images, and folders of images")->required()->type_name("FILES|FOLDERS");
  app.add_option("--out", f->out, "predictions.csv, predictions.jsonl and heatmaps/ go here")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--format", f->format, "of the predictions")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::string>{"csv", "jsonl", "both"}).description(""))
      ->type_name("csv|jsonl|both");
  app.add_flag("--no-heatmaps", f->no_heatmaps, "scores alone");
  app.footer(
      "Score: how unlike the object's normal images. Verdict: `defect` above the object's threshold, else `ok`. "
      "Confidence: how sure the\n"
      "object is among those that the model knows, 0 to 1; an object that it never learned is taken for one of them. "
      "Heatmaps: blue is\n"
      "what is usual for the object, the middle of the scale is its threshold, red is far above. Folders called "
      "ground_truth are left out.\n"
      "Exit code 1 when an image could not be read; the others are done all the same.");
  return [f](ProgressLine& progress) {
    const fs::path path = model_path(f->model);
    const Model model = Model::load(path);
    if (model.objects().empty()) fail(path.string(), ": has not learned any object yet");
    if (std::ranges::any_of(model.objects(), [](const ObjectRecord& object) { return std::isnan(object.threshold); }))
      progress.note("objects without a threshold get no verdict, and their heatmaps span each image's own scores");
    std::vector<Prediction> list = list_inputs(f->inputs, f->out, !f->no_heatmaps);
    make_folder(f->no_heatmaps ? f->out : f->out / "heatmaps");
    const FileLock kept(f->out);
    const auto count = static_cast<int64_t>(list.size());
    // Each thread takes the next image, so that no more than one per thread is in memory and reports keep up; a single
    // image has all threads for itself. An image that cannot be read is reported, in order; an output that cannot be
    // written ends the job.
    std::mutex mutex;
    std::vector<bool> done(list.size());
    size_t reported = 0;
    std::atomic<size_t> next = 0;
    std::atomic<bool> stop = false;
    run_blocks(count, [&](int64_t) {
      if (stop) return;
      const size_t i = next++;
      Prediction& p = list[i];
      Image heatmap;
      try {
        if (p.error.empty()) heatmap = predict(model, p);
      } catch (const std::bad_alloc&) {
        p.error = p.file + ": out of memory: use fewer --threads";
      } catch (const std::exception& e) {
        p.error = e.what();
      }
      try {
        if (!heatmap.pixels.empty()) write_png(f->out / p.heatmap, heatmap);
      } catch (...) {
        stop = true;
        throw;
      }
      const std::lock_guard lock(mutex);
      for (done[i] = true; reported < list.size() && done[reported]; ++reported) {
        if (!list[reported].error.empty()) progress.error(list[reported].error);
        progress("images", static_cast<int64_t>(reported) + 1, count);
      }
    });
    std::string csv = kCsvHead, jsonl;
    int64_t errors = 0, defects = 0, undecided = 0;
    for (const Prediction& p : list) {
      csv += csv_line(p);
      jsonl += json_line(p);
      errors += !p.error.empty();
      defects += p.error.empty() && p.score > p.threshold;
      undecided += p.error.empty() && std::isnan(p.threshold);
    }
    if (f->format != "jsonl") write_file(f->out / "predictions.csv", csv);
    if (f->format != "csv") write_file(f->out / "predictions.jsonl", jsonl);
    progress.finish();
    std::cout << count - errors << " images: " << defects << " defect, " << count - errors - defects - undecided
              << " ok";
    if (undecided) std::cout << ", " << undecided << " without a verdict";
    if (errors) std::cout << ", " << errors << " not read";
    std::cout << "\n" << f->out.string() << "\n";
    return errors ? 1 : 0;
  };
}

}  // namespace iuf
