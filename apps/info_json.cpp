#include "apps/info_json.h"

#include <nlohmann/json.hpp>

#include "iuf/data/json_fields.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/stats/conformal.h"

namespace iuf {
namespace {

nlohmann::json tensors_json(const TensorFile& file) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const std::string& name : file.names()) {
    const StoredTensor& tensor = file.at(name);
    tensors.push_back(
        {{"name", name}, {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"bytes", tensor.bytes.size()}});
  }
  return tensors;
}

nlohmann::json object_json(const ObjectRecord& o) {
  nlohmann::json json = {{"name", o.name},
                         {"step", o.step + 1},
                         {"images", o.train_images},
                         {"normal_scores", o.scores.size()},
                         {"threshold", nullptr},
                         {"false_alarms_asked", nullptr},
                         {"false_alarms_expected", nullptr}};
  if (o.threshold) json["threshold"] = *o.threshold;
  if (o.false_alarms) json["false_alarms_asked"] = *o.false_alarms;
  if (!o.threshold || o.scores.empty()) return json;
  const AlarmRate rate = alarm_rate(o.scores, *o.threshold);
  json["false_alarms_expected"] = {{"share", rate.expected},
                                   {"low", rate.low},
                                   {"high", rate.high},
                                   {"at_most", *o.threshold > o.scores.back()},
                                   {"extrapolated", is_extrapolated(o)}};
  return json;
}

}  // namespace

nlohmann::json backbones_json() {
  nlohmann::json backbones = nlohmann::json::array();
  for (const BackboneInfo& info : known_backbones())
    backbones.push_back({{"name", info.name},
                         {"native_size", info.native_size},
                         {"channels", info.channels},
                         {"weights", info.weights_hint}});
  return backbones;
}

nlohmann::json model_json(const std::filesystem::path& path, const TensorFile& file, const Progress& progress) {
  const Model model = Model::load(path, progress);
  nlohmann::json json = {{"kind", "model"},
                         {"method", model.method_name()},
                         {"profile", model.profile()},
                         {"backbone", model.settings().backbone},
                         {"steps", model.steps()},
                         {"version", model.version()},
                         {"bytes", std::filesystem::file_size(path)},
                         {"objects", nlohmann::json::array()},
                         {"image_auroc", nlohmann::json::array()},
                         {"pixel_auroc", nlohmann::json::array()},
                         {"settings", to_json(model.settings())},
                         {"tensors", tensors_json(file)}};
  for (size_t o = 0; o < model.objects().size(); ++o) {
    json["objects"].push_back(object_json(model.objects()[o]));
    json["objects"].back()["ignored"] = model.ignored(o) ? model.ignored(o)->share() : 0;
  }
  for (const StepRecord& step : model.history()) {
    const nlohmann::json measured = to_json(step);
    for (const char* key : {"image_auroc", "pixel_auroc"}) json[key].push_back(measured.at(key));
  }
  return json;
}

nlohmann::json weights_json(const TensorFile& file) {
  return {{"kind", "weights"}, {"tensors", tensors_json(file)}, {"metadata", file.metadata()}};
}

}  // namespace iuf
