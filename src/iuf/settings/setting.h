#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tensor/error.h"

namespace iuf {

/// The numbers that a setting may have, and the words which say so in `--help` and in errors.
struct Rule {
  std::string text = {};                   // "from 1 to 4096"; empty: any number
  std::function<bool(double)> holds = {};  // empty: any number
  bool is_share = false;                   // may be given in percent, as text
  /// The same rule in other words.
  Rule called(std::string words) const { return {std::move(words), holds}; }
  /// The same of a share of something: 0.01 or 1%.
  Rule share() const { return {text + ", or with %", holds, true}; }
};
Rule range(double low, double high);                     // both included
Rule from_to_below(double low, double high);             // high excluded
Rule above_up_to(double low, double high);               // low excluded
Rule between(double low, double high);                   // both excluded
Rule at_least(double low);                               // included
Rule above(double low);                                  // excluded
Rule multiple_of(int64_t n, int64_t low, int64_t high);  // from low to high, both included

/// The spellings of a choice's values, in the order in which they are shown. Every enum that is a setting has a
/// function `choices` beside it:  inline Choices<Align> choices(Align) { return {{"corners", Align::corners}, ...}; }
template <class Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

/// A choice among names, whatever enum holds it.
struct Choice {
  std::vector<std::string> names;
  std::function<size_t()> get;      // the place of the present value in `names`
  std::function<void(size_t)> set;  // to the value of that place
};

/// One setting as a visitor sees it: flags, configuration keys, JSON, help and checks are made from it.
struct Setting {
  std::string group, name, help;  // the name is the flag without its dashes and the key in files
  Rule rule;                      // of numbers
  std::variant<bool*, int64_t*, double*, std::string*, Choice> value;  // where it stands
};
using SeeSetting = std::function<void(const Setting&)>;

nlohmann::json json_of(const Setting& setting);
/// Throws Error that names the setting and `source` for a value of another kind or a name that is no choice.
void assign(const Setting& setting, const nlohmann::json& value, const std::string& source);
/// Throws Error that names the setting, its rule and its value.
void check(const Setting& setting);

template <class Enum>
Choice choice_of(Enum& value) {
  const Choices<Enum> all = choices(value);
  Choice choice{.names = {},
                .get =
                    [all, &value] {
                      for (size_t i = 0; i < all.size(); ++i)
                        if (all[i].second == value) return i;
                      fail("settings: a value without a name");
                    },
                .set = [all, &value](size_t place) { value = all.at(place).second; }};
  for (const auto& [name, unused] : all) choice.names.push_back(name);
  return choice;
}

/// What a part of the settings shows its fields to, a line each:
///   field("blur", blur, range(0, 100), "Gaussian blur of the map, sigma in pixels");
class Fields {
 public:
  Fields(std::string group, const SeeSetting& see) : group_(std::move(group)), see_(see) {}

  /// T: bool, int64_t, double, std::string, or an enum with choices().
  template <class T>
  void operator()(const char* name, T& value, const Rule& rule, const char* help) const {
    if constexpr (std::is_enum_v<T>) {
      see_({group_, name, help, rule, choice_of(value)});
    } else {
      see_({group_, name, help, rule, &value});
    }
  }
  template <class T>
  void operator()(const char* name, T& value, const char* help) const {
    (*this)(name, value, Rule{}, help);
  }

 private:
  std::string group_;
  const SeeSetting& see_;
};

}  // namespace iuf
