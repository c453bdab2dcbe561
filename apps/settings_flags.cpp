#include "apps/settings_flags.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/flag_values.h"
#include "apps/flags.h"
#include "iuf/learn/method.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// The flag of a setting, by the kind of its value.
struct Flag {
  CLI::App& app;
  const std::string setting, name, help;
  const Rule rule;

  CLI::Option* operator()(bool* value) const {
    return add_choice(app, name, {"true", "false"}, help,
                      [value](const std::string& text) { *value = text == "true"; });
  }
  CLI::Option* operator()(int64_t* value) const {
    return app.add_option(name, *value, help)->type_name("N")->check(within(rule));
  }
  CLI::Option* operator()(double* value) const {
    CLI::Option* option = app.add_option(name, *value, help)->type_name("X")->check(within(rule));
    return rule.is_share ? option->transform(without_percent) : option;
  }
  CLI::Option* operator()(std::string* value) const {
    const auto accept = [setting = setting](const std::string& text) {
      Settings settings;
      set(settings, setting, text);
      check(settings);
    };
    return app.add_option(name, *value, help)->type_name("NAME")->check(accepted_by(accept));
  }
  CLI::Option* operator()(const Choice& value) const { return add_choice(app, name, value, help); }
};

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

SettingsFlags::SettingsFlags(CLI::App& app, const std::string& shown_profile) : given_(profile(shown_profile)) {
  visit_settings(given_, [&](const Setting& setting) {
    const std::string between = setting.help.empty() || setting.rule.text.empty() ? "" : "; ";
    const Flag flag{app, setting.name, "--" + setting.name, setting.help + between + setting.rule.text, setting.rule};
    options_.push_back(std::visit(flag, setting.value)->group(setting.group)->default_str(text_of(json_of(setting))));
  });
}

Settings SettingsFlags::over(const Settings& base) const {
  const nlohmann::json all = to_json(given_);
  nlohmann::json given = nlohmann::json::object();
  for (const CLI::Option* option : options_)
    if (const std::string& name = option->get_lnames().front(); option->count() > 0) given[name] = all.at(name);
  return settings_from_json(given, base, "flags");
}

Settings SettingsFlags::adjusted(const Settings& base, const std::string& method) const {
  const Settings wanted = over(base);
  Settings settings = wanted;
  method_info(method).adjust(settings);
  const nlohmann::json before = to_json(wanted), after = to_json(settings);
  for (const CLI::Option* option : options_)
    if (const std::string& name = option->get_lnames().front();
        option->count() > 0 && before.at(name) != after.at(name))
      throw UsageError("method '" + method + "' sets " + name + " to " + text_of(after.at(name)) + ", not " +
                       text_of(before.at(name)) + "; leave --" + name + " out or choose another method");
  return settings;
}

std::vector<std::string> SettingsFlags::unread(const Settings& base, const std::string& method) const {
  const MethodInfo& info = method_info(method);
  Settings start = base;
  info.adjust(start);
  const nlohmann::json before = to_json(start), wanted = to_json(over(base));
  std::vector<std::string> names;
  for (const CLI::Option* option : options_)
    if (const std::string& name = option->get_lnames().front();
        option->count() > 0 && before.at(name) != wanted.at(name) && !reads(info, name))
      names.push_back(name);
  return names;
}

bool SettingsFlags::given() const {
  return std::ranges::any_of(options_, [](const CLI::Option* option) { return option->count() > 0; });
}

void SettingsFlags::fill(const Settings& effective) {
  const nlohmann::json all = to_json(effective);
  for (CLI::Option* option : options_) {
    option->clear();
    option->add_result(text_of(all.at(option->get_lnames().front())));
  }
}

}  // namespace iuf
