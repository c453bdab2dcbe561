#include "iuf/learn/method.h"

#include <algorithm>

#include "iuf/data/json_fields.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

bool holds(const std::vector<SettingsPart>& parts, const std::string& name) {
  Settings settings;
  bool found = false;
  for (const SettingsPart& part : parts)
    part.visit(settings, [&](const Setting& setting) { found = found || setting.name == name; });
  return found;
}

}  // namespace

std::vector<TrainingImage> images_of(const StepData& data, size_t n) {
  std::vector<TrainingImage> images;
  for (const auto* some : {&data.images, &data.held_out})
    for (const TrainingImage& image : *some)
      if (image.object == data.first_object + static_cast<int64_t>(n)) images.push_back(image);
  if (images.empty()) fail("step ", data.step, ": no normal images of '", data.names.at(n), "'");
  return images;
}

std::vector<int64_t> folds_of(const std::vector<TrainingImage>& images) {
  std::vector<int64_t> folds;
  for (const TrainingImage& image : images) folds.push_back(image.fold);
  return folds;
}

std::string Method::cannot_update(int64_t) const {
  return "it keeps nothing that more images could join";
}

void Method::update(const StepData& data, const StepContext&) {
  fail("object number ", data.first_object, " cannot be updated: ", cannot_update(data.first_object));
}

std::string Method::cannot_remove(int64_t) const {
  return "what it keeps is of all objects together";
}

void Method::remove(int64_t object) {
  fail("object number ", object, " cannot be removed: ", cannot_remove(object));
}

int64_t stored_count(const TensorFile& file, const nlohmann::json& value, const std::string& key) {
  constexpr int64_t kMost = int64_t{1} << 40;
  const JsonOrigin origin{file.path(), "damaged model"};
  const int64_t count = JsonNode(value.is_object() ? value.at(key) : value, origin, key).integer();
  if (count < 1 || count > kMost) fail(file.path(), ": damaged model: ", key, ": ", count, " is no count");
  return count;
}

int64_t stored_first(const TensorFile& file, const nlohmann::json& meta, int64_t objects) {
  if (!meta.contains("first")) return objects - 1;
  const JsonOrigin origin{file.path(), "damaged model"};
  const int64_t first = JsonNode(meta.at("first"), origin, "first").integer();
  if (first < 0 || first >= objects) fail(file.path(), ": damaged model: first: object ", first, " of ", objects);
  return first;
}

const MethodInfo& method_info(const std::string& name) {
  for (const MethodInfo& info : known_methods())
    if (info.name == name) return info;
  fail("unknown method '", name, "'; there are: ", joined(method_names()));
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const MethodInfo& info : known_methods()) names.push_back(info.name);
  return names;
}

bool reads(const MethodInfo& method, const std::string& name) {
  static const std::vector<SettingsPart> always =
      settings_parts<ImageSettings, SeedSettings, ThresholdSettings, MetricsSettings>();
  return holds(always, name) || holds(method.parts.empty() ? Settings::parts() : method.parts, name);
}

bool looks_deep(const MethodInfo& method, const Settings& settings) {
  const std::vector<View> views = settings.chosen_views();
  const auto deep = [](View view) { return view == View::deep || view == View::whole; };
  return reads(method, "views") && std::ranges::any_of(views, deep) &&
         (!reads(method, "local") || (settings.score == ScoreKind::fused && settings.local == LocalKind::surroundings));
}

std::vector<SettingsPart> method_parts() {
  std::vector<SettingsPart> own;
  const auto among = [](const std::vector<SettingsPart>& parts, const SettingsPart& part) {
    return std::ranges::find(parts, part.type, &SettingsPart::type) != parts.end();
  };
  for (const MethodInfo& method : known_methods())
    for (const SettingsPart& part : method.parts)
      if (!among(Settings::parts(), part) && !among(own, part)) own.push_back(part);
  return own;
}

Settings starting_settings(const std::string& profile_name, const std::string& method) {
  Settings settings = profile(profile_name);
  method_info(method).defaults(settings);
  return settings;
}

}  // namespace iuf
