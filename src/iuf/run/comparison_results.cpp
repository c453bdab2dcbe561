#include "iuf/run/comparison_results.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "iuf/run/gallery.h"
#include "iuf/run/run_files.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

using Values = std::map<std::string, double>;  // figures by key; absent where n/a
using Matrix = std::vector<std::vector<std::optional<double>>>;

Values figures_of(const RunMetrics& metrics, const fs::path& model) {
  Values values;
  for (const Figure& figure : comparison_figures())
    if (const std::optional<double> value = figure.of(metrics, model)) values[figure.key] = *value;
  return values;
}

// The mean over runs of A[step][object], where every run has it.
Matrix mean_matrix(const std::vector<Matrix>& runs) {
  Matrix mean = runs.at(0);
  for (size_t s = 0; s < mean.size(); ++s)
    for (size_t o = 0; o < mean[s].size(); ++o) {
      double sum = 0;
      for (const Matrix& run : runs) {
        if (!run[s][o]) mean[s][o].reset();
        if (mean[s][o]) sum += *run[s][o];
      }
      if (mean[s][o]) mean[s][o] = sum / static_cast<double>(runs.size());
    }
  return mean;
}

// Means and standard deviations over the seeds that have the figure.
void add_means(ComparisonRow& row) {
  for (const Figure& figure : comparison_figures()) {
    std::vector<double> values;
    double sum = 0, squares = 0;
    for (const Values& seed : row.by_seed)
      if (const auto value = seed.find(figure.key); value != seed.end()) values.push_back(value->second);
    if (values.empty()) continue;
    const auto count = static_cast<double>(values.size());
    for (const double value : values) sum += value;
    const double mean = sum / count;
    row.figures[figure.key] = mean;
    for (const double value : values) squares += (value - mean) * (value - mean);
    if (values.size() > 1) row.spread[figure.key] = std::sqrt(squares / (count - 1));
  }
}

// Why a run lacks figures, and what its figures leave out. Runs of other seeds have seen the same images.
void add_remarks(ComparisonRow& row, const RunMetrics& metrics) {
  if (!row.reasons.empty() || !row.notes.empty()) return;
  for (const Figure& figure : comparison_figures())
    if (const std::string reason = reason_for(metrics, figure.key);
        !reason.empty() && !row.by_seed.back().contains(figure.key))
      row.reasons[figure.key] = reason;
  for (const ObjectResult& object : metrics.per_object) {
    for (const char* level : {"image", "pixel"})  // what other objects have
      if (const auto reason = object.reasons.find(std::string(level) + "_auroc");
          reason != object.reasons.end() && row.by_seed.back().contains(std::string(level) + "_acc"))
        row.notes.push_back(object.object + ": not in the means of " + level + " figures: " + reason->second);
    for (const std::string& note : object.notes) row.notes.push_back(object.object + ": " + note);
  }
  row.errors = errors_in(metrics.per_object);
}

ComparisonRow row_of(const ComparisonOptions& o, const Variant& variant,
                     const std::map<fs::path, std::string>& failures) {
  ComparisonRow row{.id = variant.name, .name = variant.label, .joint = variant.joint};
  for (const Figure& figure : comparison_figures()) row.figures[figure.key] = row.spread[figure.key] = std::nullopt;
  std::vector<Matrix> image, pixel;
  for (size_t seed = 0; seed < o.seeds.size(); ++seed) {
    const RunOptions run = run_of(o, variant, seed);
    if (const auto failure = failures.find(run.out); failure != failures.end()) {
      const std::string which = o.seeds.size() > 1 ? "seed " + std::to_string(o.seeds[seed]) + ": " : "";
      row.failed = which + failure->second;
      continue;
    }
    if (!finished(run)) continue;
    const RunFiles files{run.out};
    const RunMetrics metrics = read_metrics(files.metrics());
    row.seeds.push_back(o.seeds[seed]);
    row.by_seed.push_back(figures_of(metrics, files.model()));
    image.push_back(metrics.image_auroc);
    pixel.push_back(metrics.pixel_auroc);
    add_remarks(row, metrics);
  }
  if (row.seeds.empty()) return row;
  row.image_auroc = mean_matrix(image);
  row.pixel_auroc = mean_matrix(pixel);
  add_means(row);
  return row;
}

// Of each object a defective image that most galleries show, with every row's heatmap.
std::vector<PanelImage> panel_of(const ComparisonOptions& o) {
  std::vector<PanelImage> panel;
  std::map<std::array<std::string, 3>, size_t> place;  // by object, kind of defect and file
  std::set<std::string> shown;                         // objects
  for (const Variant& variant : o.variants) {
    const GalleryFiles files = RunFiles{run_of(o, variant, 0).out}.gallery();
    if (!fs::exists(files.index())) continue;
    const auto path = [&](const std::string& name) {
      return (files.folder.lexically_relative(o.out) / name).generic_string();
    };
    for (const GalleryItem& item : read_gallery(files).items) {
      const auto key = std::array{item.object, item.label_name, item.file};  // kinds of defects number their files anew
      if (!place.contains(key)) {
        if (!item.defect || !item.mask || !shown.insert(item.object).second) continue;
        place[key] = panel.size();
        panel.push_back({.object = item.object,
                         .file = item.file,
                         .label_name = item.label_name,
                         .input = path(item.input),
                         .mask = path(*item.mask)});
      }
      if (item.heat) panel[place[key]].heat[variant.name] = path(*item.heat);
    }
  }
  return panel;
}

}  // namespace

Comparison collect(const ComparisonOptions& o, const std::map<fs::path, std::string>& failures) {
  Comparison comparison{.stream = o.stream.steps, .profile = o.profile, .version = IUF_VERSION};
  for (const Variant& variant : o.variants) comparison.rows.push_back(row_of(o, variant, failures));
  comparison.panel = panel_of(o);
  return comparison;
}

std::vector<ComparisonObject> collect_objects(const ComparisonOptions& o,
                                              const std::map<fs::path, std::string>& failures) {
  std::vector<ComparisonObject> objects;
  for (const Variant& variant : o.variants)
    for (size_t seed = 0; seed < o.seeds.size(); ++seed) {
      const RunOptions run = run_of(o, variant, seed);
      if (failures.contains(run.out) || !finished(run)) continue;
      for (const ObjectResult& result : read_metrics(RunFiles{run.out}.metrics()).per_object) {
        const auto learned = std::ranges::find_if(
            run.stream.steps, [&](const auto& step) { return std::ranges::count(step, result.object); });
        objects.push_back({.name = variant.name,
                           .label = variant.label,
                           .seed = o.seeds[seed],
                           .step = learned - run.stream.steps.begin() + 1,
                           .result = result});
      }
    }
  return objects;
}

}  // namespace iuf
