#include "fuzz/targets.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "nn/checksum.h"
#include "nn/file.h"
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
    std::ranges::copy(live_targets(), std::back_inserter(list));
#if IUF_FUZZ_HTTP
    std::ranges::copy(http_targets(), std::back_inserter(list));
#endif
    return list;
  }();
  return all;
}

std::vector<std::vector<std::byte>> seeds_of(const Target& target, size_t most) {
  std::vector<std::vector<std::byte>> seeds;
  for (const std::string& file : target.seed_files)
    seeds.push_back(read_file(std::filesystem::path(IUF_SOURCE_DIR) / "tests" / file));
  for (const std::string& text : target.seed_texts) {
    const auto bytes = std::as_bytes(std::span(text));
    seeds.emplace_back(bytes.begin(), bytes.end());
  }
  if (target.made_seeds) std::ranges::move(target.made_seeds(), std::back_inserter(seeds));
  std::erase_if(seeds, [&](const auto& seed) { return seed.size() > most; });
  if (seeds.empty()) fail("target ", target.name, " has no seed of at most ", most, " bytes");
  return seeds;
}

void run(const Target& target, Bytes bytes, const std::filesystem::path& scratch) {
  try {
    target.read(bytes, scratch);
  } catch (const Error&) {
  }
}

}  // namespace iuf::fuzz
