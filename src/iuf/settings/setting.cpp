#include "iuf/settings/setting.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

template <class... Values>
std::string words(const Values&... values) {
  std::ostringstream text;
  text.precision(15);
  (text << ... << values);
  return text.str();
}

// Puts a JSON value where a setting stands.
struct Assignment {
  const Setting& setting;
  const nlohmann::json& value;
  const std::string& source;

  void need(bool right, const std::string& kind) const {
    if (!right) fail(source, ": setting '", setting.name, "' must be ", kind);
  }
  void operator()(bool* to) const {
    need(value.is_boolean(), "true or false");
    *to = value.get<bool>();
  }
  void operator()(int64_t* to) const {
    need(value.is_number_integer(), "a whole number");
    *to = value.get<int64_t>();
  }
  void operator()(double* to) const {
    need(value.is_number(), "a number");
    *to = value.get<double>();
  }
  void operator()(std::string* to) const {
    need(value.is_string(), "text");
    *to = value.get<std::string>();
  }
  void operator()(const Choice& choice) const {
    need(value.is_string(), "a name");
    const auto found = std::ranges::find(choice.names, value.get<std::string>());
    need(found != choice.names.end(), "one of " + joined(choice.names));
    choice.set(static_cast<size_t>(found - choice.names.begin()));
  }
};

}  // namespace

Rule range(double low, double high) {
  return {words("from ", low, " to ", high), [=](double v) { return v >= low && v <= high; }};
}

Rule from_to_below(double low, double high) {
  return {words("from ", low, " to below ", high), [=](double v) { return v >= low && v < high; }};
}

Rule above_up_to(double low, double high) {
  return {words("above ", low, ", up to ", high), [=](double v) { return v > low && v <= high; }};
}

Rule between(double low, double high) {
  return {words("between ", low, " and ", high), [=](double v) { return v > low && v < high; }};
}

Rule at_least(double low) {
  return {low == 0 ? "not negative" : words("at least ", low), [=](double v) { return v >= low; }};
}

Rule above(double low) {
  return {words("above ", low), [=](double v) { return v > low; }};
}

Rule multiple_of(int64_t n, int64_t low, int64_t high) {
  const std::string kind = n == 2 ? "an even number" : words("a multiple of ", n);
  return {words(kind, " from ", low, " to ", high), [=](double v) {
            return v >= static_cast<double>(low) && v <= static_cast<double>(high) && static_cast<int64_t>(v) % n == 0;
          }};
}

nlohmann::json json_of(const Setting& setting) {
  if (const auto* choice = std::get_if<Choice>(&setting.value)) return choice->names.at(choice->get());
  nlohmann::json json;
  std::visit(
      [&](const auto& value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, Choice>) json = *value;
      },
      setting.value);
  return json;
}

void assign(const Setting& setting, const nlohmann::json& value, const std::string& source) {
  std::visit(Assignment{setting, value, source}, setting.value);
}

void check(const Setting& setting) {
  if (const auto* text = std::get_if<std::string*>(&setting.value); text && plain_text(**text) != **text)
    fail("setting '", setting.name, "': a model can keep printable UTF-8 alone, not ", plain_text(**text),
         "; rename the folder");
  if (!setting.rule.holds) return;
  const auto need = [&](double value) {
    if (!setting.rule.holds(value))
      fail("setting '", setting.name, "': ", setting.rule.text, ", not ", json_of(setting).dump());
  };
  if (const auto* whole = std::get_if<int64_t*>(&setting.value)) need(static_cast<double>(**whole));
  if (const auto* number = std::get_if<double*>(&setting.value)) need(**number);
}

}  // namespace iuf
