#include "iuf/image/photograph.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "iuf/image/exchanged_bytes.h"
#include "iuf/image/exif.h"
#include "iuf/image/image_formats.h"
#include "iuf/image/image_parts.h"
#include "iuf/image/value_window.h"
#include "nn/hash.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Returns the share of the pixels that are not opaque, of which the colours stay.
double drop_transparency(Raster& raster) {
  if (raster.channels != 4) return 0;
  const auto bytes = static_cast<size_t>(raster.sample_bytes);
  const size_t pixels = raster.count() / 4;
  const int opaque = raster.sample_bytes == 1 ? 255 : 65535;
  size_t clear = 0;
  for (size_t i = 0; i < pixels; ++i) {
    clear += raster.at(4 * i + 3) < opaque;
    std::copy_n(raster.samples.begin() + static_cast<std::ptrdiff_t>(4 * i * bytes), 3 * bytes,
                raster.samples.begin() + static_cast<std::ptrdiff_t>(3 * i * bytes));
  }
  raster.channels = 3;
  raster.samples.resize(3 * pixels * bytes);
  return static_cast<double>(clear) / static_cast<double>(pixels);
}

void turn(Raster& raster, int orientation) {
  if (orientation == 1) return;
  Image upright = turned(
      {raster.width, raster.height, raster.channels * raster.sample_bytes, std::move(raster.samples)}, orientation);
  raster.width = upright.width;
  raster.height = upright.height;
  raster.samples = std::move(upright.pixels);
}

}  // namespace

Photograph decode_photograph(std::span<const std::byte> bytes, const std::string& name, const PhotoReading& reading) {
  Raster raster = decode_raster(bytes, name, default_max_pixels, Transparency::keep);
  const ValueWindow window = reading.window.value_or(ValueWindow{});
  Photograph photograph;
  PictureFacts& facts = photograph.facts;
  facts.pictures = pictures_in(bytes);
  facts.transparent = drop_transparency(raster);
  if (reading.orientation == Orientation::apply) facts.orientation = noted_orientation(bytes);
  turn(raster, facts.orientation);
  facts.deep = raster.sample_bytes == 2;
  if (facts.deep) {
    if (const double times = exchanged_bytes(raster); times > 0)
      fail(name, ": the two bytes of its 16-bit values are exchanged: read the other way round, neighbouring pixels ",
           "differ ", std::lround(times), " times less; save it with the other byte order");
    const DeepValues values(raster);
    facts.largest = values.largest();
    facts.common = values.common();
    facts.beyond = values.share_above(window.high);
    photograph.values = hash_bytes(std::as_bytes(std::span(raster.samples)));
  }
  photograph.image = image_of(std::move(raster), window);
  facts.looks = look_at(photograph.image);
  return photograph;
}

}  // namespace iuf
