#include "iuf/run/step_result.h"

#include <algorithm>
#include <utility>

namespace iuf {
namespace {

constexpr std::pair<const char*, const char*> kFigures[] = {  // by key: as remarks call them
    {"image_auroc", "image AUROC"},
    {"image_ap", "image AP"},
    {"image_f1_max", "image F1-max"},
    {"pixel_auroc", "pixel AUROC"},
    {"pixel_ap", "pixel AP"},
    {"pixel_f1_max", "pixel F1-max"},
    {"aupro", "AUPRO"},
    {"false_alarms", "false alarms"},
    {"defects_found", "defects found"},
    {"recognised", "recognised"},
    {"threshold", "threshold"}};

std::string listed(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : ", ") + one;
  return text;
}

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

std::vector<std::string> remarks_on(const std::vector<ObjectResult>& objects) {
  struct Remark {
    std::string text;
    std::vector<std::string> objects = {};
  };
  std::vector<Remark> remarks;  // what holds for several objects is said once
  const auto add = [&](const std::string& object, const std::string& text) {
    auto found = std::ranges::find(remarks, text, &Remark::text);
    if (found == remarks.end()) found = remarks.insert(remarks.end(), {text});
    found->objects.push_back(object);
  };
  for (const ObjectResult& object : objects) {
    std::vector<std::pair<std::string, std::vector<std::string>>> reasons;  // each with its figures
    for (const auto& [key, name] : kFigures)
      if (const auto reason = object.reasons.find(key); reason != object.reasons.end()) {
        auto same = std::ranges::find(reasons, reason->second, [](const auto& r) { return r.first; });
        if (same == reasons.end()) same = reasons.insert(reasons.end(), {reason->second, {}});
        same->second.emplace_back(name);
      }
    for (const auto& [reason, figures] : reasons) add(object.object, listed(figures) + " n/a: " + reason);
    for (const std::string& note : object.notes) add(object.object, note);
  }
  std::vector<std::string> lines;
  for (const Remark& remark : remarks) lines.push_back(listed(remark.objects) + ": " + remark.text);
  return lines;
}

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
