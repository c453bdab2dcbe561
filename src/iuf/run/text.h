#pragma once

#include <optional>
#include <string>

/// Numbers as a reader sees them, in the report and on a terminal. No value and NaN, which stand for "the data cannot
/// give it", read n/a; the minus sign is U+2212. No locale is involved.
namespace iuf {

/// With so many digits after the point.
std::string fixed_text(std::optional<double> value, int digits);
/// With about four significant digits: 0.01234, 1.234, 1234, 1.2e+06.
std::string number_text(std::optional<double> value);
/// `fixed_text` without closing zeros: 0.5, 20, 1500.
std::string trimmed_text(std::optional<double> value, int digits);
/// A fraction in percent, one digit: 0.9712 is "97.1".
std::string percent_text(std::optional<double> fraction);
/// "12.3 s", "4 min 05 s", "2 h 03 min".
std::string duration_text(std::optional<double> seconds);
/// "9.1 MiB", "812 MiB", "1.50 GiB".
std::string memory_text(std::optional<double> bytes);
/// For programs, unlike the others: the shortest text that reads back as this value.
std::string exact_text(double value);

}  // namespace iuf
