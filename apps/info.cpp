#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/flag_values.h"
#include "apps/info_json.h"
#include "apps/table.h"
#include "iuf/features/published_weights.h"
#include "iuf/learn/model_versions.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/run_files.h"
#include "iuf/run/step_result.h"
#include "iuf/run/text.h"
#include "tensor/error.h"

namespace iuf {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return shape.empty() ? "scalar" : text;
}

int64_t elements(const StoredTensor& tensor) {
  int64_t count = 1;
  for (const int64_t n : tensor.shape) count *= n;
  return count;
}

std::string backbones_text() {
  std::vector<std::vector<std::string>> rows = {{"backbone", "native size", "channels", "weights"}};
  for (const BackboneInfo& info : known_backbones()) {
    int64_t channels = 0;
    for (const int64_t n : info.channels) channels += n;
    rows.push_back({info.name, std::to_string(info.native_size), std::to_string(channels), info.weights_hint});
  }
  return text_table(rows);
}

void print_model(const std::filesystem::path& path, const TensorFile& file, const Progress& progress) {
  const Model model = Model::load(path, progress);
  std::cout << "model of method " << model.method_name() << ", profile " << model.profile() << ", backbone "
            << model.settings().backbone << ", " << model.steps() << (model.steps() == 1 ? " step, " : " steps, ")
            << "version " << model.version() << ", " << std::filesystem::file_size(path) << " bytes\n\n";
  std::vector<std::vector<std::string>> rows = {
      {"object", "step", "threshold", "learned from", "normal scores", "asked", "false alarms to expect"}};
  bool ignores = false;
  for (size_t n = 0; n < model.objects().size(); ++n) ignores = ignores || model.ignored(n);
  if (ignores) rows[0].emplace_back("ignored");
  for (size_t n = 0; n < model.objects().size(); ++n) {
    const ObjectRecord& o = model.objects()[n];
    const std::string asked = o.false_alarms ? trimmed_text(100 * *o.false_alarms, 3) + " %" : "n/a";
    rows.push_back({o.name, std::to_string(o.step + 1), o.threshold ? number_text(o.threshold) : "none",
                    std::to_string(o.train_images), std::to_string(o.scores.size()), asked,
                    expected_false_alarms(o) + (is_extrapolated(o) ? ", extrapolated" : "")});
    if (ignores) rows.back().push_back(model.ignored(n) ? trimmed_text(100 * model.ignored(n)->share(), 3) + " %" : "");
  }
  std::cout << text_table(rows) << "\n";
  if (!model.history().empty()) {
    const std::string matrix = matrix_text(history_matrix(model, Level::image), history_matrix(model, Level::pixel));
    std::cout << matrix << (matrix.find("n/a") == std::string::npos ? "" : "n/a: `iuf eval` on the data says why\n")
              << "\n";
  }

  std::map<std::string, std::pair<int64_t, size_t>> parts;  // elements and bytes by the first part of the name
  for (const std::string& name : file.names()) {
    auto& [count, bytes] = parts[name.substr(0, name.find('.'))];
    count += elements(file.at(name));
    bytes += file.at(name).bytes.size();
  }
  rows = {{"part", "numbers", "bytes"}};
  for (const auto& [name, size] : parts)
    rows.push_back({name, std::to_string(size.first), std::to_string(size.second)});
  std::cout << text_table(rows) << "\nsettings\n";
  std::string group;
  visit_settings(model.settings(), [&](const Setting& setting) {
    if (group != setting.group) std::cout << (group.empty() ? "" : "\n") << "  " << setting.group << ":";
    group = setting.group;
    const nlohmann::json value = json_of(setting);
    std::cout << " " << setting.name << "=" << (value.is_string() ? value.get<std::string>() : value.dump());
  });
  std::cout << "\n";
}

void print_weights(const TensorFile& file) {
  std::vector<std::vector<std::string>> rows = {{"tensor", "type", "shape"}};
  int64_t count = 0;
  size_t bytes = 0;
  for (const std::string& name : file.names()) {
    const StoredTensor& tensor = file.at(name);
    rows.push_back({name, std::string(name_of(tensor.dtype)), shape_text(tensor.shape)});
    count += elements(tensor);
    bytes += tensor.bytes.size();
  }
  std::cout << text_table(rows) << "\n"
            << file.names().size() << " tensors, " << count << " numbers, " << bytes << " bytes\n";
  for (const auto& [key, value] : file.metadata()) std::cout << "metadata " << key << " = " << value << "\n";
}

struct InfoFlags {
  std::filesystem::path file;
  bool backbones = false, json = false;
};

int info(const InfoFlags& f, ProgressLine& progress) {
  if (f.file.empty() && !f.backbones) throw UsageError("info: name a file, or ask for --backbones");
  nlohmann::json json = nlohmann::json::object();
  if (f.backbones && f.json) json["backbones"] = backbones_json();
  if (f.backbones && !f.json) std::cout << backbones_text();
  if (!f.file.empty()) {
    const std::filesystem::path path = model_path(f.file);
    const TensorFile file = [&] {
      try {
        return read_published_weights(path).tensors;
      } catch (const Error& e) {
        fail(e.what(), predecessor_advice(path));
      }
    }();
    if (f.json) {
      json.update(is_model(file) ? model_json(path, file, std::ref(progress)) : weights_json(file));
    } else if (is_model(file)) {
      print_model(path, file, std::ref(progress));
    } else {
      print_weights(file);
    }
  }
  // Names in foreign files may be no UTF-8.
  if (f.json) std::cout << json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  return 0;
}

}  // namespace

Action info_command(CLI::App& app) {
  auto f = std::make_shared<InfoFlags>();
  app.add_option("file", f->file, "a model, a run's folder, or weights: .safetensors, .pth")->type_name("FILE");
  app.add_flag("--backbones", f->backbones, "list the feature extractors and which weights they need");
  app.add_flag("--json", f->json, "print JSON instead of tables");
  app.footer(
      "JSON of a model: kind \"model\", method, profile, backbone, steps, version, bytes, objects, image_auroc, "
      "pixel_auroc, "
      "settings, tensors. An\n"
      "object has its name, the step that learned it (from 1), images, normal_scores (how many), threshold, "
      "false_alarms_asked,\n"
      "false_alarms_expected: share, low and high (95 % of the time between them), at_most, extrapolated; and ignored, "
      "the share of its\n"
      "images that is left out; null is not known. JSON of weights: kind \"weights\", tensors (name, dtype, shape, "
      "bytes), metadata.");
  return [f](ProgressLine& progress) { return info(*f, progress); };
}

}  // namespace iuf
