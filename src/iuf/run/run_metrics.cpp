#include "iuf/run/run_metrics.h"

#include <algorithm>

#include "iuf/data/json_fields.h"
#include "tensor/error.h"

namespace iuf {
namespace {

const std::string kNothingBefore = "nothing was learned before the last step";

std::string at(const char* key, size_t index) {
  return std::string(key) + "[" + std::to_string(index) + "]";
}

// Every object is in one step.
void check_steps(const RunMetrics& m, const std::string& place) {
  std::vector<std::string> learned;
  for (size_t i = 0; i < m.objects.size(); ++i)
    if (std::find(m.objects.begin(), m.objects.begin() + static_cast<std::ptrdiff_t>(i), m.objects[i]) !=
        m.objects.begin() + static_cast<std::ptrdiff_t>(i))
      fail(place, at("objects", i), ": '", m.objects[i], "' comes twice");
  for (size_t s = 0; s < m.steps.size(); ++s)
    for (size_t i = 0; i < m.steps[s].size(); ++i) {
      const std::string& object = m.steps[s][i];
      const std::string key = at("steps", s) + at("", i);
      if (std::ranges::find(m.objects, object) == m.objects.end())
        fail(place, key, ": '", object, "' is none of the objects in this file");
      if (std::ranges::find(learned, object) != learned.end()) fail(place, key, ": '", object, "' is learned twice");
      learned.push_back(object);
    }
  for (size_t i = 0; i < m.objects.size(); ++i)
    if (std::ranges::find(learned, m.objects[i]) == learned.end())
      fail(place, at("objects", i), ": '", m.objects[i], "' is in no step");
}

void check_matrix(const std::vector<std::vector<std::optional<double>>>& rows, size_t steps, size_t objects,
                  const char* key, const std::string& place) {
  if (rows.size() != steps) fail(place, key, ": has ", rows.size(), " entries, ", steps, " are expected");
  for (size_t s = 0; s < steps; ++s)
    if (rows[s].size() != objects)
      fail(place, at(key, s), ": has ", rows[s].size(), " entries, ", objects, " are expected");
}

Summary summary_of(const StepMatrix& image, const StepMatrix& pixel) {
  const StepSummary i = summarise(image), p = summarise(pixel);
  Summary summary{.image_acc = i.acc.value,
                  .pixel_acc = p.acc.value,
                  .image_fm = i.fm.value,
                  .pixel_fm = p.fm.value,
                  .image_bwt = i.bwt.value,
                  .pixel_bwt = p.bwt.value};
  const auto why = [&](const char* key, const ObjectMean& mean, const std::string& level) {
    if (mean.value) return;
    summary.reasons[key] =
        mean.left_out == 0 ? kNothingBefore : "no object has the " + level + " AUROC that it needs; see per_object";
  };
  why("image_acc", i.acc, "image");
  why("pixel_acc", p.acc, "pixel");
  why("image_fm", i.fm, "image");
  why("pixel_fm", p.fm, "pixel");
  why("image_bwt", i.bwt, "image");
  why("pixel_bwt", p.bwt, "pixel");
  return summary;
}

}  // namespace

Measured measured(const StepMatrix& image, const StepMatrix& pixel, const std::vector<ObjectResult>& per_object) {
  return {.objects = image.objects,
          .image_auroc = image.value,
          .pixel_auroc = pixel.value,
          .summary = summary_of(image, pixel),
          .per_object = per_object};
}

std::string reason_for(const Measured& metrics, const std::string& key) {
  const auto summary = metrics.summary.reasons.find(key);
  const std::string own = summary == metrics.summary.reasons.end() ? "" : summary->second;
  if (own == kNothingBefore) return own;
  const std::string object_key = own.empty() ? key : key.starts_with("pixel") ? "pixel_auroc" : "image_auroc";
  for (const ObjectResult& object : metrics.per_object)
    if (const auto reason = object.reasons.find(object_key); reason != object.reasons.end())
      return object.object + ": " + reason->second;
  return own;
}

RunMetrics read_metrics(const std::filesystem::path& path) {
  const auto m = read_json_file<RunMetrics>(path);
  const std::string place = path.string() + ": damaged JSON: ";
  check_steps(m, place);
  check_matrix(m.image_auroc, m.steps.size(), m.objects.size(), "image_auroc", place);
  check_matrix(m.pixel_auroc, m.steps.size(), m.objects.size(), "pixel_auroc", place);
  for (size_t i = 0; i < m.per_object.size(); ++i)
    if (std::ranges::find(m.objects, m.per_object[i].object) == m.objects.end())
      fail(place, at("per_object", i), ".object: '", m.per_object[i].object, "' is none of the objects in this file");
  return m;
}

StepMatrix step_matrix(const RunMetrics& metrics, Level level) {
  StepMatrix matrix;
  matrix.objects = metrics.objects;
  matrix.value = level == Level::pixel ? metrics.pixel_auroc : metrics.image_auroc;
  for (const std::string& object : matrix.objects)
    for (size_t s = 0; s < metrics.steps.size(); ++s)
      if (std::ranges::find(metrics.steps[s], object) != metrics.steps[s].end()) matrix.learned.push_back(s);
  return matrix;
}

}  // namespace iuf
