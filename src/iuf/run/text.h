#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// Values as the report shows them. NaN stands for "the data cannot give it" and reads n/a. No locale is involved.
namespace iuf::report {

template <class... Parts>
std::string join(const Parts&... parts) {
  std::string text;
  ((text += parts), ...);
  return text;
}

/// For element content and for attribute values in double quotes; bytes that are no UTF-8 and control characters become
/// U+FFFD.
std::string escape(std::string_view text);

/// With so many digits after the point.
std::string fixed(double value, int digits);
/// With about four significant digits: 0.01234, 1.234, 1234, 1.2e+06.
std::string number(double value);
/// `fixed` without closing zeros: 0.5, 20, 1500.
std::string trimmed(double value, int digits);
/// A fraction in percent, one digit: 0.9712 is "97.1".
std::string percent(double fraction);
/// "12.3 s", "4 min 05 s", "2 h 03 min".
std::string duration(double seconds);
/// "812 MiB", "1.50 GiB".
std::string memory(double bytes);

std::string base64(std::span<const std::byte> bytes);

}  // namespace iuf::report
