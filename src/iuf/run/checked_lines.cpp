#include "iuf/run/checked_lines.h"

#include <nlohmann/json.hpp>

#include "nn/hash.h"

namespace iuf {

std::string checked_line(const nlohmann::json& value) {
  const std::string text = value.dump();
  return "{\"hash\":" + std::to_string(fnv1a(text)) + ",\"value\":" + text + "}\n";
}

std::optional<nlohmann::json> value_of_line(std::string_view line) {
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("hash") || !json.contains("value")) return std::nullopt;
  const nlohmann::json& value = json["value"];
  if (json["hash"] != fnv1a(value.dump())) return std::nullopt;
  return value;
}

}  // namespace iuf
