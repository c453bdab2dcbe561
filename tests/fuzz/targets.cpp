#include "fuzz/targets.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "nn/checksum.h"
#include "tensor/error.h"

namespace iuf::fuzz {

// The digits at the start of a header that carries a checksum of the file (nn/safetensors.h).
void mend_safetensors(std::vector<std::byte>& bytes) {
  constexpr std::string_view before = "{\"__metadata__\":{\"iuf_checksum\":\"";
  constexpr size_t begin = 8 + before.size(), digits = 16;
  if (bytes.size() < begin + digits) return;
  std::memcpy(bytes.data() + 8, before.data(), before.size());
  const Bytes all = bytes;
  const std::string text = hex_digits(hash_bytes(all.subspan(begin + digits), hash_bytes(all.first(begin))));
  std::memcpy(bytes.data() + begin, text.data(), digits);
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> list = file_targets();
    std::ranges::copy(folder_targets(), std::back_inserter(list));
    return list;
  }();
  return all;
}

void run(const Target& target, Bytes bytes, const std::filesystem::path& scratch) {
  try {
    target.read(bytes, scratch);
  } catch (const Error&) {
  }
}

}  // namespace iuf::fuzz
