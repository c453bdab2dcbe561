#include "c_api/guard.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>

#include "tensor/error.h"
#include "tensor/float_mode.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf::c_api {
namespace {

std::atomic<int> wanted_threads = 0;  // 0: as the thread has it

// Of fixed size, so that saying that there is no memory needs none.
thread_local char last_error[2048] = "";

void keep(const char* text) noexcept {
  std::snprintf(last_error, sizeof last_error, "%s", text);
}

void keep_line(const char* text) noexcept {
  try {
    std::string line = text;
    std::ranges::replace(line, '\n', ' ');
    keep(plain_text(line).c_str());
  } catch (...) {
    keep("out of memory");
  }
}

}  // namespace

Borrowed::Borrowed() : mode_(float_mode()), threads_(thread_count()) {
  if (const int wanted = wanted_threads; wanted > 0) set_thread_count(wanted);
  flush_denormals();
}

Borrowed::~Borrowed() {
  set_thread_count(threads_);
  set_float_mode(mode_);
}

iuf_status status_of_exception() noexcept {
  try {
    throw;
  } catch (const WrongUse& e) {
    keep_line(e.text.c_str());
    return IUF_WRONG_USE;
  } catch (const Cancelled&) {
    keep("cancelled");
    return IUF_CANCELLED;
  } catch (const std::bad_alloc&) {
    keep("out of memory: use a smaller image, or fewer threads");
    return IUF_NO_MEMORY;
  } catch (const std::filesystem::filesystem_error& e) {
    keep_line((e.path1().string() + ": " + e.code().message() + ": check the path and its permissions").c_str());
    return IUF_FAILED;
  } catch (const std::exception& e) {
    keep_line(e.what());
    return IUF_FAILED;
  } catch (...) {
    keep("a callback threw an exception that the library does not know");
    return IUF_FAILED;
  }
}

void fill(void* out, size_t size, const void* own, size_t own_size, const char* what) {
  require(out, what);
  std::memset(out, 0, size);
  std::memcpy(out, own, std::min(size, own_size));
}

}  // namespace iuf::c_api

using namespace iuf::c_api;

extern "C" {

int32_t iuf_abi_version(void) {
  return IUF_ABI_VERSION;
}

const char* iuf_version(void) {
  return IUF_VERSION;
}

const char* iuf_last_error(void) {
  return last_error;
}

iuf_status iuf_set_threads(int32_t threads) {
  return guarded([&] {
    if (threads < 0 || threads > 4096)
      throw WrongUse{"threads: " + std::to_string(threads) + " is not within 0 to 4096"};
    wanted_threads = threads;
  });
}

}  // extern "C"
