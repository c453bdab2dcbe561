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

Image square_at(Spot spot, int half = 6) {
  Image mask{2 * kMapSide, 2 * kMapSide, 1, {}};
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      mask.pixels.push_back(std::max(std::abs(x - 2 * spot.x), std::abs(y - 2 * spot.y)) <= half ? 255 : 0);
  return mask;
}

template <class Turned>
std::string said_of_turned(const Turned& turned, size_t images = 10) {
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

TEST_CASE("masks of which a part was turned are said", "[issues][masks][turned]") {
  size_t number = 0;
  const auto some = [&](size_t every) {
    number = 0;
    return said_of_turned([&](Spot s) { return number++ % every == 0 ? Spot{kLast - s.x, kLast - s.y} : s; }, 24);
  };
  CHECK_THAT(some(2),
             Contains("of 24 defective images fit the heatmaps far better when they are turned by 180 degrees") &&
                 Contains("were some of them saved so?"));
  CHECK_THAT(some(3), Contains("turned by 180 degrees"));
  CHECK(some(12).empty());
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

TEST_CASE("masks from a canvas of other proportions are said", "[issues][masks][turned]") {
  constexpr const char* kAsks = "were they drawn on a canvas of other proportions, or on a cropped photograph?";
  const auto along = [](int at, double factor, double offset) {
    return static_cast<int>(std::lround(factor * at + offset * kMapSide));
  };
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{along(s.x, 0.75, 0.125), s.y};
                 },
                 40),
             Contains("stretched to 133 % of their width around the middle, ") && Contains(kAsks));
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{s.x, along(s.y, 0.75, 0)};
                 },
                 40),
             Contains("stretched to 133 % of their height from the upper edge, ") && Contains(kAsks));
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{s.x, along(s.y, 0.5625, 0.4375)};
                 },
                 40),
             Contains("stretched to 178 % of their height from the lower edge, "));
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{along(s.x, 4.0 / 3, -1.0 / 6), s.y};
                 },
                 40),
             Contains("squeezed to 75 % of their width around the middle, "));
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{s.x, s.y - 11};
                 },
                 40),
             Contains("moved by 17 % of the height downwards, "));
  CHECK_THAT(said_of_turned(
                 [&](Spot s) {
                   return Spot{along(s.x, 0.7, 0), s.y};
                 },
                 40),
             Contains(kAsks));  // none of these
  CHECK(said_of_turned([](Spot s) { return s; }, 200).empty());
  CHECK(said_of_turned([&](Spot s) { return Spot{along(s.x, 0.75, 0.125), s.y}; }, 10).empty());  // too few to tell
}

TEST_CASE("masks that are drawn larger or smaller than defects lie as they should", "[issues][masks][turned]") {
  const auto said = [](int half, int from, uint32_t range) {
    MaskTurns turns;
    for (uint32_t i = 0; i < 60; ++i) {
      Dice dice(900 + i);
      const Spot spot{from + static_cast<int>(dice.below(range)), from + static_cast<int>(dice.below(range))};
      turns.add(bump(spot, i), kMapSide, square_at(spot, half));
    }
    return turns.remark();
  };
  for (const int half : {1, 6, 20, 40}) {
    CAPTURE(half);
    CHECK(said(half, 6, 52) == "");
    CHECK(said(half, 26, 12) == "");  // all near the middle
  }
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
