#pragma once

#include <any>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <vector>

#include "iuf/settings/features.h"
#include "iuf/settings/loss.h"
#include "iuf/settings/metrics.h"
#include "iuf/settings/network.h"
#include "iuf/settings/retention.h"
#include "iuf/settings/score.h"
#include "iuf/settings/training.h"

namespace iuf {

/// Every choice that the paper leaves open, that the released code makes differently, or that this project adds, is one
/// named setting. A profile is a set of such values; nothing else distinguishes `paper`, `released` and `fast`.
///
/// Settings are made of parts, which are plain structs: fields with their defaults, the `group` that they are shown in,
///   void visit(const Fields& field)             a line for each field: name, rule, help
///   void check(const Settings& all) const       where fields must fit each other or those of other parts (optional)
/// Parts of one group are shown together, where the first of them comes.
/// A part says what some code reads: a method reads the settings of its parts and no others. Parts of several rooms
/// stand in this folder and are bases of Settings (`settings.blur`); what belongs to a method stands in the method's
/// own file (`settings.own<PadimSettings>()`).
struct SettingsPart {
  std::type_index type;  // of the struct
  std::string group;
  std::function<void(Settings&, const SeeSetting&)> visit;
  std::function<void(const Settings&)> check;
};
template <class Part>
SettingsPart settings_part();
/// The parts of these types: settings_parts<BackboneSettings, PadimSettings>().
template <class... Part>
std::vector<SettingsPart> settings_parts() {
  return {settings_part<Part>()...};
}

/// Parts side by side, their fields as the struct's own.
template <class... Part>
struct PartsTogether : Part... {
  static std::vector<SettingsPart> parts() { return settings_parts<Part...>(); }
};

struct Settings
    : PartsTogether<BackboneSettings, ImageSettings, ViewSettings, FeatureSettings, NetworkSettings,
                    DiscriminatorSettings, NeighbourMaskSettings, ExternalKeySettings, ReconstructionLossSettings,
                    ClassificationLossSettings, CompressionSettings, TrainingSettings, SeedSettings, RetentionSettings,
                    ScoreSettings, LocalSettings, RidgeSettings, ObjectSettings, PoolingSettings, BlurSettings,
                    ThresholdSettings, MetricsSettings> {
  /// A method's part; with its defaults as long as nobody changed it.
  template <class Part>
  Part& own() {
    static_assert(!std::is_base_of_v<Part, Settings>, "a part of all methods: its fields are the settings' own");
    std::any& stored = own_[typeid(Part)];
    if (!stored.has_value()) stored = Part();
    return *std::any_cast<Part>(&stored);
  }
  template <class Part>
  const Part& own() const {
    static_assert(!std::is_base_of_v<Part, Settings>, "a part of all methods: its fields are the settings' own");
    static const Part defaults;
    const auto stored = own_.find(typeid(Part));
    return stored == own_.end() ? defaults : *std::any_cast<Part>(&stored->second);
  }

 private:
  std::map<std::type_index, std::any> own_;
};

/// `fast` (the default), `paper`, `released`. Throws Error listing them for any other name.
Settings profile(std::string_view name);
std::vector<std::string> profile_names();

/// The parts that methods have besides those of Settings, each once (learn/method.cpp takes them from the registry).
std::vector<SettingsPart> method_parts();
/// Every setting, the methods' among them, in the order of flags and help. What `see` is shown of constant settings
/// must not be changed, and not be kept.
void visit_settings(Settings& settings, const SeeSetting& see);
void visit_settings(const Settings& settings, const SeeSetting& see);

nlohmann::json to_json(const Settings& settings);
/// Starts from `base`; unknown keys and wrong types are an Error naming the key and `source`. Ranges are left to
/// check(), once the method has adjusted the settings.
Settings settings_from_json(const nlohmann::json& json, const Settings& base, const std::string& source);
/// Sets one setting by its name. Throws Error for an unknown name or a value of another kind.
void set(Settings& settings, const std::string& name, const nlohmann::json& value);
/// Throws Error naming the setting when values are out of range or do not fit together.
void check(const Settings& settings);

template <class Part>
SettingsPart settings_part() {
  const auto of = [](auto& settings) -> auto& {
    using Own = std::conditional_t<std::is_const_v<std::remove_reference_t<decltype(settings)>>, const Part, Part>;
    if constexpr (std::is_base_of_v<Part, Settings>) {
      return static_cast<Own&>(settings);
    } else {
      return settings.template own<Part>();
    }
  };
  SettingsPart part{.type = typeid(Part),
                    .group = Part::group,
                    .visit = [of](Settings& all, const SeeSetting& see) { of(all).visit(Fields(Part::group, see)); },
                    .check = [](const Settings&) {}};
  if constexpr (requires(const Part& p, const Settings& all) { p.check(all); })
    part.check = [of](const Settings& all) { of(all).check(all); };
  return part;
}

}  // namespace iuf
