#include "iuf/data/json_fields.h"

#include <cmath>
#include <limits>
#include <set>

#include "iuf/data/json_checksum.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

using nlohmann::json;

void JsonNode::complain(const std::string& what) const {
  const auto part = [](const std::string& text) { return text.empty() ? "" : ": " + text; };
  fail(origin_->place, part(origin_->fault), part(key_), ": ", what);
}

JsonNode JsonNode::operator[](const char* key) const {
  if (!value_->is_object()) complain("an object is expected");
  const auto found = value_->find(key);
  if (found == value_->end()) complain(std::string("key '") + key + "' is missing");
  return {*found, *origin_, key_.empty() ? key : key_ + "." + key};
}

std::vector<JsonNode> JsonNode::list() const {
  if (!value_->is_array()) complain("a list is expected");
  std::vector<JsonNode> nodes;
  for (size_t i = 0; i < value_->size(); ++i)
    nodes.emplace_back((*value_)[i], *origin_, key_ + "[" + std::to_string(i) + "]");
  return nodes;
}

std::map<std::string, JsonNode> JsonNode::members() const {
  if (!value_->is_object()) complain("an object is expected");
  std::map<std::string, JsonNode> nodes;
  for (const auto& [key, value] : value_->items())
    nodes.emplace(key, JsonNode(value, *origin_, key_.empty() ? key : key_ + "." + key));
  return nodes;
}

std::string JsonNode::text() const {
  if (!value_->is_string()) complain("a string is expected");
  return value_->get<std::string>();
}

bool JsonNode::boolean() const {
  if (!value_->is_boolean()) complain("true or false is expected");
  return value_->get<bool>();
}

bool JsonNode::zero_or_one() const {
  if (*value_ != 0 && *value_ != 1) complain("0 or 1 is expected");
  return *value_ == 1;
}

double JsonNode::number() const {
  if (value_->is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (!value_->is_number()) complain("a number or null is expected");
  return value_->get<double>();
}

int64_t JsonNode::integer() const {
  if (value_->is_number_float()) {
    const double number = value_->get<double>();
    if (number != std::floor(number) || std::abs(number) > 9e15) complain("a whole number is expected");
    return static_cast<int64_t>(number);
  }
  if (!value_->is_number_integer()) complain("a whole number is expected");
  if (value_->is_number_unsigned() && value_->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    complain("the value " + value_->dump() + " is out of range");
  return value_->get<int64_t>();
}

uint64_t JsonNode::natural() const {
  if (value_->is_number_unsigned()) return value_->get<uint64_t>();
  const int64_t number = integer();
  if (number < 0) complain("the value " + value_->dump() + " is out of range");
  return static_cast<uint64_t>(number);
}

void JsonNode::require(const Range& range) const {
  if (const double value = number(); value < range.low || value > range.high)
    complain("the value " + value_->dump() + " is out of range");
}

void JsonNode::require_format(int format) const {
  const JsonNode node = (*this)["format"];
  const int64_t found = node.integer();
  if (found == format) return;
  if (found < 1)
    fail(origin_->place, ": ", node.key_, ": ", found, " is no format, the first one was 1; the file is damaged");
  fail(origin_->place, ": ", node.key_, ": only format ", format, " is known, this is ", found,
       found > format ? ", of a newer version of iuf; use that one, or make it again"
                      : ", of an earlier version of iuf; use that one, or make it again");
}

namespace {

enum class NotJson { throws, is_discarded };

json parse(std::string_view text, const std::string& place, NotJson not_json) {
  std::vector<std::set<std::string>> keys;  // of the objects and lists that are open
  size_t entries = 0;                       // of a list that is the whole text
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      entries += depth == 1 && event == json::parse_event_t::object_start;
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      const size_t begin = text.find_first_not_of(" \t\r\n");
      fail(place, text[begin] == '[' ? ": entry " + std::to_string(entries) : "", ": the key \"",
           plain_text(parsed.get<std::string>()), "\" is there twice; remove one");
    }
    return true;
  };
  return json::parse(text, check, not_json == NotJson::throws);
}

}  // namespace

json try_parse_json(std::string_view text, const std::string& place) {
  return parse(text, place, NotJson::is_discarded);
}

json parse_json(std::string_view text, const std::string& place) {
  try {
    return parse(text, place, NotJson::throws);
  } catch (const json::exception& error) {
    fail(place, ": not valid JSON (", error.what(), ")");
  }
}

json read_json_file(const std::filesystem::path& path) {
  json value = parse_json(read_text(path), path.string());
  take_checksum(value, path.string());
  return value;
}

void write_json_file(const std::filesystem::path& path, const json& value) {
  write_file(path, (value.is_object() ? with_checksum(value) : value).dump(1));
}

}  // namespace iuf
