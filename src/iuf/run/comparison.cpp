#include "iuf/run/comparison.h"

#include <algorithm>

#include "iuf/data/json_fields.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf {
namespace {

void check_row(const ComparisonRow& row, size_t objects, const std::string& place) {
  for (const char* key : {"image_acc", "pixel_acc"}) {
    if (!row.figures.contains(key)) fail(place, ".summary: key '", key, "' is missing");
    const std::optional<double> value = value_of(row.figures, key);
    if (value && (*value < kFraction.low || *value > kFraction.high))
      fail(place, ".summary.", key, ": the value ", *value, " is out of range");
  }
  // A row that has not ended has no matrix; joint training has one step only.
  if (row.image_auroc.size() != row.pixel_auroc.size())
    fail(place, ".pixel_auroc: has ", row.pixel_auroc.size(), " steps, image_auroc has ", row.image_auroc.size());
  for (const auto* matrix : {&row.image_auroc, &row.pixel_auroc})
    for (size_t s = 0; s < matrix->size(); ++s)
      if ((*matrix)[s].size() != objects)
        fail(place, matrix == &row.image_auroc ? ".image_auroc[" : ".pixel_auroc[", s, "]: has ", (*matrix)[s].size(),
             " entries, ", objects, " are expected");
}

void check_picture(const std::string& name, const std::string& place) {
  const std::filesystem::path file = name;
  if (file.empty() || file.is_absolute() || std::find(file.begin(), file.end(), "..") != file.end())
    fail(place, ": '", name, "' must be a file below the comparison's folder");
}

// What a model file holds besides the backbone.
double kept_bytes(const std::filesystem::path& model) {
  const TensorFile file = read_safetensors(model);
  size_t bytes = 0;
  for (const std::string& name : file.names())
    if (!name.starts_with("backbone.")) bytes += file.at(name).bytes.size();
  return static_cast<double>(bytes);
}

// The mean of a figure over the objects that have it.
template <class Value>
auto mean_of(Value value_of_object) {
  return [=](const RunMetrics& metrics, const std::filesystem::path&) -> std::optional<double> {
    double sum = 0, count = 0;
    for (const ObjectResult& object : metrics.per_object)
      if (const std::optional<double> value = value_of_object(object)) sum += *value, ++count;
    return count > 0 ? std::optional(sum / count) : std::nullopt;
  };
}

}  // namespace

const std::vector<Figure>& comparison_figures() {
  using Metrics = const RunMetrics&;
  using Path = const std::filesystem::path&;
  using enum Figure::Kind;
  static const std::vector<Figure> figures = {
      {"image_acc", "image ACC", percent, 1, [](Metrics m, Path) { return m.summary.image_acc; }},
      {"pixel_acc", "pixel ACC", percent, 1, [](Metrics m, Path) { return m.summary.pixel_acc; }},
      {"image_fm", "image FM", percent, -1, [](Metrics m, Path) { return m.summary.image_fm; }},
      {"pixel_fm", "pixel FM", percent, -1, [](Metrics m, Path) { return m.summary.pixel_fm; }},
      {"image_bwt", "image BWT", percent, 1, [](Metrics m, Path) { return m.summary.image_bwt; }},
      {"pixel_bwt", "pixel BWT", percent, 1, [](Metrics m, Path) { return m.summary.pixel_bwt; }},
      {"image_ap", "image AP", percent, 1, mean_of([](const ObjectResult& o) { return o.image.average_precision; })},
      {"pixel_ap", "pixel AP", percent, 1, mean_of([](const ObjectResult& o) { return o.pixel.average_precision; })},
      {"image_f1_max", "image F1-max", percent, 1, mean_of([](const ObjectResult& o) { return o.image.f1_max; })},
      {"pixel_f1_max", "pixel F1-max", percent, 1, mean_of([](const ObjectResult& o) { return o.pixel.f1_max; })},
      {"aupro", "AUPRO", percent, 1, mean_of([](const ObjectResult& o) { return o.aupro; })},
      {"seconds", "time", seconds, 0, [](Metrics m, Path) { return m.seconds; }},
      {"peak_memory_bytes", "peak memory", bytes, 0, [](Metrics m, Path) { return m.peak_memory_bytes; }},
      {"kept_bytes", "kept", bytes, 0, [](Metrics, Path model) { return kept_bytes(model); }},
  };
  return figures;
}

std::optional<double> value_of(const Figures& figures, const std::string& key) {
  const auto found = figures.find(key);
  return found == figures.end() ? std::nullopt : found->second;
}

Comparison read_comparison(const std::filesystem::path& path) {
  auto comparison = read_json_file<Comparison>(path);
  const std::string place = path.string() + ": damaged JSON: ";
  size_t objects = 0;
  for (const auto& step : comparison.stream) objects += step.size();
  for (size_t r = 0; r < comparison.rows.size(); ++r)
    check_row(comparison.rows[r], objects, place + "rows[" + std::to_string(r) + "]");
  for (size_t i = 0; i < comparison.panel.size(); ++i) {
    const PanelImage& image = comparison.panel[i];
    const std::string item = place + "panel[" + std::to_string(i) + "].";
    check_picture(image.input, item + "input");
    check_picture(image.mask, item + "mask");
    for (const auto& [id, heat] : image.heat) check_picture(heat, item + "heat." + id);
  }
  return comparison;
}

}  // namespace iuf
