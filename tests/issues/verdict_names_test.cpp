// Verdicts that names of files tell by marks or by codes in pairs: P and F.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
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

std::string said_of_verdicts(const Lines& names) {
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
    CHECK_NOTHROW(said_of_verdicts({"0", name}));
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
  CHECK_THROWS_WITH(said_of_verdicts({"11_0", "12_0", "13_1", "14_0"}), Contains("13_1.png") && Contains("(3)"));
  CHECK_NOTHROW(said_of_verdicts({"11_0", "11_1", "12_0", "12_1"}));  // two views of each
  CHECK_NOTHROW(said_of_verdicts({"cam_0", "cam_1", "cam_2", "cam_3"}));
  CHECK_NOTHROW(said_of_verdicts({"0", "1"}));
}

TEST_CASE("codes that are no verdicts", "[issues][folders][verdict_names]") {
  CHECK_NOTHROW(said_of_verdicts({"7_R", "7_G", "7_B", "8_R", "8_G", "8_B"}));
  CHECK_NOTHROW(said_of_verdicts({"A1", "B1", "F1", "G1", "P1"}));  // places on a tray
  const DataFolder folder({"nut/good/1_P.png", "nut/good/2_F.png", "nut/dent/1_P.png", "nut/dent/2_F.png"});
  CHECK_NOTHROW(read_dataset(folder / "nut"));  // of defects as well
}

TEST_CASE("a code on some names alone is said", "[issues][folders][verdict_names]") {
  CHECK_THAT(said_of_verdicts({"1", "2", "3", "4_X"}),
             Contains("1 of 4 names of normal images end with 'x'") && Contains("4_X.png"));
  CHECK_THAT(said_of_verdicts({"1", "2", "3", "4_F"}), Contains("'f'"));
  CHECK_THAT(said_of_verdicts({"1", "2", "3", "4!!!"}), Contains("'!'"));
  CHECK_THAT(said_of_verdicts({"1_X", "2_X", "3_Y", "4_Z"}), !Contains("code"));
  CHECK_THAT(said_of_verdicts({"1", "2", "3"}), !Contains("code"));
}

TEST_CASE("codes in the middle of names", "[issues][folders][verdict_names]") {
  const auto [good, bad] = GENERATE(table<std::string, std::string>({{"P", "F"},
                                                                     {"p", "f"},
                                                                     {"G", "B"},
                                                                     {"Y", "N"},
                                                                     {"A", "R"},
                                                                     {"T", "F"},
                                                                     {"true", "false"},
                                                                     {"pos", "neg"},
                                                                     {"yes", "no"}}));
  // The names of the first and the second; the third has the code of the first.
  const auto names = [](const std::string& a, const std::string& b, const std::string& before,
                        const std::string& behind) {
    return Lines{"SN4711" + before + a + behind + "101500", "SN4712" + before + b + behind + "101536",
                 "SN4713" + before + a + behind + "101548"};
  };
  for (const std::string place : kPlaces)
    for (const auto& [before, behind] : {std::pair{"_", "_"}, {"-", "_"}, {"_cam_", "_"}, {"", "_"}, {"_", "_x_7_"}}) {
      const Lines all = names(good, bad, before, behind);
      INFO(all[0]);
      const DataFolder folder(with_rest(place, all));
      CHECK_THROWS_WITH(read_dataset(folder / "nut"),
                        Contains(all[0] + ".png") && Contains(all[1] + ".png") && Contains("--normal"));
      const DataFolder insisted(with_rest("nut/", all));
      CHECK(read_object(insisted / "nut", "nut", Trust::caller).samples.size() == 3);
    }
}

TEST_CASE("codes in the middle, counted from the back or with a third", "[issues][folders][verdict_names]") {
  CHECK_THROWS_WITH(said_of_verdicts({"a_1_P_10", "a_b_2_F_11", "3_P_12"}), Contains("a_b_2_F_11.png"));
  CHECK_THROWS_WITH(said_of_verdicts({"1_P_10", "2_F_11", "3_X_12"}), Contains("'p' (1)") && Contains("'f' (1)"));
}

TEST_CASE("codes in the middle that are no verdicts", "[issues][folders][verdict_names]") {
  CHECK_NOTHROW(said_of_verdicts({"7_R_1", "7_G_1", "7_B_1", "8_R_2", "8_G_2", "8_B_2"}));
  CHECK_NOTHROW(said_of_verdicts({"1_P_7", "1_F_7", "2_P_7", "2_F_7"}));  // two views of each
  CHECK_NOTHROW(said_of_verdicts({"1_P_7", "2_P_8", "3_P_9"}));
  CHECK_NOTHROW(said_of_verdicts({"1_P_7", "2_F_8", "9"}));  // not in all
  CHECK_NOTHROW(said_of_verdicts({"1_L_7", "2_R_8", "3_L_9"}));
  const DataFolder folder({"nut/good/1_P_1.png", "nut/good/2_F_2.png", "nut/dent/1_P_3.png", "nut/dent/2_F_4.png"});
  CHECK_NOTHROW(read_dataset(folder / "nut"));
}

TEST_CASE("codes in the middle that may be cameras are said", "[issues][folders][verdict_names]") {
  CHECK_THAT(
      said_of_verdicts({"x1_0_7", "x2_0_8", "x3_1_9", "x4_0_10"}),
      Contains("1 of 4 names of normal images have '1' where the others have '0' (first: nut/x3_1_9.png): if that "
               "is a verdict"));
  CHECK_THAT(said_of_verdicts({"x1_A_7", "x2_A_8", "x3_B_9", "x4_A_10"}), Contains("'b' where the others have 'a'"));
  CHECK_THAT(said_of_verdicts({"x1_0_7", "x2_1_8", "x3_1_9", "x4_0_10"}), !Contains("verdict"));  // in turn
  CHECK_THAT(said_of_verdicts({"cam_0_7", "cam_1_7", "cam_0_8", "cam_0_9"}), !Contains("verdict"));
  CHECK_THAT(said_of_verdicts({"x1_L_7", "x2_L_8", "x3_R_9", "x4_L_10"}), !Contains("verdict"));
}
