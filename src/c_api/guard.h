#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "c_api/iuf.h"

namespace iuf::c_api {

/// Arguments that make no sense: IUF_WRONG_USE.
struct WrongUse {
  std::string text;
};
/// IUF_CANCELLED.
struct Cancelled {};

/// Of one call, on the thread that makes it: denormals are flushed and threads are as iuf_set_threads() said, as in the
/// program; both are the caller's own again at the end.
class Borrowed {
 public:
  Borrowed();
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed();

 private:
  uint64_t mode_;
  int threads_;
};

/// Keeps the text of the exception that is being handled for iuf_last_error(), and tells its status. Never throws.
iuf_status status_of_exception() noexcept;

/// Runs what may throw: nothing leaves it.
template <class Body>
iuf_status guarded(const Body& body) noexcept {
  try {
    const Borrowed thread;
    body();
    return IUF_OK;
  } catch (...) {
    return status_of_exception();
  }
}

/// `what` names a pointer that must not be null.
inline void require(const void* value, const char* what) {
  if (!value) throw WrongUse{std::string(what) + " is a null pointer"};
}
template <class T>
T& given(T* value, const char* what) {
  require(value, what);
  return *value;
}

/// As callers are told numbers that may lack.
inline double or_nan(std::optional<double> value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

/// Fills a struct of a caller whose header says that it has `size` bytes: what the caller does not know is left out,
/// what this library does not know is zero.
void fill(void* out, size_t size, const void* own, size_t own_size, const char* what);

}  // namespace iuf::c_api
