#include <catch2/catch.hpp>
#include <functional>

#include "iuf/data/findings.h"
#include "iuf/data/mask.h"
#include "nn/file.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr uint32_t kSide = 32;

bool defect(uint32_t x, uint32_t y) {
  return x >= 8 && x < 20 && y >= 10 && y < 22;
}

using Pixel = std::function<std::vector<uint16_t>(uint32_t x, uint32_t y)>;  // its samples

Mask mask_of(int bits, const Pixel& pixel) {
  const TemporaryFolder folder;
  PngFile png{.width = kSide, .height = kSide, .bits = bits};
  for (uint32_t i = 0; i < kSide * kSide; ++i) {
    const std::vector<uint16_t> samples = pixel(i % kSide, i / kSide);
    png.channels = static_cast<int>(samples.size());
    png.samples.insert(png.samples.end(), samples.begin(), samples.end());
  }
  write_file(folder / "mask.png", png_file(png));
  return read_mask(folder / "mask.png");
}

// Whether it marks the defect and nothing else.
bool right(const Mask& mask) {
  for (uint32_t i = 0; i < kSide * kSide; ++i)
    if (mask.image.pixels[i] != (defect(i % kSide, i / kSide) ? 255 : 0)) return false;
  return true;
}

void check_remark(const Mask& mask, const std::string& part) {
  REQUIRE(mask.remarks.size() == 1);
  CHECK_THAT(mask.remarks[0], Contains(part));
}

}  // namespace

TEST_CASE("a mask whose shape lies in its transparency alone is taken from there", "[issues][mask]") {
  for (const int bits : {8, 16})
    for (const uint16_t colour : std::vector<uint16_t>{0, 1, 90, 255}) {
      const auto clear = [](uint32_t x, uint32_t y) { return static_cast<uint16_t>(defect(x, y) ? 255 : 0); };
      const Mask gray = mask_of(bits, [&](uint32_t x, uint32_t y) {
        return std::vector<uint16_t>{colour, clear(x, y)};
      });
      CHECK(right(gray));
      check_remark(gray, "transparency");
      const Mask rgb = mask_of(bits, [&](uint32_t x, uint32_t y) {
        return std::vector<uint16_t>{colour, 0, colour, clear(x, y)};
      });
      CHECK(right(rgb));
      check_remark(rgb, "transparency");
    }
  // Red strokes on a clear white sheet.
  const Mask strokes = mask_of(8, [](uint32_t x, uint32_t y) {
    return defect(x, y) ? std::vector<uint16_t>{255, 0, 0, 255} : std::vector<uint16_t>{255, 255, 255, 0};
  });
  CHECK(right(strokes));
  check_remark(strokes, "transparency");
}

TEST_CASE("where colours draw the shape, transparency is left out as ever", "[issues][mask]") {
  for (const uint16_t alpha : std::vector<uint16_t>{0, 128, 255}) {
    const Mask mask = mask_of(8, [alpha](uint32_t x, uint32_t y) {
      return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 255 : 0),
                                   static_cast<uint16_t>(x < 9 ? alpha : 255)};
    });
    CHECK(right(mask));
    CHECK(mask.remarks.empty());
  }
}

TEST_CASE("small values beside high ones are noise", "[issues][mask]") {
  uint32_t state = 5;
  const auto random = [&](uint32_t below) {
    state = state * 1664525 + 1013904223;
    return static_cast<uint16_t>((state >> 8) % below);
  };
  const Mask ones = mask_of(8, [&](uint32_t x, uint32_t y) {
    return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 255 : random(10) == 0)};
  });
  CHECK(right(ones));
  check_remark(ones, "noise");
  const Mask jpeg = mask_of(8, [&](uint32_t x, uint32_t y) {
    return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 255 - random(20) : random(20))};
  });
  CHECK(right(jpeg));
  check_remark(jpeg, "noise");
  const Mask ground = mask_of(
      8, [&](uint32_t x, uint32_t y) { return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 255 : 1)}; });
  CHECK(right(ground));  // nothing is 0
  check_remark(ground, "noise");
}

TEST_CASE("small values alone, in areas and in between are defects as ever", "[issues][mask]") {
  const auto drawn = [](uint16_t inside, uint16_t corner) {
    return mask_of(8, [=](uint32_t x, uint32_t y) {
      return std::vector<uint16_t>{static_cast<uint16_t>(!defect(x, y) ? 0 : x < 14 ? corner : inside)};
    });
  };
  CHECK(right(drawn(1, 1)));  // class numbers
  CHECK(right(drawn(2, 1)));
  CHECK(drawn(2, 1).remarks.empty());
  CHECK(right(drawn(255, 128)));
  CHECK(drawn(255, 128).remarks.empty());
  CHECK(right(drawn(255, 1)));  // two classes, or one and its unsure edge
  check_remark(drawn(255, 1), "all taken for defects");
}

TEST_CASE("masks that are inverted or empty are taken as they are, with a word", "[issues][mask]") {
  const Mask inverted = mask_of(
      8, [](uint32_t x, uint32_t y) { return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 0 : 255)}; });
  check_remark(inverted, "inverted?");
  CHECK(inverted.image.pixels[0] == 255);
  check_remark(mask_of(8, [](uint32_t, uint32_t) { return std::vector<uint16_t>{0}; }), "mark nothing");
  // A large defect in the middle is none of both.
  const Mask large = mask_of(8, [](uint32_t x, uint32_t y) {
    return std::vector<uint16_t>{static_cast<uint16_t>(x > 0 && y > 0 && x < kSide - 1 && y < kSide - 1 ? 255 : 0)};
  });
  CHECK(large.remarks.empty());
}

TEST_CASE("what is found in many files is said once, with how many and the first", "[issues][mask]") {
  Findings findings;
  std::vector<std::string> notes;
  const Progress progress(Progress::Stage(), [&](const std::string& text) { notes.push_back(text); });
  findings.tell("gear", progress);
  CHECK(notes.empty());
  findings.add("masks that mark nothing", 5, "f.png");
  findings.add("masks that mark nothing", 2, "c\n.png");
  findings.add("masks that mark nothing", 9, "j.png");
  findings.add("other masks", 1, "b.png");
  findings.tell("gear", progress);
  CHECK(notes == std::vector<std::string>{"gear: masks that mark nothing: 3, first c\\x0a.png",
                                          "gear: other masks: 1, first b.png"});
}
