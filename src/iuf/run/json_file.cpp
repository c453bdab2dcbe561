#include "iuf/run/json_file.h"

namespace iuf {

using json = nlohmann::json;

json optional_json(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

json matrix_json(const StepMatrix& matrix) {
  json rows = json::array();
  for (const auto& row : matrix.value) {
    rows.push_back(json::array());
    for (const auto& value : row) rows.back().push_back(optional_json(value));
  }
  return rows;
}

json summary_json(const StepMatrix& image, const StepMatrix& pixel) {
  const StepSummary i = summarise(image), p = summarise(pixel);
  return {{"image_acc", optional_json(i.acc.value)}, {"pixel_acc", optional_json(p.acc.value)},
          {"image_fm", optional_json(i.fm.value)},   {"pixel_fm", optional_json(p.fm.value)},
          {"image_bwt", optional_json(i.bwt.value)}, {"pixel_bwt", optional_json(p.bwt.value)}};
}

json object_json(const ObjectEvaluation& e) {
  return {{"object", e.object},
          {"image_auroc", optional_json(e.image.auroc)},
          {"image_ap", optional_json(e.image.average_precision)},
          {"image_f1_max", optional_json(e.image.f1_max)},
          {"pixel_auroc", optional_json(e.pixel.auroc)},
          {"pixel_ap", optional_json(e.pixel.average_precision)},
          {"pixel_f1_max", optional_json(e.pixel.f1_max)},
          {"aupro", optional_json(e.aupro)},
          {"test_normal", e.normal},
          {"test_defect", e.defects},
          {"false_alarms", e.alarms ? json(*e.alarms) : json()},
          {"defects_found", e.found ? json(*e.found) : json()},
          {"recognised", optional_json(e.recognised)}};
}

}  // namespace iuf
