// Numbers that a lot's names lack were lost without a word: frames that a camera dropped, parts that were taken out.
#include "iuf/checks/number_gaps.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "iuf/live/number_watch.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

std::vector<std::filesystem::path> numbered_frames(int first, int last, int step, const std::vector<int>& without,
                                                   const std::string& behind = "") {
  std::vector<std::filesystem::path> files;
  for (int i = first; i <= last; i += step) {
    std::string number = std::to_string(i);
    number.insert(0, 4 - number.size(), '0');
    if (std::ranges::find(without, i) == without.end()) files.emplace_back("lot/frame_" + number + behind + ".png");
  }
  return files;
}

}  // namespace

TEST_CASE("a few numbers that are missing are told", "[issues][number_gaps]") {
  CHECK_THAT(missing_numbers(numbered_frames(1, 40, 1, {12, 30})),
             Contains("2 of the 40 numbers from frame_0001.png to frame_0040.png are missing (first: between "
                      "frame_0011.png and frame_0013.png)"));
  CHECK_THAT(missing_numbers(numbered_frames(10, 400, 10, {120})), Contains("1 of the 40 numbers"));
  CHECK_THAT(missing_numbers(numbered_frames(1, 40, 1, {12}, "_cam2")), Contains("1 of the 40 numbers"));
}

TEST_CASE("whole lots, samples and time stamps lack no numbers", "[issues][number_gaps]") {
  CHECK(missing_numbers(numbered_frames(1, 40, 1, {})).empty());
  CHECK(missing_numbers({}).empty());
  CHECK(missing_numbers({"good.png", "bad.png"}).empty());
  CHECK(missing_numbers(numbered_frames(1, 9, 1, {5})).empty());  // too few
  std::vector<int> most;
  for (int i = 2; i < 40; i += 3) most.push_back(i);
  CHECK(missing_numbers(numbered_frames(1, 40, 1, most)).empty());
  std::vector<std::filesystem::path> stamps;
  for (int i = 0; i < 30; ++i) stamps.emplace_back("2026-01-02T03" + std::to_string(1000 + 37 * i * i) + ".png");
  CHECK(missing_numbers(stamps).empty());
  CHECK(missing_numbers({"99999999999999999999999.png"}).empty());
}

TEST_CASE("images that never came are told once, late ones are not", "[issues][number_gaps]") {
  NumberWatch watch;
  std::string said;
  size_t times = 0;
  for (const auto& file : numbered_frames(1, 90, 1, {31, 32, 33}))
    if (const std::string now = watch.take(file); !now.empty()) {
      said = now;
      ++times;
    }
  CHECK(times == 1);
  CHECK_THAT(said, Contains("3 of the ") && Contains("between frame_0030.png and frame_0034.png") &&
                       Contains("did the camera or the copying lose images?"));
  NumberWatch late;
  auto files = numbered_frames(1, 90, 1, {});
  std::rotate(files.begin() + 20, files.begin() + 21, files.begin() + 27);  // the 21st comes behind the 27th
  for (const auto& file : files) CHECK(late.take(file).empty());
}
