#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace iuf {

/// Every failure that a caller or a user can cause. The text says who, what (shapes, file and offset) and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Error with all parts streamed into one line: fail("matmul: ", a.shape(), " * ", b.shape(), ": ...").
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Error(text.str());
}

}  // namespace iuf
