#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Journals: lines of JSON that carry a hash of themselves, so that a line which a power cut left half written is told.
namespace iuf {

/// The line of a value, with its end.
std::string checked_line(const nlohmann::json& value);
/// The value of a line; none where the line is not whole.
std::optional<nlohmann::json> value_of_line(std::string_view line);
/// The same of every line of a file.
std::vector<std::optional<nlohmann::json>> checked_lines(const std::filesystem::path& file);
/// Throws Error, naming the file and the line, unless all lines of a file are whole.
void check_lines(const std::filesystem::path& file);

}  // namespace iuf
