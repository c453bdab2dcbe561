#include "iuf/settings/settings.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace iuf {
namespace {

// Group by group, in the order in which the first part of each comes: those of Settings, then the methods'.
const std::vector<SettingsPart>& all_parts() {
  static const std::vector<SettingsPart> all = [] {
    std::vector<SettingsPart> parts = Settings::parts();
    for (const SettingsPart& own : method_parts()) parts.push_back(own);
    std::vector<std::string> groups;
    for (const SettingsPart& part : parts) groups.push_back(part.group);
    const auto place = [&](const SettingsPart& part) { return std::ranges::find(groups, part.group); };
    std::ranges::stable_sort(parts, {}, place);
    return parts;
  }();
  return all;
}

}  // namespace

void FeatureSettings::check(const Settings& all) const {
  if (grid > all.image_size / 2)
    fail("setting 'grid': from 1 to half the image size, ", all.image_size / 2, ", not ", grid);
}

void NetworkSettings::check(const Settings& all) const {
  if (hidden % heads != 0) fail("setting 'heads': must divide hidden, ", hidden, ", which ", heads, " does not");
  if (!all.oasa) return;
  if (hidden % 4 != 0)
    fail("setting 'hidden': a multiple of 4 with oasa (the discriminator has 4 heads), not ", hidden);
  if (encoder_layers > 4)
    fail("setting 'encoder-layers': from 1 to 4 with oasa (one per block of the discriminator), not ", encoder_layers);
}

int64_t largest_neighbour_mask(int64_t grid) {
  const int64_t half = grid / 2 - 1;  // the centre reaches grid / 2 positions to its farther side
  return half >= 0 ? 2 * half + 1 : 0;
}

void NeighbourMaskSettings::check(const Settings& all) const {
  if (neighbour_mask == 0) return;
  if (neighbour_mask < 0 || neighbour_mask % 2 == 0 || neighbour_mask > largest_neighbour_mask(all.grid))
    fail("setting 'neighbour-mask': 0, or an odd number so small that the centre of the grid of ", all.grid,
         " still sees something (half the grid is a good choice), not ", neighbour_mask);
}

void ObjectSettings::check(const Settings& all) const {
  if (!all.oasa && object != ObjectChoice::best_fit)
    fail("setting 'object': best-fit without oasa: there is no classifier then");
}

MetricsSize metrics_size_of(const std::string& text) {
  if (text == "photograph") return {.kind = MetricsSize::Kind::photograph};
  if (text == "published") return {.kind = MetricsSize::Kind::published};
  int64_t side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  if (error != std::errc() || end != text.data() + text.size() || side < 1 || side > kLargestMetricsGrid)
    fail("setting 'metrics-size': photograph, published or a number from 1 to ", kLargestMetricsGrid, ", not '", text,
         "'");
  return {.kind = MetricsSize::Kind::grid, .side = side};
}

void MetricsSettings::check(const Settings&) const {
  metrics_size_of(metrics_size);
}

void visit_settings(Settings& settings, const SeeSetting& see) {
  for (const SettingsPart& part : all_parts()) part.visit(settings, see);
}

void visit_settings(const Settings& settings, const SeeSetting& see) {
  Settings copy = settings;
  visit_settings(copy, see);
}

nlohmann::json to_json(const Settings& settings) {
  nlohmann::json json = nlohmann::json::object();
  visit_settings(settings, [&](const Setting& setting) { json[setting.name] = json_of(setting); });
  return json;
}

Settings settings_from_json(const nlohmann::json& json, const Settings& base, const std::string& source) {
  if (!json.is_object()) fail(source, ": settings must be a JSON object");
  Settings settings = base;
  size_t used = 0;
  visit_settings(settings, [&](const Setting& setting) {
    const auto found = json.find(setting.name);
    if (found == json.end()) return;
    ++used;
    assign(setting, *found, source);
  });
  if (used != json.size()) {
    const nlohmann::json known = to_json(settings);
    for (const auto& [key, value] : json.items())
      if (!known.contains(key)) fail(source, ": unknown setting '", key, "'");
  }
  return settings;
}

void set(Settings& settings, const std::string& name, const nlohmann::json& value) {
  settings = settings_from_json({{name, value}}, settings, "settings");
}

void check(const Settings& settings) {
  visit_settings(settings, [](const Setting& setting) { check(setting); });
  for (const SettingsPart& part : all_parts()) part.check(settings);
}

}  // namespace iuf
