#include "apps/settings_flags.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace iuf {
namespace {

// A flag whose value is one of a few names.
CLI::Option* choice(CLI::App& app, const std::string& flag, const std::vector<std::string>& names, const std::string& help,
                    const std::function<void(const std::string&)>& set) {
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : "|") + name;
  return app.add_option_function<std::string>(flag, set, help)->check(CLI::IsMember(names).description(""))->type_name(listed);
}

}  // namespace

SettingsFlags::SettingsFlags(CLI::App& app) {
  const nlohmann::json defaults = to_json(given_);
  visit_settings(given_, [&](const char* group, const char* name, auto& value, const char* help) {
    using Value = std::decay_t<decltype(value)>;
    const std::string flag = std::string("--") + name;
    CLI::Option* option = nullptr;
    if constexpr (std::is_enum_v<Value>) {
      std::vector<std::string> names;
      for (const auto& [spelled, v] : Names<Value>::all()) names.push_back(spelled);
      option = choice(app, flag, names, help, [&value](const std::string& text) {
        for (const auto& [spelled, v] : Names<Value>::all())
          if (spelled == text) value = v;
      });
    } else if constexpr (std::is_same_v<Value, bool>) {
      option = choice(app, flag, {"true", "false"}, help, [&value](const std::string& text) { value = text == "true"; });
    } else {
      option = app.add_option(flag, value, help)->type_name(std::is_integral_v<Value> ? "N" : std::is_floating_point_v<Value> ? "X" : "NAME");
    }
    const nlohmann::json& fallback = defaults.at(name);
    option->group(group)->default_str(fallback.is_string() ? fallback.get<std::string>() : fallback.dump());
    options_.push_back(option);
  });
}

Settings SettingsFlags::over(const Settings& base) const {
  const nlohmann::json all = to_json(given_);
  nlohmann::json given = nlohmann::json::object();
  for (const CLI::Option* option : options_)
    if (const std::string& name = option->get_lnames().front(); option->count() > 0) given[name] = all.at(name);
  return settings_from_json(given, base, "flags");
}

bool SettingsFlags::given() const {
  return std::ranges::any_of(options_, [](const CLI::Option* option) { return option->count() > 0; });
}

void SettingsFlags::fill(const Settings& effective) {
  const nlohmann::json all = to_json(effective);
  for (CLI::Option* option : options_) {
    const nlohmann::json& value = all.at(option->get_lnames().front());
    option->clear();
    option->add_result(value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace iuf
