// Values of 16 bits that were written with the other byte order passed for photographs: noise that is learned.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/image/photograph.h"
#include "support/dice.h"
#include "support/picture_files.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr uint32_t kSide = 64;

struct Values {
  int bits = 12, noise = 12, shift = 0;
};

// A disc on a gradient, under noise.
std::vector<uint16_t> values_of(const Values& values) {
  std::vector<uint16_t> samples;
  Dice dice(7);
  const int most = (1 << values.bits) - 1;
  for (int y = 0; y < static_cast<int>(kSide); ++y)
    for (int x = 0; x < static_cast<int>(kSide); ++x) {
      const bool inside = (x - 30) * (x - 30) + (y - 34) * (y - 34) < 300;
      const int noise = values.noise > 0 ? static_cast<int>(dice.below(2 * static_cast<uint32_t>(values.noise))) : 0;
      const int value = (inside ? most / 2 : most / 10) + most / 3 * y / static_cast<int>(kSide) + noise;
      samples.push_back(static_cast<uint16_t>(std::clamp(value, 0, most) << values.shift));
    }
  return samples;
}

std::vector<uint16_t> exchanged(std::vector<uint16_t> samples) {
  for (uint16_t& v : samples) v = static_cast<uint16_t>(v << 8 | v >> 8);
  return samples;
}

void read(const std::vector<uint16_t>& samples) {
  decode_photograph(png_file({.width = kSide, .height = kSide, .samples = samples}), "a.png", {});
}

}  // namespace

TEST_CASE("16-bit values with exchanged bytes are an error", "[issues][sixteen_bits][exchanged_bytes]") {
  const Values values =
      GENERATE(Values{}, Values{.noise = 0}, Values{.bits = 10, .noise = 3}, Values{.bits = 14, .noise = 40},
               Values{.bits = 12, .shift = 4}, Values{.bits = 16, .noise = 200});
  INFO(values.bits << " bits, noise " << values.noise);
  CHECK_NOTHROW(read(values_of(values)));
  CHECK_THROWS_WITH(read(exchanged(values_of(values))),
                    Contains("a.png") && Contains("two bytes of its 16-bit values are exchanged"));
}

TEST_CASE("16-bit values in their right order are none", "[issues][sixteen_bits][exchanged_bytes]") {
  // 8 bits as high bytes, with and without saturated pixels, as low bytes, and both alike.
  std::vector<uint16_t> high = values_of({.bits = 8, .noise = 2, .shift = 8});
  CHECK_NOTHROW(read(high));
  std::fill_n(high.begin() + 500, 400, uint16_t{65535});
  CHECK_NOTHROW(read(high));
  CHECK_NOTHROW(read(values_of({.bits = 8, .noise = 2})));
  std::vector<uint16_t> both = values_of({.bits = 8, .noise = 2});
  for (uint16_t& v : both) v = static_cast<uint16_t>(v * 257);
  CHECK_NOTHROW(read(both));
  // Noise alone, and nothing at all.
  Dice dice(3);
  for (uint16_t& v : both) v = static_cast<uint16_t>(dice.below(65536));
  CHECK_NOTHROW(read(both));
  CHECK_NOTHROW(read(std::vector<uint16_t>(kSide * kSide, 300)));
}
