#include "apps/stop_signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "tensor/error.h"

namespace iuf {
namespace {

int ends[2] = {-1, -1};  // of a pipe

extern "C" void on_stop(int signal) {
  [[maybe_unused]] const auto written = ::write(ends[1], "", 1);
  std::signal(signal, SIG_DFL);
}

}  // namespace

int stop_descriptor() {
  if (ends[0] < 0 && ::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) fail("cannot make a pipe: too many open files?");
  for (const int signal : {SIGINT, SIGTERM})
    if (std::signal(signal, on_stop) == SIG_IGN) std::signal(signal, SIG_IGN);
  return ends[0];
}

}  // namespace iuf
