// A name may be written in several ways in Unicode, as on a Mac: its words, and which names are alike, do not depend on
// the way.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

const Lines kDefects = {"beschädigt",  "défaut",       "dañado",   "불량",      "キズ",
                        "rayé_défaut", "отказ_дефект", "arranhão", "pęknięcie", "ゴミ"};

// Written as a Mac does, at full width, and with characters that have no width.
std::string full_width(const std::string& text) {
  std::string wide;
  for (const char c : text) {
    const auto code = static_cast<unsigned>(static_cast<unsigned char>(c)) + 0xfee0;
    wide += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
             static_cast<char>(0x80 | (code & 63))};
  }
  return wide;
}

}  // namespace

TEST_CASE("composed and decomposed names are each other's", "[issues][names]") {
  for (const std::string& name :
       Lines{"Kühler", "beschädigt", "ậỆǘṩ", "불량 정상 닭", "キズガパヴ", "Ёлка й", "ΐ", "plain"}) {
    CHECK(composed(name) == name);
    CHECK(composed(decomposed(name)) == name);
    CHECK(decomposed(decomposed(name)) == decomposed(name));
    CHECK((decomposed(name) == name) == (name == "plain"));
  }
  CHECK(decomposed("ä") == "a\xcc\x88");
  CHECK(decomposed("불") == "\xe1\x84\x87\xe1\x85\xae\xe1\x86\xaf");
  CHECK(decomposed("ガ") == "カ\xe3\x82\x99");
  for (const std::string& bytes :
       Lines{"caf\xe9", "\xf4\x90\x80\x80", "\xc0\x80", "\xed\xa0\x80", "a\xff\xcc", "\xcc\x88"}) {
    CHECK(composed(bytes) == bytes);
    CHECK(usual_form(bytes) == bytes);
  }
  CHECK(usual_form("ＮＧ＿０１　ｷｽﾞ【ok】") == "NG_01 キズ[ok]");
  CHECK(usual_form("N\u200bG\ufeff") == "NG");
  CHECK(name_key("KÜHLER") == name_key(decomposed("kühler")));
  CHECK(name_key("Kühler") != name_key("Kuhler"));
  CHECK(name_key("Maße") != name_key("Masse"));
}

TEST_CASE("words are known in each form of Unicode", "[issues][names]") {
  for (const std::string& word : kDefects)
    for (const std::string& written : {word, decomposed(word)}) {
      INFO(word << (written == word ? "" : ", decomposed"));
      CHECK_FALSE(defect_words(written + "_007", "gear").empty());
      const DataFolder folder({"gear/good/0.png", "gear/good/" + written + "_7.png"});
      CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("_7.png"));
      const DataFolder below({"gear/good/0.png", "gear/good/" + written + "/7.png"});
      CHECK_THROWS_WITH(read_dataset(below.path()), Contains("move it out"));
    }
  for (const std::string& word : Lines{"NG", "ng_7", "bad", "n.i.O."}) {
    INFO(word);
    CHECK(role_of(full_width(word)) == FolderRole::defect);
    CHECK_FALSE(defect_words(full_width(word) + "_010", "gear").empty());
    CHECK_FALSE(defect_words("part" + full_width("NG") + "7", "gear").empty());
  }
  CHECK(role_of("N\u200bG") == FolderRole::defect);
  CHECK(role_of("ｷｽﾞ") == role_of("キズ"));
  for (const std::string& normal : Lines{"sans_défaut", "정상", "양품", "hyvä"}) {
    INFO(normal);
    CHECK(role_of(normal) == FolderRole::normal);
    CHECK(role_of(decomposed(normal)) == FolderRole::normal);
  }
  for (const std::string& test : Lines{"Prüfung", "ПРОВЕРКА"}) CHECK(role_of(decomposed(test)) == role_of(test));
}

TEST_CASE("products, kinds, masks and lists fit in each form", "[issues][names]") {
  const std::string product = "Kühler", kind = "Schläge", stem = "Stück0";
  const DataFolder two({product + "/good/0.png", decomposed(product) + "/good/1.png"});
  CHECK_THROWS_WITH(read_dataset(two.path()), Contains("form in Unicode"));
  const DataFolder folder({product + "/train/good/0.png", product + "/test/" + kind + "/" + stem + ".png"});
  folder.add_masks({product + "/ground_truth/" + decomposed(kind) + "/" + decomposed(stem) + "_mask.png"});
  CHECK_THAT(description(read_dataset(folder.path()), product), Contains("all with masks"));
  const DataFolder beside({"nut/good/0.png", "nut/NG/" + stem + ".png"});
  beside.add_masks({"nut/NG/" + decomposed(stem) + "_mask.png"});
  CHECK_THAT(description(read_dataset(beside.path()), "nut"), Contains("all with masks"));
  const DataFolder equal({"nut/good/0.png", "nut/NG/" + stem + ".png"});
  equal.add_masks({"nut/NG/" + decomposed(stem) + ".PNG"});
  CHECK_THAT(description(read_dataset(equal.path()), "nut"), Contains("all with masks"));
  // A kind that lies both among normal images and among defects.
  const DataFolder both({"nut/good/Größe/0.png", "nut/" + decomposed("Größe") + "/0.png"});
  CHECK_THROWS_WITH(read_dataset(both / "nut"), Contains("among normal images"));
}

TEST_CASE("a list names files in another form than their folder has them", "[issues][names][lists]") {
  const std::string name = "Gerät/Stück_";
  const auto row = [&](const std::string& file, const std::string& object) {
    return R"({"filename": ")" + file + R"(", "label": 0, "clsname": ")" + object + "\"}\n";
  };
  for (const bool files_decomposed : {false, true}) {
    const std::string there = files_decomposed ? decomposed(name) : name,
                      said = files_decomposed ? name : decomposed(name);
    const DataFolder folder({there + "0.png", there + "1.png"});
    folder.add("train.json", row(said + "0.png", "nut") + row(said + "1.png", "nut"));
    const Dataset data = read_dataset(folder.path());
    REQUIRE(data.samples.size() == 2);
    CHECK(fs::exists(data.samples[0].file));
    folder.add("train.json", row(said + "0.png", "nut") + row(said + "2.png", "nut"));
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("no such file"));
    folder.add("train.json", row(said + "0.png", "Kühler") + row(said + "1.png", decomposed("Kühler")));
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("form in Unicode"));
  }
}
