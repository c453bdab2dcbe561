#include "iuf/run/lot_notes.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "iuf/run/drift_notes.h"
#include "iuf/run/mask_doubts.h"

using namespace iuf;
using Catch::Contains;

// Lots in which every verdict was alone: one nest of a tool with all the alarms, dirt on a lens at one place of every
// picture, parts of a folder judged as a sibling, photographs that were learned; masks under --ignore, and stickers.

namespace {

ObjectRecord record_named(const std::string& name) {
  ObjectRecord record;
  record.name = name;
  record.threshold = 10;
  for (int i = 0; i < 40; ++i) record.scores.push_back(0.1 * i);
  record.photographs = {3, 4, 5};
  record.later_photographs = {8};
  return record;
}

Prediction judged(const std::string& file, double score, const std::string& object = "cap") {
  Prediction p;
  p.file = file;
  p.score = score;
  p.threshold = 10;
  p.object = object;
  p.width = p.height = 200;
  return p;
}

const std::vector<ObjectRecord> kRecords = {record_named("cap"), record_named("lid")};

Image mask_at(int left, int top) {
  Image mask = blank_image(200, 100, 1);
  for (int y = top; y < top + 20; ++y) std::fill_n(mask.row(y) + left, 20, uint8_t{255});
  return mask;
}

}  // namespace

TEST_CASE("one lane that has the alarms is said", "[issues][lot_notes]") {
  const auto notes = [](const std::function<std::string(size_t)>& name, size_t every) {
    std::vector<Prediction> lot;
    for (size_t i = 0; i < 68; ++i)
      lot.push_back(judged(name(i), i % every == 2 ? 20 : 0.1 * static_cast<double>(i % 40)));
    return drift_notes(kRecords, lot);
  };
  const auto nest = [](size_t i) {
    return "lot/nest" + std::to_string(i % 4) + "_" + std::to_string(100 + i) + ".png";
  };
  const std::vector<std::string> told = notes(nest, 4);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0],
             Contains("'cap': 17 of the 17 images with '2' in their names (nest2_102.png) are alarms, and 0 of "
                      "the 51 others"));
  CHECK(notes(nest, 7).empty());  // alarms in all nests
  // Folders that say what images show.
  const auto sorted = [](size_t i) {
    return std::string(i % 4 == 2 ? "NG" : "OK") + "/" + std::to_string(100 + i / 4 * 4) + ".png";
  };
  CHECK(notes(sorted, 4).empty());
  const auto folders = [](size_t i) {
    return std::string(i % 4 == 2 ? "left" : "right") + "/" + std::to_string(100 + i / 4 * 4) + ".png";
  };
  CHECK(notes(folders, 4).size() == 1);
}

TEST_CASE("photographs that were learned are said", "[issues][lot_notes]") {
  std::vector<Prediction> lot;
  for (uint64_t i = 0; i < 10; ++i) {
    lot.push_back(judged(std::to_string(i) + ".png", 1));
    lot.back().photograph = i;
  }
  const std::vector<std::string> told = learned_notes(kRecords, lot);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0],
             Contains("'cap': 4 of 10 images are photographs that it was learned from or calibrated by, first: "
                      "3.png"));
  lot.resize(3);
  CHECK(learned_notes(kRecords, lot).empty());
}

TEST_CASE("images of a folder called as an object that are judged as another are said", "[issues][lot_notes]") {
  std::vector<Prediction> lot;
  for (int i = 0; i < 20; ++i)
    lot.push_back(judged("line/Lid/day1/" + std::to_string(i) + ".png", 1, i < 12 ? "lid" : "cap"));
  const std::vector<std::string> told = folder_notes(kRecords, lot);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("8 of 20 images in a folder called as 'lid' were judged as 'cap', first: "
                               "line/Lid/day1/12.png"));
  for (Prediction& p : lot) p.expected = p.object;
  CHECK(folder_notes(kRecords, lot).empty());
  for (Prediction& p : lot) p.expected.clear(), p.file = "line/" + p.file.substr(10);
  CHECK(folder_notes(kRecords, lot).empty());
}

TEST_CASE("defects at one place of many pictures in a row are said", "[issues][lot_notes]") {
  const auto lot = [](int in_a_row, int moved) {
    std::vector<Prediction> all;
    for (int i = 0; i < 20; ++i) {
      all.push_back(judged(std::to_string(i) + ".png", i >= 20 - in_a_row ? 20 : 1));
      if (i >= 20 - in_a_row) all.back().regions = {{.x = 100, .y = 40, .peak_x = 104 + moved * (i % 3), .peak_y = 44}};
    }
    return all;
  };
  const std::vector<std::string> told = place_notes(kRecords, lot(8, 2));
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("'cap': 8 images in a row, from 12.png on, are defects at the same place"));
  CHECK(place_notes(kRecords, lot(8, 10)).empty());  // elsewhere in each
  CHECK(place_notes(kRecords, lot(5, 0)).empty());   // few
  CHECK(place_notes(kRecords, lot(0, 0)).empty());
}

TEST_CASE("masks of defects that are ignored, or that are not what is found, are said", "[issues][lot_notes]") {
  constexpr int64_t kMapSide = 40;
  const auto peak_at = [](int64_t x, int64_t y) {
    std::vector<float> map(static_cast<size_t>(kMapSide * kMapSide), 0.1F);
    map[static_cast<size_t>(y * kMapSide + x)] = 9;
    return map;
  };
  std::vector<uint8_t> lower(static_cast<size_t>(kMapSide * kMapSide), 0);
  std::fill(lower.begin() + kMapSide * kMapSide / 2, lower.end(), uint8_t{1});
  const IgnoredRegion region(kMapSide, lower);
  std::vector<float> smeared = peak_at(30, 10);  // the highest place is elsewhere, the mask's is high, too
  for (int64_t y = 6; y < 18; ++y)
    for (int64_t x = 4; x < 12; ++x) smeared[static_cast<size_t>(y * kMapSide + x)] = 5;
  MaskDoubts right, stickers, hidden, wide;
  for (int i = 0; i < 10; ++i) {
    right.add(peak_at(6, 10), kMapSide, mask_at(30, 20), nullptr, true);       // the mask's cells: x 6 to 9, y 8 to 15
    stickers.add(peak_at(30, 10), kMapSide, mask_at(30, 20), nullptr, i < 6);  // found by something at the right
    wide.add(smeared, kMapSide, mask_at(30, 20), nullptr, true);
    hidden.add(peak_at(6, 30), kMapSide, mask_at(30, i < 3 ? 60 : 20), &region, false);
  }
  CHECK(right.remarks().empty());
  CHECK(wide.remarks().empty());
  REQUIRE(stickers.remarks().size() == 1);
  CHECK_THAT(stickers.remarks()[0], Contains("in 6 of 6 defective test images that are found, the highest place"));
  REQUIRE(hidden.remarks().size() == 1);
  CHECK_THAT(hidden.remarks()[0], Contains("3 of 10 defects that masks mark lie in what is ignored"));
}

TEST_CASE("masks that were drawn from the map itself are told", "[issues][masks]") {
  constexpr int64_t kSide = 56;
  MaskDoubts own, human;
  for (int i = 0; i < 8; ++i) {
    std::vector<float> map;
    Image from_map = blank_image(4 * kSide, 4 * kSide, 1), drawn = from_map;
    for (int64_t y = 0; y < kSide; ++y)
      for (int64_t x = 0; x < kSide; ++x) {
        const double across = static_cast<double>(x - 20 - i), down = static_cast<double>(y - 30);
        map.push_back(static_cast<float>(std::exp(-(across * across / 40 + down * down / 20))));
      }
    for (int y = 0; y < from_map.height; ++y)
      for (int x = 0; x < from_map.width; ++x) {
        from_map.row(y)[x] = map[static_cast<size_t>(y / 4 * kSide + x / 4)] > 0.4F ? 255 : 0;
        drawn.row(y)[x] = std::hypot(x - 4 * (20 + i), y - 4 * 30) < 16 ? 255 : 0;
      }
    own.add(map, kSide, from_map, nullptr, true);
    human.add(map, kSide, drawn, nullptr, true);
  }
  REQUIRE(own.remarks().size() == 1);
  CHECK_THAT(own.remarks()[0],
             Contains("in 8 of 8 defective test images that are found, the mask is just what the map"));
  CHECK(human.remarks().empty());
}
