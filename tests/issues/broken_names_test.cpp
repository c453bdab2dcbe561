// Words for defects in names that came through a broken encoding were not seen: photographs of defects were learned.
#include "iuf/data/broken_names.h"

#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

void refuses(const std::string& word, const std::string& damaged) {
  INFO(word << " as " << damaged);
  CHECK_FALSE(defect_words(damaged + "_007", "gear").empty());
  const DataFolder file({"gear/good/0.png", "gear/good/" + damaged + "_7.png"});
  CHECK_THROWS_WITH(read_dataset(file.path()), Contains("_7.png"));
  const DataFolder below({"gear/good/0.png", "gear/good/" + damaged + "/7.png"});
  CHECK_THROWS_WITH(read_dataset(below.path()), Contains("move it out"));
}

// With each byte that is no ASCII spelled by `spell`.
template <class Spell>
std::string respelled(const std::string& text, Spell&& spell) {
  std::string found;
  for (const char c : text) found += (c & 0x80) ? spell(static_cast<unsigned char>(c)) : std::string(1, c);
  return found;
}

// Each byte as a character of Latin-1.
std::string as_latin(const std::string& text) {
  return respelled(text, [](unsigned char byte) {
    return std::string{static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f))};
  });
}

std::string in_percents(const std::string& text) {
  return respelled(text, [](unsigned char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string{'%', digits[byte >> 4], digits[byte & 15]};
  });
}

}  // namespace

TEST_CASE("words that a broken encoding has damaged are known", "[issues][names][broken_names]") {
  for (const std::string word :
       {"beschädigt", "défaut", "dañado", "arranhão", "pęknięcie", "брак", "불량", "不良", "キズ"}) {
    refuses(word, as_latin(word));
    refuses(word, as_latin(as_latin(word)));
    refuses(word, in_percents(word));
  }
  for (const char* damaged : {"besch#U00e4digt", "bescha#U0308digt", "BESCH#U00C4DIGT", "besch├ñdigt", "besch√§digt",
                              "besch\xe4"
                              "digt",
                              "besch\x84"
                              "digt",
                              "besch„digt", "beschΣdigt", "besch%E4digt", "besch%c3%a4digt", "besch\uFFFDdigt",
                              "besch\uFFFD\uFFFDdigt", "besch?digt", "beschaÌˆdigt"})
    refuses("beschädigt", damaged);
  refuses("défaut", "d├®faut");
  refuses("défaut", "d├⌐faut");
  refuses("scratch left", "scratch%20left");
  refuses("❌", "#U274c");
  CHECK(role_of("fehlerfrei%20Gut") == role_of("fehlerfrei Gut"));
  CHECK(role_of("sans_d%C3%A9faut") == FolderRole::normal);
}

TEST_CASE("short names of DOS are known", "[issues][names][broken_names]") {
  for (const char* name :
       {"DEFEKT~1", "SCRATC~1", "KRATZE~2", "defect~1", "ANOMAL~1", "NG_201~1", "NICHTO~1", "BESCHÄ~1"}) {
    INFO(name);
    const DataFolder file({"gear/good/0.png", std::string("gear/good/") + name + ".PNG"});
    CHECK_THROWS_WITH(read_dataset(file.path()), Contains(name));
    const DataFolder below({"gear/good/0.png", std::string("gear/good/") + name + "/7.png"});
    CHECK_THROWS_WITH(read_dataset(below.path()), Contains("move it out"));
  }
  CHECK(role_of("DEFEKT~1") == FolderRole::defect);
  CHECK(mended_name("SCRATC~1") == "scratch_1");
  for (const char* name : {"PART01~1", "GEAR_0~1", "IMG_20~3", "7~1", "CONTAC~1", "part~scratc~1x"}) {
    INFO(name);
    CHECK(defect_words(name, "gear").empty());
  }
}

TEST_CASE("names that are not broken stay as they are", "[issues][names][broken_names]") {
  for (const std::string name : {"beschädigt", "défaut",
                                 "Straße–7",   "50%defect",
                                 "100%",       "%",
                                 "#U00e",      "#Uxyz1",
                                 "#1",         "a%2fb",
                                 "a%00b",      "Ä–7",
                                 "缺陷",       "ÀÉ",
                                 "7°",         "M3×10",
                                 "São_João",   "„x”",
                                 "~",          "x~",
                                 "~1",         "\xf0\x9f\x91\x8e",
                                 "#Ud800",     "%2F"})
    CHECK(mended_name(name) == name);
  CHECK(mended_name("caf\xe9") == "café");
  CHECK(mended_name("\xff\xfe\x80") == "ÿþÇ");
}
