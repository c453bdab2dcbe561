// Verdicts that names of files tell by marks or by codes in pairs: P and F.
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* kPlaces[] = {"nut/", "nut/good/", "nut/train/good/", "nut/test/good/"};

Lines with_rest(const std::string& place, Lines names) {
  for (std::string& name : names) name = place + name + ".png";
  if (place == "nut/test/good/") names.push_back("nut/train/good/0.png");
  return names;
}

std::string said(const Lines& names) {
  const DataFolder folder(with_rest("nut/", names));
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("marks in the names of normal images", "[issues][folders][verdict_names]") {
  const std::string name =
      GENERATE(as<std::string>(), "0012_✗", "0012✗", "12 ❌", "❌12", "gear✘7", "0012_×", "×_7", "gear×", "a_⛔_3",
               "👎🏽 5", "7🚫", "✖️_4", "7_verdacht", "7_rayé", "7_vadný", "部品バリ_7");
  INFO(name);
  for (const std::string place : kPlaces) {
    const DataFolder folder(with_rest(place, {"1_✓", "2✅", "👍3", "4 ✔", name}));
    CHECK_THROWS_WITH(read_dataset(folder / "nut"), Contains(name) && Contains("--normal"));
  }
  const DataFolder folder(with_rest("nut/", {"1", name}));
  CHECK(read_object(folder / "nut", "nut", Trust::caller).samples.size() == 2);
}

TEST_CASE("marks in other places", "[issues][folders][verdict_names]") {
  for (const char* mark : {"✗", "✘", "✕", "✖", "❌", "❎", "☒", "⛔", "👎", "🚫", "🆖", "×"})
    CHECK(role_of(mark) == FolderRole::defect);
  for (const char* mark : {"✓", "✔", "✅", "☑", "👍", "🆗"}) CHECK(role_of(mark) == FolderRole::normal);
  for (const char* name : {"64×64_7", "M3 × 10 7", "cam_10×", "10×_7", "バリエーション_7", "1✓"}) {
    INFO(name);
    CHECK_NOTHROW(said({"0", name}));
  }
}

TEST_CASE("codes in pairs at the end or the beginning of names", "[issues][folders][verdict_names]") {
  const auto [good, bad] = GENERATE(table<std::string, std::string>({{"1_P", "2_F"},
                                                                     {"1_true", "2_false"},
                                                                     {"1-G", "2-B"},
                                                                     {"G0001", "B0002"},
                                                                     {"0001P", "0002F"},
                                                                     {"p_1", "f_2"},
                                                                     {"yes 1", "no 2"},
                                                                     {"1 pos", "2 neg"},
                                                                     {"cam_1_Y", "cam_2_N"}}));
  INFO(good << " " << bad);
  for (const std::string place : kPlaces) {
    const DataFolder folder(with_rest(place, {"0" + good, good, bad}));
    CHECK_THROWS_WITH(read_dataset(folder / "nut"),
                      Contains(good + ".png") && Contains(bad + ".png") && Contains("(1)") && Contains("--normal"));
  }
  const DataFolder folder(with_rest("nut/", {good, bad}));
  CHECK(read_object(folder / "nut", "nut", Trust::caller).samples.size() == 2);
}

TEST_CASE("numbers as codes", "[issues][folders][verdict_names]") {
  CHECK_THROWS_WITH(said({"11_0", "12_0", "13_1", "14_0"}), Contains("13_1.png") && Contains("(3)"));
  CHECK_NOTHROW(said({"11_0", "11_1", "12_0", "12_1"}));  // two views of each
  CHECK_NOTHROW(said({"cam_0", "cam_1", "cam_2", "cam_3"}));
  CHECK_NOTHROW(said({"0", "1"}));
}

TEST_CASE("codes that are no verdicts", "[issues][folders][verdict_names]") {
  CHECK_NOTHROW(said({"7_R", "7_G", "7_B", "8_R", "8_G", "8_B"}));
  CHECK_NOTHROW(said({"A1", "B1", "F1", "G1", "P1"}));  // places on a tray
  const DataFolder folder({"nut/good/1_P.png", "nut/good/2_F.png", "nut/dent/1_P.png", "nut/dent/2_F.png"});
  CHECK_NOTHROW(read_dataset(folder / "nut"));  // of defects as well
}

TEST_CASE("a code on some names alone is said", "[issues][folders][verdict_names]") {
  CHECK_THAT(said({"1", "2", "3", "4_X"}),
             Contains("1 of 4 names of normal images end with 'x'") && Contains("4_X.png"));
  CHECK_THAT(said({"1", "2", "3", "4_F"}), Contains("'f'"));
  CHECK_THAT(said({"1", "2", "3", "4!!!"}), Contains("'!'"));
  CHECK_THAT(said({"1_X", "2_X", "3_Y", "4_Z"}), !Contains("code"));
  CHECK_THAT(said({"1", "2", "3"}), !Contains("code"));
}
