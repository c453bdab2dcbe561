#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "iuf/data/field_rules.h"

namespace iuf {

// A struct and its JSON by one list. The struct names every key once, in a static visit() that writes and reads it:
//
//   struct Scale {
//     double low = 0;
//     std::optional<double> high = {};
//     template <class Self, class Fields>
//     static void visit(Self& self, Fields& field) {
//       field("low", self.low, kFraction);
//       field("high", self.high, kMayLack);
//     }
//   };
//   write_json_file(path, scale);
//   const Scale scale = read_json_file<Scale>(path);
//
// Members are numbers, bools, strings, structs with a visit(), nlohmann::json, and std::optional, std::vector and
// std::map (with text as key) of these. null stands for no value, and for a double that is not finite, because JSON has
// no other spelling for it; unknown keys are ignored. Whatever else differs from the list is an Error that names the
// file and the key: "run/metrics.json: damaged JSON: image_auroc[1][0]: the value 97 is out of range".

/// What complaints say first: where the JSON stands, and what to call a fault there ("damaged JSON"; may be empty).
struct JsonOrigin {
  std::string place, fault = {};
};

/// A JSON value that knows where it stands, so that every complaint names file and key.
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, const JsonOrigin& origin, std::string key = {})
      : value_(&value), origin_(&origin), key_(std::move(key)) {}

  [[noreturn]] void complain(const std::string& what) const;
  const nlohmann::json& value() const { return *value_; }
  bool has(const char* key) const { return value_->is_object() && value_->contains(key); }
  /// The member of an object; an object without it is an Error, as is any other value.
  JsonNode operator[](const char* key) const;
  std::vector<JsonNode> list() const;
  std::map<std::string, JsonNode> members() const;

  std::string text() const;
  bool boolean() const;
  bool zero_or_one() const;
  double number() const;  // NaN for null
  int64_t integer() const;
  uint64_t natural() const;
  void require(const Range& range) const;
  /// Throws Error unless the member "format" is this number, saying whether a newer or an earlier version of the
  /// program wrote another one; below 1 it is none.
  void require_format(int format) const;

 private:
  const nlohmann::json* value_;
  const JsonOrigin* origin_;
  std::string key_;  // "rows[1].summary"; empty: the whole document
};

namespace json_fields {

struct AnyFields {
  template <class... Parts>
  void operator()(const char*, Parts&&...) {}
  void format(int) {}
};
template <class T>
concept Visited = requires(T& value, AnyFields& fields) {
  T::visit(value, fields);
};

template <class T>
struct Kind {
  static constexpr bool optional = false, list = false, map = false;
};
template <class T>
struct Kind<std::optional<T>> : Kind<void> {
  static constexpr bool optional = true;
};
template <class T>
struct Kind<std::vector<T>> : Kind<void> {
  static constexpr bool list = true;
};
template <class T>
struct Kind<std::map<std::string, T>> : Kind<void> {
  static constexpr bool map = true;
};

template <class Wanted, class... Rules>
inline constexpr bool has_rule = (std::is_same_v<Wanted, Rules> || ...);

template <class T, class... Rules>
nlohmann::json write(const T& value, const Rules&... rules);
template <class T, class... Rules>
void read(const JsonNode& node, T& value, const Rules&... rules);

/// The visitor that writes.
struct Writer {
  nlohmann::json json = nlohmann::json::object();

  template <class T, class... Rules>
  void operator()(const char* key, const T& value, const Rules&... rules) {
    if constexpr (has_rule<UnlessEmpty, Rules...>)
      if (value.empty()) return;
    json[key] = write(value, rules...);
  }
  void format(int number) { json["format"] = number; }
};

/// The visitor that reads.
struct Reader {
  const JsonNode& node;

  template <class T, class... Rules>
  void operator()(const char* key, T& value, const Rules&... rules) {
    if ((has_rule<MayLack, Rules...> || has_rule<UnlessEmpty, Rules...>)&&!node.has(key)) return;
    read(node[key], value, rules...);
  }
  void format(int number) { node.require_format(number); }
};

template <class T, class... Rules>
nlohmann::json write(const T& value, const Rules&... rules) {
  if constexpr (Visited<T>) {
    Writer writer;
    T::visit(value, writer);
    return std::move(writer.json);
  } else if constexpr (Kind<T>::optional) {
    return value ? write(*value, rules...) : nlohmann::json();
  } else if constexpr (Kind<T>::list) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& item : value) list.push_back(write(item, rules...));
    return list;
  } else if constexpr (Kind<T>::map) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, item] : value) object[key] = write(item, rules...);
    return object;
  } else if constexpr (has_rule<ZeroOrOne, Rules...>) {
    return value ? 1 : 0;
  } else {
    return value;
  }
}

template <class T, class... Rules>
void read(const JsonNode& node, T& value, const Rules&... rules) {
  if constexpr (Visited<T>) {
    Reader reader{node};
    T::visit(value, reader);
  } else if constexpr (Kind<T>::optional) {
    value.reset();
    if (!node.value().is_null()) read(node, value.emplace(), rules...);
  } else if constexpr (Kind<T>::list) {
    value.clear();
    for (const JsonNode& item : node.list()) read(item, value.emplace_back(), rules...);
  } else if constexpr (Kind<T>::map) {
    value.clear();
    for (const auto& [key, item] : node.members()) read(item, value[key], rules...);
  } else if constexpr (std::is_same_v<T, nlohmann::json>) {
    value = node.value();
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = node.text();
  } else if constexpr (std::is_same_v<T, bool>) {
    value = has_rule<ZeroOrOne, Rules...> ? node.zero_or_one() : node.boolean();
  } else if constexpr (std::is_same_v<T, double>) {
    value = node.number();
  } else if constexpr (std::is_same_v<T, int64_t>) {
    value = node.integer();
  } else {
    static_assert(std::is_same_v<T, uint64_t>, "no JSON is known for this type");
    value = node.natural();
  }
  [[maybe_unused]] const auto apply = [&](const auto& rule) {
    if constexpr (std::is_same_v<std::decay_t<decltype(rule)>, Range> && std::is_arithmetic_v<T>) node.require(rule);
  };
  (apply(rules), ...);
}

}  // namespace json_fields

/// What a value looks like in JSON.
template <class T>
requires json_fields::Visited<T> nlohmann::json to_json(const T& value) {
  return json_fields::write(value);
}

/// The opposite. Throws Error naming the origin and the key.
template <class T>
T from_json(const nlohmann::json& json, const JsonOrigin& origin) {
  T value = {};
  json_fields::read(JsonNode(json, origin), value);
  return value;
}

/// Throws Error naming the place where the text is not JSON, and where an object has a key twice: of equal keys the
/// library keeps the last.
nlohmann::json parse_json(std::string_view text, const std::string& place);
/// The same, but a text that is not JSON gives a value that is_discarded().
nlohmann::json try_parse_json(std::string_view text, const std::string& place);
/// The file's content as JSON, whatever it holds.
nlohmann::json read_json_file(const std::filesystem::path& path);
void write_json_file(const std::filesystem::path& path, const nlohmann::json& value);

template <class T>
T read_json_file(const std::filesystem::path& path) {
  return from_json<T>(read_json_file(path), {path.string(), "damaged JSON"});
}
template <class T>
requires json_fields::Visited<T>
void write_json_file(const std::filesystem::path& path, const T& value) {
  write_json_file(path, to_json(value));
}

}  // namespace iuf
