// A mutating driver for compilers without libFuzzer:
//
//   iuf_fuzz [--seconds S] [--seed N] [TARGET...]     every target for S seconds (0.3), each in a process of its own
//   iuf_fuzz --replay TARGET FILE...                  these bytes alone, as in a report
//   iuf_fuzz --mutate COUNT FILE FOLDER               so many mutated copies of a file, numbered
//   iuf_fuzz --seeds TARGET FOLDER                    what the target starts from, numbered
//   iuf_fuzz --list                                   the targets
//
// Seeds are read as they are, then changed: bits, bytes, pieces cut out, doubled or taken from another seed, numbers at
// the edges, text. The last line is the count that tests/run.sh reads; a finding leaves its bytes in finding-TARGET.

#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>

#include "fuzz/targets.h"
#include "nn/file.h"
#include "support/dice.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf::fuzz {
namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::byte>;
constexpr size_t kMost = 1 << 24;  // bytes of an input: a model holds its backbone
constexpr int kSeconds = 10;       // of computing that a run may take
constexpr unsigned kWaiting = 100;

// What the process that runs a target tells the one that watches it.
struct Shared {
  size_t size = 0;
  uint64_t runs = 0;
  std::byte bytes[kMost] = {};
};

Input bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

class Mutator {
 public:
  Mutator(const std::vector<Input>& seeds, uint32_t seed) : seeds_(seeds), dice_(seed) {}

  Input operator()() {
    Input input = any_seed();
    for (uint32_t changes = 1 + dice_.below(4); changes > 0; --changes) change(input);
    if (input.size() > kMost) input.resize(kMost);
    return input;
  }
  bool once_in(uint32_t n) { return dice_.below(n) == 0; }

 private:
  const Input& any_seed() { return seeds_[dice_.below(static_cast<uint32_t>(seeds_.size()))]; }
  // Where something is changed: half of the time near the beginning, where headers are.
  size_t place(const Input& input) {
    const size_t size = std::max<size_t>(1, input.size());
    return dice_.below(static_cast<uint32_t>(dice_.below(2) ? size : std::min<size_t>(size, 512)));
  }
  void change(Input& input) {
    if (input.empty()) input.push_back(std::byte{0});
    const size_t at = place(input), length = std::min<size_t>(1 + dice_.below(64), input.size() - at);
    const auto from = input.begin() + static_cast<std::ptrdiff_t>(at), to = from + static_cast<std::ptrdiff_t>(length);
    switch (dice_.below(9)) {
      case 0:
        input[at] ^= static_cast<std::byte>(1 << dice_.below(8));
        break;
      case 1:
        input[at] = static_cast<std::byte>(dice_.below(256));
        break;
      case 2:
        input.erase(from, to);
        break;
      case 3: {
        const Input piece(from, to);
        input.insert(from, piece.begin(), piece.end());
        break;
      }
      case 4:
        input.resize(at);
        break;
      case 5: {  // numbers at the edges, little and big endian
        static constexpr uint64_t edges[] = {0,
                                             1,
                                             0x7f,
                                             0x80,
                                             0xff,
                                             0x7fff,
                                             0xffff,
                                             0x7fffffff,
                                             0x80000000,
                                             0xffffffff,
                                             0x7fffffffffffffff,
                                             0xffffffffffffffff};
        uint64_t value = edges[dice_.below(std::size(edges))];
        const size_t width = size_t{1} << dice_.below(4);
        if (dice_.below(2)) value = __builtin_bswap64(value) >> (64 - 8 * width);
        std::memcpy(&*from, &value, std::min(width, input.size() - at));
        break;
      }
      case 6: {
        const Input& other = any_seed();
        const size_t begin = dice_.below(static_cast<uint32_t>(std::max<size_t>(1, other.size())));
        const size_t count = std::min<size_t>(1 + dice_.below(256), other.size() - std::min(begin, other.size()));
        input.insert(from, other.begin() + static_cast<std::ptrdiff_t>(begin),
                     other.begin() + static_cast<std::ptrdiff_t>(begin + count));
        break;
      }
      case 7: {
        static const char* const words[] = {
            "-1",  "1e999", "null", "[]", "{}", "\"", "NaN", "99999999999999999999", "\xff\xfe", "[[[[[[[[[[[[[[[[",
            "../", ",",     "\n"};
        const Input word = bytes_of(words[dice_.below(std::size(words))]);
        input.insert(from, word.begin(), word.end());
        break;
      }
      default:  // a digit becomes another one
        for (size_t i = at; i < input.size(); ++i)
          if (const auto c = std::to_integer<char>(input[i]); c >= '0' && c <= '9') {
            input[i] = static_cast<std::byte>('0' + dice_.below(10));
            break;
          }
    }
  }

  const std::vector<Input>& seeds_;
  Dice dice_;
};

void clear(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
}

// Ends the process after so many seconds of computing, or of waiting for something.
void limit(int seconds, unsigned waiting) {
  const itimerval value{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  ::setitimer(ITIMER_PROF, &value, nullptr);
  ::alarm(waiting);
}

// In the process of its own.
void run_all(const Target& target, double seconds, uint32_t seed, Shared& shared) {
  set_thread_count(1);
  const TemporaryFolder scratch;
  const std::vector<Input> seeds = seeds_of(target, kMost);
  const auto one = [&](const Input& input) {
    shared.size = std::min(input.size(), kMost);
    std::copy_n(input.begin(), shared.size, shared.bytes);
    limit(kSeconds, kWaiting);
    run(target, input, scratch.path());
    limit(0, 0);
    ++shared.runs;
    clear(scratch.path());
  };
  for (const Input& input : seeds) one(input);
  one({});
  Mutator mutate(seeds, seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    Input input = mutate();
    if (target.mend && !mutate.once_in(4)) target.mend(input);
    one(input);
  }
}

// Empty, or what was found.
std::string watch(const Target& target, double seconds, uint32_t seed, Shared& shared) {
  shared.size = 0;
  shared.runs = 0;
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      run_all(target, seconds, seed, shared);
    } catch (const std::exception& e) {
      std::cerr << target.name << ": " << e.what() << "\n";
      ::_exit(3);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  const std::string name = "finding-" + target.name;
  write_file(name, std::span<const std::byte>(shared.bytes, shared.size));
  return (WIFSIGNALED(status)        ? std::string(::strsignal(WTERMSIG(status)))
          : WEXITSTATUS(status) == 3 ? "an exception that is no Error"
                                     : "a sanitizer's report") +
         ", bytes in " + name;
}

int usage() {
  std::cerr << "iuf_fuzz [--seconds S] [--seed N] [TARGET...] / iuf_fuzz --replay TARGET FILE...; targets:";
  for (const Target& target : targets()) std::cerr << " " << target.name;
  std::cerr << "\n";
  return 2;
}

int replay(const std::vector<std::string>& words) {
  const auto target = std::ranges::find(targets(), words.empty() ? "" : words[0], &Target::name);
  if (target == targets().end()) return usage();
  const TemporaryFolder scratch;
  for (size_t i = 1; i < words.size(); ++i) {
    run(*target, read_file(words[i]), scratch.path());
    clear(scratch.path());
  }
  std::cout << target->name << ": " << words.size() - 1 << " read or refused\n";
  return 0;
}

int mutate(const std::vector<std::string>& words) {
  if (words.size() != 3) return usage();
  const fs::path file = words[1], folder = words[2];
  const std::vector<Input> seeds = {read_file(file)};
  Mutator mutate(seeds, 1);
  for (int i = 0; i < std::atoi(words[0].c_str()); ++i)
    write_file(folder / (std::to_string(i) + file.extension().string()), mutate());
  return 0;
}

int write_seeds(const std::vector<std::string>& words) {
  const auto target = std::ranges::find(targets(), words.empty() ? "" : words[0], &Target::name);
  if (target == targets().end() || words.size() != 2) return usage();
  int number = 0;
  for (const Input& seed : seeds_of(*target, kMost)) write_file(fs::path(words[1]) / std::to_string(number++), seed);
  return 0;
}

int main(std::vector<std::string> words) {
  double seconds = 0.3;
  uint32_t seed = 1;
  if (!words.empty() && words[0] == "--replay") return replay({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "--mutate") return mutate({words.begin() + 1, words.end()});
  if (!words.empty() && words[0] == "--seeds") return write_seeds({words.begin() + 1, words.end()});
  if (words == std::vector<std::string>{"--list"}) {
    for (const Target& target : targets()) std::cout << target.name << "\n";
    return 0;
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--seconds" && i + 1 < words.size())
      seconds = std::atof(words[++i].c_str());
    else if (words[i] == "--seed" && i + 1 < words.size())
      seed = static_cast<uint32_t>(std::atoi(words[++i].c_str()));
    else if (std::ranges::find(targets(), words[i], &Target::name) == targets().end())
      return usage();
    else
      names.push_back(words[i]);
  }
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  auto& shared = *new (memory) Shared;
  int passed = 0, failed = 0;
  for (const Target& target : targets()) {
    if (!names.empty() && std::ranges::find(names, target.name) == names.end()) continue;
    const std::string found = watch(target, seconds, seed, shared);
    std::cout << (found.empty() ? "" : "FAIL: ") << target.name << ": " << shared.runs << " runs"
              << (found.empty() ? "" : ", " + found) << "\n";
    ++(found.empty() ? passed : failed);
  }
  std::cout << "iuf_fuzz: " << passed << " passed, " << failed << " failed\n";
  return failed > 0;
}

}  // namespace
}  // namespace iuf::fuzz

int main(int argc, char** argv) {
  return iuf::fuzz::main({argv + 1, argv + argc});
}
