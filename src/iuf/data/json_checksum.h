#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace iuf {

/// An object with a checksum of its content as one more member, "checksum". write_json_file() and read_json_file()
/// (json_fields.h) do so on their own.
nlohmann::json with_checksum(nlohmann::json object);
/// Takes the checksum out again; one that differs is an Error naming the place. Whether there was one: files of earlier
/// versions have none.
bool take_checksum(nlohmann::json& value, const std::string& place);

}  // namespace iuf
