#include "iuf/data/json_checksum.h"

#include "nn/checksum.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using nlohmann::json;

const char* const kChecksum = "checksum";

}  // namespace

// Numbers are written so that they are read as they were, so the text of what was read is the text that was hashed.
json with_checksum(json object) {
  const std::string checksum = checksum_of(object.dump());
  object[kChecksum] = checksum;
  return object;
}

bool take_checksum(json& value, const std::string& place) {
  if (!value.is_object() || !value.contains(kChecksum)) return false;
  const json found = value.at(kChecksum);
  value.erase(kChecksum);
  if (!found.is_string() || found.get_ref<const std::string&>() != checksum_of(value.dump()))
    fail(place,
         ": its content is not what was written (the checksum differs): copy it from elsewhere, or delete it and make "
         "it again");
  return true;
}

}  // namespace iuf
