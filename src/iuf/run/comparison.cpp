#include "iuf/run/comparison.h"

#include <algorithm>

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

}  // namespace

const std::vector<Figure>& comparison_figures() {
  static const std::vector<Figure> figures = {
      {"image_acc", "image ACC", Figure::Kind::percent, 1},
      {"pixel_acc", "pixel ACC", Figure::Kind::percent, 1},
      {"image_fm", "image FM", Figure::Kind::percent, -1},
      {"pixel_fm", "pixel FM", Figure::Kind::percent, -1},
      {"image_bwt", "image BWT", Figure::Kind::percent, 1},
      {"pixel_bwt", "pixel BWT", Figure::Kind::percent, 1},
      {"image_ap", "image AP", Figure::Kind::percent, 1},
      {"pixel_ap", "pixel AP", Figure::Kind::percent, 1},
      {"image_f1_max", "image F1-max", Figure::Kind::percent, 1},
      {"pixel_f1_max", "pixel F1-max", Figure::Kind::percent, 1},
      {"aupro", "AUPRO", Figure::Kind::percent, 1},
      {"seconds", "time", Figure::Kind::seconds, 0},
      {"peak_memory_bytes", "peak memory", Figure::Kind::bytes, 0},
      {"kept_bytes", "kept", Figure::Kind::bytes, 0},
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
