#include "iuf/run/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace iuf {
namespace {

std::string convert(std::optional<double> value, std::chars_format format, int digits) {
  if (!value || std::isnan(*value)) return "n/a";
  if (std::isinf(*value)) return *value > 0 ? "\u221E" : "\u2212\u221E";
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(*value), format, digits).ptr;
  const std::string text(buffer.data(), end);
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return (*value < 0 && !zero ? "\u2212" : "") + text;
}

}  // namespace

std::string fixed_text(std::optional<double> value, int digits) {
  return convert(value, std::chars_format::fixed, digits);
}

std::string number_text(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return fixed_text(value, 0);
  const double size = std::abs(*value);
  if (size != 0 && (size < 1e-3 || size >= 1e6)) return convert(value, std::chars_format::scientific, 2);
  const int before = size < 1 ? 0 : static_cast<int>(std::log10(size)) + 1;
  return fixed_text(value, before >= 4 ? 0 : 4 - before);
}

std::string trimmed_text(std::optional<double> value, int digits) {
  std::string text = fixed_text(value, digits);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string percent_text(std::optional<double> fraction) {
  return fraction ? fixed_text(100 * *fraction, 1) : "n/a";
}

std::string duration_text(std::optional<double> seconds) {
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0) return "n/a";
  if (*seconds < 59.95) return fixed_text(*seconds, 1) + " s";
  const double whole = std::round(*seconds);
  const auto two = [](double value) { return (value < 10 ? "0" : "") + fixed_text(value, 0); };
  const double minutes = std::floor(whole / 60);
  if (minutes < 60) return fixed_text(minutes, 0) + " min " + two(whole - 60 * minutes) + " s";
  const double hours = std::floor(minutes / 60);
  return fixed_text(hours, 0) + " h " + two(minutes - 60 * hours) + " min";
}

std::string memory_text(std::optional<double> bytes) {
  if (!bytes || std::isnan(*bytes)) return "n/a";
  const double mebi = *bytes / (1 << 20);
  return mebi < 1024 ? fixed_text(mebi, mebi < 10 ? 1 : 0) + " MiB" : fixed_text(mebi / 1024, 2) + " GiB";
}

std::string exact_text(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace iuf
