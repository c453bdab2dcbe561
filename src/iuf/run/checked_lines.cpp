#include "iuf/run/checked_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"

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

std::vector<std::optional<nlohmann::json>> checked_lines(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  std::vector<std::optional<nlohmann::json>> values;
  for (size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    values.push_back(value_of_line(std::string_view(text).substr(begin, end - begin)));
  }
  return values;
}

void check_lines(const std::filesystem::path& file) {
  const auto values = checked_lines(file);
  const auto damaged = std::ranges::find_if(values, [](const auto& value) { return !value; });
  if (damaged != values.end())
    fail(file.string(), ": line ", damaged - values.begin() + 1, ": is not whole; it is damaged");
}

}  // namespace iuf
