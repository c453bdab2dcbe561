#pragma once

#include <CLI/CLI.hpp>
#include <vector>

#include "iuf/settings/settings.h"

namespace iuf {

/// One flag for every setting of visit_settings(), by its name, in its group, with its rule. The defaults that the help
/// shows are those of a profile.
class SettingsFlags {
 public:
  explicit SettingsFlags(CLI::App& app, const std::string& shown_profile = "fast");
  SettingsFlags(const SettingsFlags&) = delete;
  SettingsFlags& operator=(const SettingsFlags&) = delete;

  /// `base` with the settings that were given, by flag or configuration file. Whether they fit each other is left to
  /// check(), once the method has adjusted the settings.
  Settings over(const Settings& base) const;
  /// The same as the method adjusts it. A given setting that the method sets to another value is a UsageError that
  /// names both.
  Settings adjusted(const Settings& base, const std::string& method) const;
  /// Names of the settings that the method does not read and that were given otherwise than it starts with: `base` as
  /// it adjusts it.
  std::vector<std::string> unread(const Settings& base, const std::string& method) const;
  /// Whether any was given.
  bool given() const;
  /// Makes every flag hold its effective value, as if it had been given: so that the configuration that is stored with
  /// a run says everything.
  void fill(const Settings& effective);

 private:
  Settings given_;
  std::vector<CLI::Option*> options_;
};

}  // namespace iuf
