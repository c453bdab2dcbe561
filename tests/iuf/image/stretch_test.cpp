#include "iuf/image/stretch.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/dice.h"
#include "tensor/error.h"

using namespace iuf;

TEST_CASE("a map is stretched with pixel centres aligned and borders repeated", "[iuf][stretch]") {
  const std::vector<float> map{0, 4, 8, 12};
  const Stretch twice(map, 2, 2, 4, 4);
  const std::vector<float> first{0, 1, 3, 4}, second{2, 3, 5, 6};
  for (size_t x = 0; x < 4; ++x) {
    CHECK(twice.at(x, 0) == first[x]);
    CHECK(twice.at(x, 1) == second[x]);
  }
  const Stretch same(map, 2, 2, 2, 2);
  for (size_t i = 0; i < 4; ++i) CHECK(same.at(i % 2, i / 2) == map[i]);
  CHECK(Stretch(map, 2, 2, 1, 1).at(0, 0) == 6);
}

TEST_CASE("rows of a stretched map are its values bit for bit, in any order of rows", "[iuf][stretch]") {
  const auto [width, height] = GENERATE(std::make_pair(50, 31), std::make_pair(7, 9), std::make_pair(1, 4));
  const auto [to_width, to_height] = GENERATE(std::make_pair(173, 90), std::make_pair(50, 31), std::make_pair(5, 3));
  Dice dice(static_cast<uint32_t>(width * to_width));
  std::vector<float> map;
  for (int i = 0; i < width * height; ++i) map.push_back(static_cast<float>(dice.below(1u << 24)) / 997.0f);
  const Stretch stretch(map, width, height, to_width, to_height);
  Stretch::Rows down(stretch), any(stretch);
  for (size_t y = 0; y < stretch.height(); ++y) {
    const auto row = down(y);
    for (size_t x = 0; x < row.size(); ++x) CHECK(row[x] == stretch.at(x, y));
    const size_t z = (y * 7 + 3) % stretch.height();
    const auto other = any(z);
    for (size_t x = 0; x < other.size(); ++x) CHECK(other[x] == stretch.at(x, z));
  }
}

TEST_CASE("a neighbour without weight does not matter, be it NaN", "[iuf][stretch]") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> map{1, nan};
  const Stretch stretch(map, 2, 1, 4, 1);
  CHECK(stretch.at(0, 0) == 1);
  CHECK(std::isnan(stretch.at(1, 0)));
  Stretch::Rows rows(stretch);
  CHECK(rows(0)[0] == 1);
}

TEST_CASE("a map of another size than it says, or an empty one, is an error", "[iuf][stretch]") {
  const std::vector<float> map{1, 2, 3, 4};
  CHECK_THROWS_AS(Stretch(map, 3, 1, 4, 4), Error);
  CHECK_THROWS_AS(Stretch(map, 0, 2, 4, 4), Error);
  CHECK_THROWS_AS(Stretch(map, 2, 2, 0, 4), Error);
}
