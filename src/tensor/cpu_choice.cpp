#include "tensor/cpu_choice.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cstdlib>
#include <optional>

namespace iuf {
namespace {

#if defined(__x86_64__)
constexpr CpuLevel kLevels[] = {CpuLevel::v1, CpuLevel::v3, CpuLevel::v4};
const char* const kNames = "there are x86-64, x86-64-v3 and x86-64-v4";
#else
constexpr CpuLevel kLevels[] = {CpuLevel::v1};
const char* const kNames = "there is portable alone";
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define IUF_CLONES
CpuLevel detected() {
  return __builtin_cpu_supports("x86-64-v4")   ? CpuLevel::v4
         : __builtin_cpu_supports("x86-64-v3") ? CpuLevel::v3
                                               : CpuLevel::v1;
}
#endif

constexpr std::string_view kVariable = "IUF_CPU";

// Runs before the C library may be called, which == of std::string_view does.
std::optional<CpuLevel> level_named(std::string_view name) {
  for (const CpuLevel level : kLevels) {
    const std::string_view own = name_of(level);
    size_t equal = 0;
    while (equal < own.size() && equal < name.size() && own[equal] == name[equal]) ++equal;
    if (equal == own.size() && equal == name.size()) return level;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(CpuLevel level) {
#if !defined(__x86_64__)
  if (level == CpuLevel::v1) return "portable";
#endif
  return level == CpuLevel::v4 ? "x86-64-v4" : level == CpuLevel::v3 ? "x86-64-v3" : "x86-64";
}

std::string cpu_choice_fault() {
  const char* wanted = std::getenv(kVariable.data());
  if (!wanted || !*wanted) return "";
  const std::string text = std::string(kVariable) + "=" + wanted;
  const std::optional<CpuLevel> level = level_named(wanted);
  if (!level) return text + ": no such level; " + kNames;
  if (*level > best_cpu_level())
    return text + ": this CPU has only " + std::string(name_of(best_cpu_level())) + "; leave the variable out";
  if (*level != cpu_level()) return text + ": cannot be followed, /proc/self/environ is not readable";
  return "";
}

}  // namespace iuf

#ifdef IUF_CLONES

// The clones of IUF_SIMD are picked while the program is loaded, by what __cpu_indicator_init of the compiler's runtime
// has found, before any code of the C library may be called. The linker's --wrap puts this function in its place
// (CMakeLists.txt): it hides the levels above the one that is asked for. The environment is read from the kernel,
// because the C library does not know it yet.
extern "C" {
int __real___cpu_indicator_init();
int __wrap___cpu_indicator_init();
[[gnu::visibility("hidden")]] extern unsigned __cpu_features2[];
}

namespace iuf {
namespace {

CpuLevel best = CpuLevel::v1;
bool has_chosen = false;

long system_call(long number, long a, long b, long c) {
  long result = 0;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

// The value of the variable, empty where it is not there or is longer than any level's name.
std::string_view asked(char (&value)[16]) {
  static char block[4096];
  const long file = system_call(SYS_open, reinterpret_cast<long>("/proc/self/environ"), O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return {};
  size_t at = 0, length = 0;  // in the entry, in the value
  bool same = true, found = false;
  for (long got; !found && (got = system_call(SYS_read, file, reinterpret_cast<long>(block), sizeof block)) > 0;)
    for (long i = 0; i < got && !found; ++i) {
      const char c = block[i];
      if (c == '\0') {
        found = same && at > kVariable.size();
        if (found) break;
        at = length = 0;
        same = true;
        continue;
      }
      if (at < kVariable.size())
        same = same && c == kVariable[at];
      else if (at == kVariable.size())
        same = same && c == '=';
      else if (same && length < sizeof value)
        value[length++] = c;
      ++at;
    }
  system_call(SYS_close, file, 0, 0);
  return found ? std::string_view(value, length) : std::string_view();
}

// Clears the one bit that says that the CPU has the level, wherever the compiler keeps it.
void hide(CpuLevel level) {
  for (int word = 0; word < 3; ++word)
    for (unsigned bit = 1; bit != 0; bit <<= 1) {
      volatile unsigned& features = __cpu_features2[word];
      const unsigned old = features;
      features = old & ~bit;
      if (features != old &&
          (level == CpuLevel::v4 ? !__builtin_cpu_supports("x86-64-v4") : !__builtin_cpu_supports("x86-64-v3")))
        return;
      features = old;
    }
}

}  // namespace

CpuLevel cpu_level() {
  __builtin_cpu_init();
  return detected();
}
CpuLevel best_cpu_level() {
  __builtin_cpu_init();
  return best;
}

}  // namespace iuf

int __wrap___cpu_indicator_init() {
  using namespace iuf;
  const int result = __real___cpu_indicator_init();
  if (has_chosen) return result;
  has_chosen = true;
  best = detected();
  char value[16];
  const auto wanted = level_named(asked(value));
  if (!wanted) return result;
  for (const CpuLevel level : {CpuLevel::v4, CpuLevel::v3})
    if (level > *wanted && level <= best) hide(level);
  return result;
}

#else  // a compiler without such clones has the portable kernels alone

namespace iuf {

CpuLevel cpu_level() {
  return CpuLevel::v1;
}
CpuLevel best_cpu_level() {
  return CpuLevel::v1;
}

}  // namespace iuf

#endif
