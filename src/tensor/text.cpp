#include "tensor/text.h"

#include <cstddef>
#include <cstdint>

namespace iuf {
namespace {

/// The character at the front of the text and its length in bytes; length 0 where there is none.
struct Character {
  uint32_t code = 0;
  size_t length = 0;
};

// Errors as RFC 3629 has them: overlong forms, surrogates, values above U+10FFFF and missing bytes.
Character first_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
  if (length == 0 || length > text.size()) return {};
  uint32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 0x2) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

bool changes_the_line(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200E && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

enum class BackSlash { once, doubled };

std::string shown(std::string_view bytes, BackSlash back_slash) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    const size_t length = character.length == 0 ? 1 : character.length;
    if (character.length == 0 || changes_the_line(character.code)) {
      for (const char c : bytes.substr(0, length)) {
        const auto value = static_cast<unsigned char>(c);
        text += {'\\', 'x', digits[value >> 4], digits[value & 15]};
      }
    } else {
      text += bytes.substr(0, length);
      if (character.code == '\\' && back_slash == BackSlash::doubled) text += '\\';
    }
    bytes.remove_prefix(length);
  }
  return text;
}

/// The value of a hexadecimal digit as escaped() writes it; -1 for another character.
int digit_value(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string plain_text(std::string_view bytes) {
  return shown(bytes, BackSlash::once);
}

std::string escaped(std::string_view bytes) {
  return shown(bytes, BackSlash::doubled);
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    bytes += text[i];
    if (text[i] != '\\') continue;
    if (text.substr(i + 1, 1) == "\\") {
      ++i;
    } else if (text.substr(i + 1, 1) == "x" && i + 3 < text.size()) {
      const int high = digit_value(text[i + 2]), low = digit_value(text[i + 3]);
      if (high < 0 || low < 0) continue;
      bytes.back() = static_cast<char>(high * 16 + low);
      i += 3;
    }
  }
  return bytes;
}

}  // namespace iuf
