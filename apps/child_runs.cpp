#include "apps/child_runs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "iuf/run/csv_safe.h"
#include "iuf/run/run_files.h"
#include "iuf/run/text.h"
#include "nn/file.h"
#include "tensor/memory.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

std::vector<std::string> train_arguments(const RunOptions& run, int threads) {
  std::vector<std::string> words = {"iuf",
                                    "train",
                                    run.data.string(),
                                    "--quiet",
                                    "--threads",
                                    std::to_string(threads),
                                    "--out",
                                    run.out.string(),
                                    "--steps",
                                    to_string(run.stream),
                                    "--profile",
                                    run.profile,
                                    "--method",
                                    run.method,
                                    "--keep-versions",  // nobody goes back in a run that can be made again
                                    "0"};
  if (csv_safe()) words.push_back("--csv-safe");
  if (run.cache.folder) words.insert(words.end(), {"--cache", run.cache.folder->string()});
  words.insert(words.end(), {"--cache-size", exact_text(static_cast<double>(run.cache.most_bytes) /
                                                        static_cast<double>(uint64_t{1} << 30))});
  if (run.ignore) words.insert(words.end(), {"--ignore", run.ignore->string()});
  if (run.backbone_weights) words.insert(words.end(), {"--weights", run.backbone_weights->string()});
  Settings effective = run.settings;  // a flag that says otherwise than the method would be refused
  method_info(run.method).adjust(effective);
  const nlohmann::json settings = to_json(effective);
  for (const auto& [name, value] : settings.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (!text.empty())
      words.push_back("--" + name + "=" + text);  // for an empty value the parser would take the next word
  }
  return words;
}

constexpr std::string_view kError = "iuf: error: ";

std::string last_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last;
}

// Starts the program again with these words and its output in a file; returns the process, or -1.
pid_t start(std::vector<std::string> words, int output) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child != 0) return child;
  // Only calls that are safe after a fork among threads.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) ::_exit(127);
  ::execv("/proc/self/exe", arguments.data());
  ::_exit(127);
}

// Why the run failed, or nothing.
std::string train_in_process(const RunOptions& run, int threads) {
  make_folder(run.out);
  const std::string log = RunFiles{run.out}.process_log().string();
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (output < 0) return log + ": " + std::strerror(errno);
  const pid_t child = start(train_arguments(run, threads), output);
  ::close(output);
  if (child < 0) return std::string("cannot start a process: ") + std::strerror(errno);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status))
    return "ended by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
  if (WEXITSTATUS(status) == 0) return "";
  std::string reason = last_line(log);
  if (reason.starts_with(kError)) {
    reason.erase(0, kError.size());
  } else if (WEXITSTATUS(status) == 1 && finished(run)) {
    return "";  // it ended; its figures say which images it could not use
  }
  return reason.empty() ? "exit code " + std::to_string(WEXITSTATUS(status)) : reason;
}

int64_t runs_at_once() {
  const double gibibytes = static_cast<double>(available_memory()) / (1 << 30);
  return std::clamp<int64_t>(static_cast<int64_t>(std::min(gibibytes / 1.5, 1e6)), 1, thread_count());
}

}  // namespace

Comparison compare_side_by_side(const ComparisonOptions& options, int64_t jobs, ProgressLine& progress) {
  if (jobs == 0) jobs = runs_at_once();
  const int threads = static_cast<int>(std::max<int64_t>(1, thread_count() / jobs));
  const Comparison comparison = compare(
      options, jobs, [threads](const RunOptions& run) { return train_in_process(run, threads); }, std::ref(progress));
  progress.finish();
  return comparison;
}

}  // namespace iuf
