#include "iuf/data/broken_names.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "iuf/data/name_forms.h"
#include "iuf/data/name_words.h"

namespace iuf {
namespace {

// What the bytes 0x80 to 0xff mean: Windows-1252, whose gaps are Latin-1's control characters, the code pages 437 and
// 850 of DOS, and Mac Roman.
constexpr char32_t pages[][129] = {
    U"€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿"
    U"ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
    U"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
    U"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
    U"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐"
    U"└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
    U"ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
    U"¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ"};
constexpr const auto& kDosPage = pages[1];

std::optional<unsigned> byte_of(char32_t c, const char32_t (&page)[129]) {
  if (c < 0x80) return std::nullopt;
  if (&page == &pages[0] && c < 0xa0) return static_cast<unsigned>(c);  // Latin-1's
  const auto* found = std::find(page, page + 128, c);
  return found == page + 128 ? std::nullopt : std::optional(static_cast<unsigned>(found - page) + 0x80);
}

// How many bytes a character of UTF-8 has that begins so; 0 for none that a name would have.
size_t size_by_lead(unsigned lead) {
  if (lead >= 0xc2 && lead <= 0xd1) return 2;  // Latin, Greek, Cyrillic and marks
  if (lead >= 0xe2 && lead <= 0xed) return 3;  // marks of verdicts, kana, Chinese and Korean
  return lead == 0xf0 ? 4 : 0;
}

// Whether it begins a misread character, and is no letter in a name that is whole: in Windows-1252 these are capitals
// that hardly stand before the signs that follow, but for a dash.
bool may_lead(char32_t c, char32_t next, const char32_t (&page)[129]) {
  const bool is_letter = c >= 0xc0 && c < 0x250 && c != U'ƒ';
  if (&page != &pages[0]) return !is_letter;
  return (next != U'–' && next != U'—') || c == U'Â' || c == U'Ã';
}

// Characters whose bytes were read one by one as those of a page.
std::u32string read_again(const std::u32string& text, const char32_t (&page)[129]) {
  std::u32string found;
  for (size_t i = 0; i < text.size();) {
    const std::optional<unsigned> lead = byte_of(text[i], page);
    const size_t size = lead ? size_by_lead(*lead) : 0;
    char32_t c = size == 0 ? 0 : *lead & (0x7fU >> size);
    bool fits = size > 0 && i + size <= text.size() && may_lead(text[i], text[i + 1], page);
    for (size_t k = 1; fits && k < size; ++k) {
      const std::optional<unsigned> next = byte_of(text[i + k], page);
      fits = next && *next < 0xc0;
      c = c << 6 | (next.value_or(0) & 0x3f);
    }
    fits = fits && !(c >= 0xd800 && c < 0xe000);
    found += fits ? c : text[i];
    i += fits ? size : 1;
  }
  return found;
}

std::optional<unsigned> hex(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    const bool is_digit = c >= '0' && c <= '9', is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'f';
    if (!is_digit && !is_letter) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(is_digit ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

bool is_utf8(std::string_view bytes) {
  return std::ranges::all_of(characters(bytes), [](char32_t c) { return c < kRawByte; });
}

// %C3%A4. In small letters what is no UTF-8 may be a word behind a percent sign, "50%defect".
std::string without_percents(std::string_view name) {
  std::string found;
  for (size_t i = 0; i < name.size();) {
    std::string run;
    size_t end = i;
    for (; end + 3 <= name.size() && name[end] == '%'; end += 3) {
      const auto byte = hex(name.substr(end + 1, 2));
      if (!byte || *byte < 0x20 || *byte == '/' || *byte == 0x7f) break;
      run += static_cast<char>(*byte);
    }
    const std::string_view escaped = name.substr(i, end - i);
    const bool is_escape = !run.empty() && (is_utf8(run) || escaped.find_first_of("abcdef") == std::string_view::npos);
    if (end == i) end = i + 1;
    found += is_escape ? run : std::string(name.substr(i, end - i));
    i = end;
  }
  return found;
}

// #U00e4, and #L01f44e for characters beyond the first 65536.
std::string without_numbers(std::string_view name) {
  std::string found;
  for (size_t i = 0; i < name.size();) {
    const size_t digits = name.substr(i).starts_with("#U") ? 4 : name.substr(i).starts_with("#L") ? 6 : 0;
    const auto c = digits > 0 && i + 2 + digits <= name.size() ? hex(name.substr(i + 2, digits)) : std::nullopt;
    if (c && *c >= 0x80 && *c < kRawByte && !(*c >= 0xd800 && *c < 0xe000)) {
      found += bytes_of(std::u32string(1, static_cast<char32_t>(*c)));
      i += 2 + digits;
    } else {
      found += name[i++];
    }
  }
  return found;
}

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A letter of one byte that was read in another page: DOS's in Windows-1252, and the other way round.
void mend_letters(std::u32string& text) {
  static constexpr std::u32string_view wrong = U"\u0081\u0084\u0094„”Σ÷ⁿ▀", right = U"üäöäöäöüß";
  for (size_t i = 1; i + 1 < text.size(); ++i)
    if (const size_t at = wrong.find(text[i]);
        at != std::u32string_view::npos && is_letter(text[i - 1]) && is_letter(text[i + 1]))
      text[i] = right[at];
}

// SCRATC~1: what Windows calls "scratches" in eight characters, of which "~1" are two.
std::string long_name(const std::string& name) {
  constexpr size_t most = 8, shortest = 5;  // characters of the name, letters that a word may be completed from
  const size_t tilde = name.rfind('~');
  if (tilde == std::string::npos || tilde == 0 || !is_number(std::string_view(name).substr(tilde + 1))) return name;
  const size_t size = characters(name).size();
  if (size > most) return name;
  std::string before = name.substr(0, tilde);
  const size_t word = before.find_last_of("_-. 0123456789") + 1;
  const std::string last = folded(std::string_view(before).substr(word));
  if (size == most && last.size() >= shortest && word_meaning(last) == Word::none)
    if (const std::string_view whole = word_beginning(last); !whole.empty())
      before.replace(word, std::string::npos, whole);
  return before + "_" + name.substr(tilde + 1);
}

}  // namespace

std::string mended_name(std::string_view name) {
  constexpr int most_times = 3;  // that a name was misread
  const bool plain = std::ranges::all_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '%' && c != '#' && c != '~'; });
  if (plain) return std::string(name);
  std::u32string text = characters(without_numbers(without_percents(name)));
  for (int i = 0; i < most_times; ++i)
    for (const auto& page : pages)
      if (std::u32string again = read_again(text, page); again != text) {
        text = std::move(again);
        break;
      }
  for (char32_t& c : text)
    if (c >= kRawByte) c = c - kRawByte < 0xa0 ? kDosPage[c - kRawByte - 0x80] : c - kRawByte;
  mend_letters(text);
  return long_name(bytes_of(text));
}

}  // namespace iuf
