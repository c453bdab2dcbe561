// A target for clang's -fsanitize=fuzzer: the one that IUF_FUZZ names in the environment (run.sh).

#include <signal.h>
#include <sys/time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "fuzz/targets.h"
#include "support/temporary_folder.h"
#include "tensor/parallel.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

namespace {

const iuf::fuzz::Target& target() {
  static const iuf::fuzz::Target& chosen = [] {
    iuf::set_thread_count(1);
    const char* name = std::getenv("IUF_FUZZ");
    for (const iuf::fuzz::Target& one : iuf::fuzz::targets())
      if (name && one.name == name) return std::cref(one);
    std::abort();
  }();
  return chosen;
}

// So many seconds of computing end the process, 0 lets it go on; libFuzzer's own limit counts waiting for a core, too.
void limit(int seconds) {
  const itimerval value{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &value, nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const iuf::TemporaryFolder scratch;
  static const bool first = ::signal(SIGPROF, [](int) { std::abort(); }) != SIG_ERR;  // libFuzzer keeps the bytes then
  if (!first) std::abort();
  static int runs = 0;
  if (++runs > 16) limit(10);  // the first ones may make what the target keeps, such as a model
  iuf::fuzz::run(target(), std::as_bytes(std::span(data, size)), scratch.path());
  limit(0);
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    std::filesystem::remove_all(entry.path());
  return 0;
}

// Three mutations of four have their checksums mended.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (!target().mend || seed % 4 == 0) return size;
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> mended(bytes.begin(), bytes.end());
  target().mend(mended);
  size = std::min(mended.size(), most);
  std::transform(mended.begin(), mended.begin() + static_cast<std::ptrdiff_t>(size), data,
                 [](std::byte byte) { return std::to_integer<uint8_t>(byte); });
  return size;
}
