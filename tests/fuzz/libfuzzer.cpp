// A target for clang's -fsanitize=fuzzer: the one that IUF_FUZZ names in the environment.

#include <cstdint>
#include <cstdlib>

#include "fuzz/targets.h"
#include "support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace iuf;
  static const fuzz::Target& target = [] {
    const char* name = std::getenv("IUF_FUZZ");
    for (const fuzz::Target& one : fuzz::targets())
      if (name && one.name == name) return std::cref(one);
    std::abort();
  }();
  static const TemporaryFolder scratch;
  fuzz::run(target, std::as_bytes(std::span(data, size)), scratch.path());
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    std::filesystem::remove_all(entry.path());
  return 0;
}
