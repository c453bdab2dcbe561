#include "iuf/data/name_forms.h"

#include <map>
#include <optional>

namespace iuf {
namespace {

struct Mark {
  char32_t mark;
  const char32_t* letters;  // each without and with it
};

// The pairs of Unicode's canonical composition for Latin, Greek and Cyrillic letters and kana.
constexpr Mark marks[] = {
    {0x0300, U"AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳ"},
    {0x0301,
     U"AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿ¨΅ΑΆΕΈΗΉΙΊΟΌΥΎΩΏϊΐαάεέηή"
     U"ιίϋΰοόυύωώϒϓГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱMḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêếÔỐôốƠỚơớƯỨưứ"},
    {0x0302, U"AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ"},
    {0x0303, U"AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ"},
    {0x0304, U"AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝ"},
    {0x0306, U"AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặ"},
    {0x0307, U"CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆwẇXẊxẋYẎyẏſẛ"},
    {0x0308,
     U"AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋϒϔЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵЫӸыӹHḦhḧÕṎ"
     U"õṏŪṺūṻWẄwẅXẌxẍtẗ"},
    {0x0309, U"AẢaảÂẨâẩĂẲăẳEẺeẻÊỂêểIỈiỉOỎoỏÔỔôổƠỞơởUỦuủƯỬưửYỶyỷ"},
    {0x030a, U"AÅaåUŮuůwẘyẙ"},
    {0x030b, U"OŐoőUŰuűУӲуӳ"},
    {0x030c, U"CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ"},
    {0x030f, U"AȀaȁEȄeȅIȈiȉOȌoȍRȐrȑUȔuȕѴѶѵѷ"},
    {0x0311, U"AȂaȃEȆeȇIȊiȋOȎoȏRȒrȓUȖuȗ"},
    {0x031b, U"OƠoơUƯuư"},
    {0x0323, U"BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưựYỴyỵ"},
    {0x0324, U"UṲuṳ"},
    {0x0325, U"AḀaḁ"},
    {0x0326, U"SȘsșTȚtț"},
    {0x0327, U"CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ"},
    {0x0328, U"AĄaąEĘeęIĮiįUŲuųOǪoǫ"},
    {0x032d, U"DḒdḓEḘeḙLḼlḽNṊnṋTṰtṱUṶuṷ"},
    {0x032e, U"HḪhḫ"},
    {0x0330, U"EḚeḛIḬiḭUṴuṵ"},
    {0x0331, U"BḆbḇDḎdḏKḴkḵLḺlḻNṈnṉRṞrṟTṮtṯZẔzẕhẖ"},
    {0x3099,
     U"かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガ"
     U"キギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹ"
     U"ヲヺヽヾ"},
    {0x309a, U"はぱひぴふぷへぺほぽハパヒピフプヘペホポ"},
};

// U+FF66 to U+FF9D at full width.
constexpr char32_t half_width_kana[] =
    U"ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

using Pair = std::pair<char32_t, char32_t>;  // letter, mark
struct Pairs {
  std::map<Pair, char32_t> whole = {};
  std::map<char32_t, Pair> parts = {};
};

const Pairs& pairs() {
  static const Pairs all = [] {
    Pairs read;
    for (const auto& [mark, letters] : marks)
      for (const char32_t* at = letters; *at != 0; at += 2) {
        read.whole[{at[0], mark}] = at[1];
        read.parts[at[1]] = {at[0], mark};
      }
    return read;
  }();
  return all;
}

// Hangul syllables are arithmetic (The Unicode Standard, 3.12).
constexpr char32_t kLead = 0x1100, kVowel = 0x1161, kTail = 0x11a7, kSyllable = 0xac00;
constexpr char32_t kLeads = 19, kVowels = 21, kTails = 28;

bool is_among(char32_t c, char32_t first, char32_t count) {
  return c >= first && c < first + count;
}

std::optional<char32_t> whole_of(char32_t first, char32_t second) {
  if (is_among(first, kLead, kLeads) && is_among(second, kVowel, kVowels))
    return kSyllable + ((first - kLead) * kVowels + (second - kVowel)) * kTails;
  if (is_among(first, kSyllable, kLeads * kVowels * kTails) && (first - kSyllable) % kTails == 0 &&
      is_among(second, kTail + 1, kTails - 1))
    return first + (second - kTail);
  const auto found = pairs().whole.find({first, second});
  return found == pairs().whole.end() ? std::nullopt : std::optional(found->second);
}

void append(std::u32string& text, char32_t c) {
  if (is_among(c, kSyllable, kLeads * kVowels * kTails)) {
    const char32_t number = c - kSyllable, tail = number % kTails;
    text += {kLead + number / (kVowels * kTails), kVowel + number / kTails % kVowels};
    if (tail > 0) text += kTail + tail;
  } else if (const auto found = pairs().parts.find(c); found != pairs().parts.end()) {
    append(text, found->second.first);
    text += found->second.second;
  } else {
    text += c;
  }
}

}  // namespace

std::u32string characters(std::string_view bytes) {
  std::u32string text;
  for (size_t i = 0; i < bytes.size();) {
    const auto byte = [&](size_t k) { return static_cast<char32_t>(static_cast<unsigned char>(bytes[k])); };
    const char32_t lead = byte(i);
    const size_t length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xe ? 3 : lead >> 3 == 0x1e ? 4 : 0;
    bool whole = length > 0 && i + length <= bytes.size();
    char32_t c = length <= 1 ? lead : lead & (0x7fu >> length);
    for (size_t k = 1; whole && k < length; ++k) {
      whole = byte(i + k) >> 6 == 0x2;
      c = c << 6 | (byte(i + k) & 0x3f);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    whole = whole && c >= smallest[length] && c < kRawByte;
    text += whole ? c : kRawByte + lead;
    i += whole ? length : 1;
  }
  return text;
}

std::string bytes_of(const std::u32string& text) {
  std::string bytes;
  const auto put = [&](char32_t value) { bytes += static_cast<char>(value); };
  for (const char32_t c : text) {
    if (c >= kRawByte) {
      put(c - kRawByte);
    } else if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else {
      put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    }
  }
  return bytes;
}

namespace {

// Zero-width characters, soft hyphens, marks of the writing direction, selectors of a glyph.
bool is_invisible(char32_t c) {
  return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) ||
         (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

// One of full width, a blank, a hyphen or a bracket becomes the usual one.
char32_t usual(char32_t c) {
  if (c >= 0xff01 && c <= 0xff5e) return c - 0xfee0;
  if (c >= 0xff66 && c <= 0xff9d) return half_width_kana[c - 0xff66];
  if (c == 0xff9e || c == 0xff9f) return c - 0xff9e + 0x3099;
  if (c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f) return ' ';
  if (c >= 0x2010 && c <= 0x2015) return '-';
  if (c == 0x3010 || c == 0x3014) return '[';
  return c == 0x3011 || c == 0x3015 ? ']' : c;
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

std::u32string composed_text(const std::u32string& text) {
  std::u32string found;
  for (const char32_t c : text) {
    const auto whole = found.empty() ? std::nullopt : whole_of(found.back(), c);
    if (whole)
      found.back() = *whole;
    else
      found += c;
  }
  return found;
}

std::u32string decomposed_text(const std::u32string& text) {
  std::u32string found;
  for (const char32_t c : text) append(found, c);
  return found;
}

char32_t lower(char32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7)) return c + 0x20;
  if (c >= 0x410 && c <= 0x42f) return c + 0x20;
  if (c >= 0x400 && c <= 0x40f) return c + 0x50;
  const bool in_pairs = (c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177);
  const bool in_odd_pairs = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
  return (in_pairs && c % 2 == 0) || (in_odd_pairs && c % 2 == 1) ? c + 1 : c;
}

}  // namespace

std::string composed(std::string_view name) {
  return is_ascii(name) ? std::string(name) : bytes_of(composed_text(characters(name)));
}

std::string decomposed(std::string_view name) {
  return is_ascii(name) ? std::string(name) : bytes_of(decomposed_text(characters(name)));
}

std::string usual_form(std::string_view name) {
  if (is_ascii(name)) return std::string(name);
  std::u32string text;
  for (const char32_t c : characters(name))
    if (!is_invisible(c)) text += usual(c);
  return bytes_of(composed_text(text));
}

std::string name_key(std::string_view name) {
  std::u32string text = characters(usual_form(name));
  for (char32_t& c : text) c = lower(c);
  return bytes_of(text);
}

}  // namespace iuf
