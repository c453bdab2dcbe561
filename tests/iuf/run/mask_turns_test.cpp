#include "iuf/run/mask_turns.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "support/dice.h"

using namespace iuf;
using Catch::Contains;

namespace {

constexpr int kMapSide = 64;

struct Spot {
  int x, y;
};

// A bump at the spot over noise.
std::vector<float> bump(Spot spot, uint32_t seed) {
  Dice dice(seed);
  std::vector<float> map;
  for (int y = 0; y < kMapSide; ++y)
    for (int x = 0; x < kMapSide; ++x) {
      const double far = std::hypot(x - spot.x, y - spot.y) / 5;
      map.push_back(static_cast<float>(3 * std::exp(-far * far) + 0.002 * dice.below(100)));
    }
  return map;
}

Image square_at(Spot spot) {
  Image mask{2 * kMapSide, 2 * kMapSide, 1, {}};
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      mask.pixels.push_back(std::max(std::abs(x - 2 * spot.x), std::abs(y - 2 * spot.y)) <= 6 ? 255 : 0);
  return mask;
}

std::string said_of_turned(Spot (*turned)(Spot), size_t images = 10) {
  MaskTurns turns;
  for (uint32_t i = 0; i < images; ++i) {
    Dice dice(100 + i);
    const Spot spot{6 + static_cast<int>(dice.below(52)), 6 + static_cast<int>(dice.below(52))};
    turns.add(bump(spot, i), kMapSide, square_at(turned(spot)));
  }
  return turns.remark();
}

constexpr int kLast = kMapSide - 1;

}  // namespace

TEST_CASE("masks that were turned against their photographs are said", "[issues][masks][turned]") {
  CHECK(said_of_turned([](Spot s) { return s; }).empty());
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{s.y, s.x}; }), Contains("rows and columns exchanged"));
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{kLast - s.x, s.y}; }), Contains("mirrored left to right"));
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{s.x, kLast - s.y}; }), Contains("mirrored top to bottom"));
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{kLast - s.x, kLast - s.y}; }), Contains("by 180 degrees"));
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{kLast - s.y, s.x}; }), Contains("turned by 90 degrees,"));
  CHECK_THAT(said_of_turned([](Spot s) { return Spot{kLast - s.y, kLast - s.x}; }), Contains("and mirrored"));
  CHECK(said_of_turned([](Spot s) { return Spot{s.y, s.x}; }, 5).empty());  // too few to tell
}

TEST_CASE("masks that were moved or pasted in half the size are said", "[issues][masks][turned]") {
  CHECK_THAT(said_of_turned([](Spot s) {
               return Spot{s.x + 6, s.y + 4};
             }),
             Contains("moved by 9 % of the width to the left and 6 % of the height upwards, and those of 0 worse"));
  CHECK_THAT(said_of_turned([](Spot s) {
               return Spot{s.x, s.y - 6};
             }),
             Contains("moved by 9 % of the height downwards"));
  CHECK(said_of_turned([](Spot s) { return Spot{s.x + 1, s.y - 1}; }).empty());  // as fine as maps are
  CHECK_THAT(said_of_turned([](Spot s) {
               return Spot{s.x / 2, s.y / 2};
             }),
             Contains("enlarged twice from the upper left quarter"));
  CHECK_THAT(said_of_turned([](Spot s) {
               return Spot{s.x / 2 + kMapSide / 2, s.y / 2 + kMapSide / 2};
             }),
             Contains("enlarged twice from the lower right quarter"));
  CHECK_THAT(said_of_turned([](Spot s) {
               return Spot{s.x / 2 + kMapSide / 4, s.y / 2 + kMapSide / 4};
             }),
             Contains("enlarged twice from the middle"));
}

TEST_CASE("defects that the maps do not find say nothing of the masks", "[issues][masks][turned]") {
  MaskTurns turns;
  for (uint32_t i = 0; i < 40; ++i) {
    Dice dice(500 + i);
    const Spot shown{static_cast<int>(dice.below(64)), static_cast<int>(dice.below(64))},
        drawn{static_cast<int>(dice.below(64)), static_cast<int>(dice.below(64))};
    turns.add(bump(shown, i), kMapSide, square_at(drawn));
  }
  CHECK(turns.remark().empty());
}

TEST_CASE("masks that belong to one another's photographs are said", "[issues][masks][turned]") {
  const auto said = [](size_t images, size_t exchanged, size_t by) {
    std::vector<Spot> spots;
    for (uint32_t i = 0; i < images; ++i) {
      Dice dice(300 + i);
      spots.push_back({6 + static_cast<int>(dice.below(52)), 6 + static_cast<int>(dice.below(52))});
    }
    MaskTurns turns;
    for (size_t i = 0; i < images; ++i)
      turns.add(bump(spots[i], static_cast<uint32_t>(i)), kMapSide,
                square_at(spots[i < exchanged ? (i + by) % exchanged : i]));
    return turns.exchange_remark();
  };
  CHECK(said(20, 0, 0).empty());
  CHECK_THAT(said(20, 20, 1), Contains("of 20 defective images fit masks of others"));
  CHECK_THAT(said(20, 10, 3), Contains("of 20 defective images fit masks of others"));  // one kind of two
  CHECK(said(20, 3, 1).empty());
  CHECK(said(5, 5, 1).empty());  // too few to tell

  // Defects that are all at one place, and maps that show nothing.
  MaskTurns alike, nothing;
  for (uint32_t i = 0; i < 20; ++i) {
    const Spot spot{20 + static_cast<int>(i % 3), 40}, anywhere{6 + static_cast<int>(i) * 2, 50 - static_cast<int>(i)};
    alike.add(bump(spot, i), kMapSide, square_at(spot));
    nothing.add(bump({1000, 1000}, i), kMapSide, square_at(anywhere));
  }
  CHECK(alike.exchange_remark().empty());
  CHECK(nothing.exchange_remark().empty());
}
