#pragma once

#include <string>
#include <string_view>

// The same name may be written in several ways in Unicode: "ä" or "a" with a mark behind it, as a Mac writes it. Bytes
// that are no UTF-8 stay as they are.
namespace iuf {

/// Its characters; a byte that is no UTF-8 is kRawByte + its value, which is above all of them.
inline constexpr char32_t kRawByte = 0x110000;
std::u32string characters(std::string_view bytes);
std::string bytes_of(const std::u32string& text);

/// With as few characters as letters and their marks, kana and Hangul need (Unicode's form C), or as many (form D).
std::string composed(std::string_view name);
std::string decomposed(std::string_view name);

/// Composed, letters and digits of full width and kana of half width as the usual ones, so too blanks, hyphens and
/// brackets; without what has no width.
std::string usual_form(std::string_view name);
/// The same in lower case, also Latin letters with marks and Cyrillic ones: names of one key are alike.
std::string name_key(std::string_view name);

}  // namespace iuf
