#include "iuf/live/verdict_command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tensor/text.h"

extern char** environ;

namespace iuf {
namespace {

// What a row says under a key, as text.
std::string text_of(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// This process's variables but for those that are set here, as "NAME=VALUE".
std::vector<std::string> variables(const nlohmann::json& row, const std::filesystem::path& out) {
  const std::string heatmap = unescaped(text_of(row, "heatmap"));
  std::map<std::string, std::string> own = {
      {"IUF_FILE", unescaped(text_of(row, row.contains("moved_to") ? "moved_to" : "file"))},
      {"IUF_HEATMAP", heatmap.empty() ? "" : (out / heatmap).string()}};
  for (const char* key : {"verdict", "object", "score", "threshold", "scaled_score", "model", "time"}) {
    std::string name = std::string("IUF_") + key;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    own[name] = text_of(row, key);
  }
  std::vector<std::string> all;
  for (char** at = environ; *at; ++at)
    if (const std::string variable = *at; !own.contains(variable.substr(0, variable.find('='))))
      all.push_back(variable);
  for (const auto& [name, value] : own) all.push_back(name + "=" + value);
  return all;
}

// Of a file in memory that holds the row; the child reads it from the start.
int descriptor_of(const std::string& row) {
  const int fd = ::memfd_create("verdict", MFD_CLOEXEC);
  if (fd < 0) return -1;
  for (size_t done = 0; done < row.size();) {
    const ssize_t wrote = ::write(fd, row.data() + done, row.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    done += static_cast<size_t>(wrote);
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

int start(pid_t& child, const std::string& command, const VerdictTold& told) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  const int input = descriptor_of(told.row);
  if (input >= 0) ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  sigset_t usual;
  ::sigemptyset(&usual);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) ::sigaddset(&usual, signal);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  std::vector<std::string> values = variables(nlohmann::json::parse(told.row, nullptr, false), told.out);
  std::vector<char*> environment;
  for (std::string& value : values) environment.push_back(value.data());
  environment.push_back(nullptr);
  std::string shell = "sh", flag = "-c", text = command;
  char* const words[] = {shell.data(), flag.data(), text.data(), nullptr};
  const int error = ::posix_spawn(&child, "/bin/sh", &files, &attributes, words, environment.data());
  if (input >= 0) ::close(input);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

std::string run_command_on(const std::string& command, const VerdictTold& told, std::chrono::milliseconds limit) {
  pid_t child = 0;
  if (const int error = start(child, command, told); error != 0)
    return std::string("cannot be started: ") + std::strerror(error);
  const auto give_up = std::chrono::steady_clock::now() + limit;
  int status = 0;
  bool killed = false;
  for (auto pause = std::chrono::microseconds(200);; pause = std::min(2 * pause, std::chrono::microseconds(10'000))) {
    const pid_t ended = ::waitpid(child, &status, killed ? 0 : WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) return std::string("cannot be waited for: ") + std::strerror(errno);
    if (!killed && std::chrono::steady_clock::now() > give_up) {
      killed = true;
      ::kill(-child, SIGKILL);
    }
    if (!killed) std::this_thread::sleep_for(pause);
  }
  if (killed) return "was killed: it was not done in time";
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace iuf
