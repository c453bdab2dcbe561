#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>

#include "iuf/checks/findings.h"
#include "iuf/image/mask.h"
#include "nn/file.h"
#include "support/jpeg_file.h"
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
  check_remark(drawn(2, 1), "several values");
  CHECK(right(drawn(255, 128)));
  check_remark(drawn(255, 128), "several values");
  CHECK(right(drawn(255, 1)));  // two classes, or one and its unsure edge
  check_remark(drawn(255, 1), "several values");
}

TEST_CASE("every class above 0 is a defect, whatever the numbers and the bits", "[issues][mask]") {
  for (const int bits : {8, 16})
    for (const std::vector<uint16_t>& classes : std::vector<std::vector<uint16_t>>{{1, 2},
                                                                                   {1, 2, 3, 4, 5, 6, 7, 8, 9},
                                                                                   {20, 40, 60, 80, 100, 120},
                                                                                   {1, 128, 255},
                                                                                   {1, 50, 100, 150, 200, 250}}) {
      INFO(bits << " bits, " << classes.size() << " classes up to " << classes.back());
      CHECK(right(mask_of(bits, [&](uint32_t x, uint32_t y) {
        return std::vector<uint16_t>{defect(x, y) ? classes[(x - 8) * classes.size() / 12] : uint16_t{0}};
      })));
    }
  for (const uint16_t class_number : std::vector<uint16_t>{1, 2, 300, 65535}) {
    const Mask mask = mask_of(
        16, [=](uint32_t x, uint32_t y) { return std::vector<uint16_t>{defect(x, y) ? class_number : uint16_t{0}}; });
    CHECK(right(mask));
    CHECK(mask.remarks.empty());
  }
  // One region of class 1, many of higher ones: numbers of defects.
  CHECK(right(mask_of(8, [](uint32_t x, uint32_t y) {
    const uint32_t number = 1 + (x - 8) / 3 + 4 * ((y - 10) / 3);  // 1 to 16
    return std::vector<uint16_t>{
        static_cast<uint16_t>(defect(x, y) ? (number == 1 ? (x + y) % 3 + 1 : 16 * number - 1) : 0)};
  })));
}

TEST_CASE("noise of 16 bits is noise", "[issues][mask]") {
  const Mask mask = mask_of(16, [](uint32_t x, uint32_t y) {
    return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 65535 - 257 * (x % 5) : 257 * ((x * y) % 7))};
  });
  CHECK(right(mask));
  check_remark(mask, "noise");
}

TEST_CASE("small values that are scattered are taken with a word", "[issues][mask]") {
  const Mask mask = mask_of(
      8, [](uint32_t x, uint32_t y) { return std::vector<uint16_t>{static_cast<uint16_t>(x % 5 == 1 && y % 4 == 2)}; });
  check_remark(mask, "scattered");
}

TEST_CASE("colours on black are defects, soft edges too; colours on another ground are refused", "[issues][mask]") {
  const auto on = [](std::vector<uint16_t> ground, int bits = 8) {
    return [=](uint32_t x, uint32_t y) {
      return mask_of(bits, [=](uint32_t px, uint32_t py) {
        if (!defect(px, py)) return ground;
        return px < x   ? std::vector<uint16_t>{255, 0, 0}
               : py < y ? std::vector<uint16_t>{0, 0, 90}
                        : std::vector<uint16_t>{9, 200, 9};
      });
    };
  };
  CHECK(right(on({0, 0, 0})(12, 15)));
  CHECK(right(on({0, 0, 0}, 16)(12, 15)));
  CHECK_THROWS_WITH(on({255, 255, 255})(12, 15), Contains("mask.png") && Contains("no pixel of the mask is black"));
  CHECK_THROWS_WITH(on({0, 128, 0})(12, 15), Contains("no pixel of the mask is black"));
  for (const int bits : {8, 16})  // numbers from 1
    CHECK_THROWS_WITH(
        mask_of(bits, [](uint32_t x,
                         uint32_t y) { return std::vector<uint16_t>{static_cast<uint16_t>(defect(x, y) ? 2 : 1)}; }),
        Contains("is its ground white, or a number?"));
  // White all over, with the noise of a JPEG that it was.
  check_remark(mask_of(8, [](uint32_t x,
                             uint32_t y) { return std::vector<uint16_t>{static_cast<uint16_t>(255 - (x * y) % 9)}; }),
               "inverted?");
}

TEST_CASE("of a palette the colours count, and one that shows several numbers as black is refused", "[issues][mask]") {
  const auto read = [](const std::vector<int>& palette, const std::function<int(uint32_t x, uint32_t y)>& number) {
    const TemporaryFolder folder;
    PngFile png{.width = kSide, .height = kSide, .bits = 8};
    for (uint32_t i = 0; i < kSide * kSide; ++i)
      png.samples.push_back(static_cast<uint16_t>(number(i % kSide, i / kSide)));
    FileBytes file = png_file(png), colours;
    for (const int level : palette) put_number(colours, static_cast<uint64_t>(level), 1);
    // The header says palette, so its check sum is another one.
    FileBytes header(file.begin() + 16, file.begin() + 29);
    header[9] = std::byte{3};
    FileBytes whole(file.begin(), file.begin() + 8);
    put(whole, png_chunk("IHDR", header));
    put(whole, png_chunk("PLTE", colours));
    put(whole, std::span(file).subspan(33));
    write_file(folder / "mask.png", whole);
    return read_mask(folder / "mask.png");
  };
  const auto classes = [](uint32_t x, uint32_t y) { return !defect(x, y) ? 0 : x < 14 ? 1 : 2; };
  CHECK(right(read({0, 0, 0, 128, 0, 0, 0, 0, 1}, classes)));
  CHECK(right(read({0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0}, classes)));  // filled up with black
  CHECK(right(read({255, 0, 0, 0, 0, 0}, [](uint32_t x, uint32_t y) { return !defect(x, y); })));
  for (const std::vector<int>& palette : {std::vector<int>{0, 0, 0, 255, 0, 0, 0, 0, 0}, std::vector<int>(9)})
    CHECK_THROWS_WITH(read(palette, classes), Contains("mask.png") && Contains("several of its numbers as black"));
  CHECK_THROWS_WITH(read({255, 255, 255, 255, 0, 0, 0, 0, 255}, classes), Contains("no pixel of the mask is black"));
}

TEST_CASE("a JPEG keeps no classes, so one with dark areas is refused as a mask", "[issues][mask]") {
  const auto read = [](const std::function<int(int x, int y)>& gray) {
    const TemporaryFolder folder;
    write_file(folder / "mask.jpg", jpeg_file(64, 64, gray));
    return read_mask(folder / "mask.jpg");
  };
  const auto inside = [](int x, int y) { return x >= 16 && x < 48 && y >= 8 && y < 40; };
  const Mask two = read([&](int x, int y) { return inside(x, y) ? 255 : 0; });
  CHECK(two.remarks.empty());
  CHECK(two.image.pixels[20 * 64 + 20] == 255);
  CHECK(two.image.pixels[60 * 64 + 20] == 0);
  CHECK(read([&](int x, int y) {
          return std::clamp(140 * (16 - std::abs(x - 32)) / 4, 0, 255) * (y > 8);
        }).remarks.empty());
  for (const int class_value : {8, 30, 60, 100, 127}) {
    INFO(class_value);
    CHECK_THROWS_WITH(read([&](int x, int y) { return inside(x, y) ? class_value : 0; }),
                      Contains("mask.jpg: a JPEG mask whose highest value is") && Contains("save the mask as PNG"));
  }
  for (const int class_value : {50, 80, 110})
    CHECK_THROWS_WITH(read([&](int x, int y) { return !inside(x, y) ? 0
                                                      : x < 32      ? class_value
                                                                    : 255; }),
                      Contains("areas of dark gray: classes?"));
  check_remark(read([](int, int) { return 0; }), "mark nothing");
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
