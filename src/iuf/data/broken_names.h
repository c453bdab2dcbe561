#pragma once

#include <string>
#include <string_view>

namespace iuf {

/// A name that was read through a wrong encoding or escaped, as it was before: "besch#U00e4digt" (unzip),
/// "besch%C3%A4digt", "beschÃ¤digt" (UTF-8 read as Latin-1 or a code page of DOS or the Mac), bytes of Latin-1 and of
/// DOS. "DEFEKT~1" becomes "DEFEKT_1"; the last word of such a short name is completed where the table of words
/// (name_words.h) has one that begins so, first of all one for defects. Other names stay as they are.
std::string mended_name(std::string_view name);

}  // namespace iuf
