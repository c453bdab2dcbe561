// A JPEG of several scans that was cut between two of them and closed again was read as a whole one.
#include <catch2/catch.hpp>

#include "iuf/image/image_parts.h"
#include "support/dice.h"
#include "support/jpeg_file.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

Image noise(int channels) {
  Image image = blank_image(40, 24, channels);
  Dice dice(11);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(dice.below(256));
  return image;
}

// Where the segments of each scan begin, tables before the scan included, but for the first.
std::vector<size_t> ends_of_scans(const FileBytes& file) {
  std::vector<size_t> ends;
  for (size_t i = 2; i + 1 < file.size(); ++i) {
    const auto marker = std::to_integer<unsigned>(file[i + 1]);
    if (file[i] != std::byte{0xff} || marker == 0 || marker == 0xff || (marker >= 0xd0 && marker <= 0xd7)) continue;
    // Behind the pixels of a scan, in which no marker stands.
    if (marker == 0xd9) break;
    const size_t length = std::to_integer<size_t>(file[i + 2]) << 8 | std::to_integer<size_t>(file[i + 3]);
    i += 1 + length;
    if (marker != JpegSegment::scan) continue;
    while (i + 1 < file.size() && (file[i] != std::byte{0xff} || file[i + 1] == std::byte{0})) ++i;
    ends.push_back(i);
    --i;
  }
  ends.pop_back();
  return ends;
}

}  // namespace

TEST_CASE("a JPEG that lacks scans is damaged, and a whole one is not", "[issues][damaged][cut_jpeg]") {
  const int channels = GENERATE(1, 3);
  const auto scans = GENERATE(JpegScans::progressive, JpegScans::of_each, JpegScans::one);
  const FileBytes whole = jpeg_file(noise(channels), 90, scans);
  CHECK_NOTHROW(decode_image(whole, "whole.jpg"));
  const std::vector<size_t> ends = ends_of_scans(whole);
  CHECK(ends.size() == (scans == JpegScans::one           ? 0
                        : scans == JpegScans::progressive ? (channels == 1 ? 5 : 9)
                                                          : static_cast<size_t>(channels - 1)));
  for (const size_t end : ends) {
    INFO("cut at byte " << end);
    FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(end));
    put(cut, "\xff\xd9");
    CHECK_THROWS_WITH(decode_image(cut, "cut.jpg"), Contains("cut.jpg: damaged JPEG: scans are missing"));
  }
}
