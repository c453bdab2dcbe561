#pragma once

#include <CLI/CLI.hpp>
#include <istream>
#include <string>
#include <vector>

namespace iuf {

/// Configuration files in TOML's simple form: a line `flag = value` per flag of the command, the value a number, a bare
/// word, a "text" with \" \\ \n \t, a 'text' without escapes, or a [list, of, values] over any number of lines; #
/// starts a comment. Errors name the file and the line; so do values
/// that are none of the flag.
class ConfigFile : public CLI::Config {
 public:
  explicit ConfigFile(CLI::App& app) : app_(app) {}

  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  /// Every flag that has a value or a default, by group: what from_config reads.
  std::string to_config(const CLI::App* app, bool default_also, bool write_description,
                        std::string prefix) const override;

 private:
  CLI::App& app_;
};

}  // namespace iuf
