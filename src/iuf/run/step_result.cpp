#include "iuf/run/step_result.h"

namespace iuf {
namespace {

Stream stream_of(const Model& model) {
  Stream stream;
  for (const ObjectRecord& object : model.objects()) {
    if (static_cast<size_t>(object.step) >= stream.steps.size())
      stream.steps.resize(static_cast<size_t>(object.step) + 1);
    stream.steps[static_cast<size_t>(object.step)].push_back(object.name);
  }
  return stream;
}

}  // namespace

int64_t errors_in(const std::vector<ObjectResult>& objects) {
  int64_t errors = 0;
  for (const ObjectResult& object : objects) errors += object.errors;
  return errors;
}

StepRecord record_of(const std::vector<ObjectResult>& per_object) {
  StepRecord record;
  for (const ObjectResult& object : per_object) {
    record.image_auroc.push_back(object.image.auroc);
    record.pixel_auroc.push_back(object.pixel.auroc);
  }
  return record;
}

StepMatrix matrix_of(const Stream& stream, const std::vector<StepRecord>& history, Level level) {
  StepMatrix matrix(stream);
  for (size_t s = 0; s < history.size() && s < matrix.value.size(); ++s) {
    const auto& row = level == Level::pixel ? history[s].pixel_auroc : history[s].image_auroc;
    for (size_t o = 0; o < row.size() && o < matrix.objects.size(); ++o) matrix.value[s][o] = row[o];
  }
  return matrix;
}

StepMatrix history_matrix(const Model& model, Level level) {
  return matrix_of(stream_of(model), model.history(), level);
}

}  // namespace iuf
