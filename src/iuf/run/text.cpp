#include "iuf/run/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace iuf::report {
namespace {

/// The length of the valid UTF-8 sequence that `text` starts with, 0 where there is none.
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  // Overlong forms, surrogates and values above U+10FFFF.
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF0 && byte(1) < 0x90) ||
      (lead == 0xF4 && byte(1) >= 0x90))
    return 0;
  return length;
}

std::string convert(double value, std::chars_format format, int digits) {
  if (std::isnan(value)) return "n/a";
  if (std::isinf(value)) return value > 0 ? "\u221E" : "\u2212\u221E";
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), format, digits).ptr;
  std::string text(buffer.data(), end);
  const bool zero = text.find_first_of("123456789") == std::string::npos;
  return join(value < 0 && !zero ? "\u2212" : "", text);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    const char c = text[0];
    const auto byte = static_cast<uint8_t>(c);
    if (length == 0 || byte == 0x7F || (byte < 0x20 && c != '\n' && c != '\t'))
      result += "\uFFFD";
    else if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\'')
      result += "&#39;";
    else
      result += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

std::string fixed(double value, int digits) {
  return convert(value, std::chars_format::fixed, digits);
}

std::string number(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return fixed(value, 0);
  if (size != 0 && (size < 1e-3 || size >= 1e6)) return convert(value, std::chars_format::scientific, 2);
  const int before = size < 1 ? 0 : static_cast<int>(std::log10(size)) + 1;
  return fixed(value, before >= 4 ? 0 : 4 - before);
}

std::string trimmed(double value, int digits) {
  std::string text = fixed(value, digits);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string percent(double fraction) {
  const std::string text = fixed(100 * fraction, 1);
  return text == "-0.0" ? "0.0" : text;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "n/a";
  if (seconds < 59.95) return fixed(seconds, 1) + " s";
  const double whole = std::round(seconds);
  const auto two = [](double value) { return join(value < 10 ? "0" : "", fixed(value, 0)); };
  const double minutes = std::floor(whole / 60);
  if (minutes < 60) return join(fixed(minutes, 0), " min ", two(whole - 60 * minutes), " s");
  const double hours = std::floor(minutes / 60);
  return join(fixed(hours, 0), " h ", two(minutes - 60 * hours), " min");
}

std::string memory(double bytes) {
  const double mebi = bytes / (1 << 20);
  return mebi < 1024 ? fixed(mebi, mebi < 10 ? 1 : 0) + " MiB" : fixed(mebi / 1024, 2) + " GiB";
}

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? std::to_integer<uint32_t>(bytes[i + j]) : 0);
    for (size_t j = 0; j < 4; ++j) result += j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return result;
}

}  // namespace iuf::report
