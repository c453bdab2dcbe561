#pragma once

#include <string>
#include <string_view>

// Text for people, and text from outside, such as the names of files, which may hold any byte.
namespace iuf {

/// "1 step", "3 steps".
template <class Integer>
std::string plural(Integer count, std::string_view one, std::string_view many) {
  return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

/// Printable UTF-8 on one line, whatever the bytes are: each byte that is no part of a UTF-8 character, or that would
/// change how a line is shown (control characters, line separators, marks that turn the direction of writing), becomes
/// \xHH, its value in two hexadecimal digits. For messages, whose names are escaped already.
std::string plain_text(std::string_view bytes);

/// The same with a back-slash doubled, so that unescaped() gives the bytes back. For names in tables and files.
std::string escaped(std::string_view bytes);
/// The bytes that escaped() was given. A back-slash that begins neither \\ nor \xHH stands for itself.
std::string unescaped(std::string_view text);

}  // namespace iuf
