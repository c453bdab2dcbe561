#include "iuf/methods/pasted_anomaly.h"

#include <algorithm>
#include <array>
#include <utility>

#include "iuf/synthetic/math.h"
#include "tensor/error.h"

namespace iuf {

using namespace synthetic;

std::vector<float> perlin_noise(int size, int cells_x, int cells_y, float turn, uint64_t stream) {
  const auto key = static_cast<uint32_t>(scramble(stream) >> 32U);
  const Vec2 along = direction(turn);
  const auto fade = [](float t) { return t * t * t * (t * (t * 6 - 15) + 10); };
  std::vector<float> values;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      // Turned about the image's centre; a corner of the lattice points into a random direction.
      const float n = static_cast<float>(size);
      const Vec2 centred{(static_cast<float>(x) + 0.5F) / n - 0.5F, (static_cast<float>(y) + 0.5F) / n - 0.5F};
      const Vec2 p = rotate(centred, along) + Vec2{0.5F, 0.5F};
      const Vec2 at{p.x * static_cast<float>(cells_x), p.y * static_cast<float>(cells_y)};
      const int i = floor_int(at.x), j = floor_int(at.y);
      const Vec2 rest = at - Vec2{static_cast<float>(i), static_cast<float>(j)};
      const auto corner = [&](int dx, int dy) {
        return dot(direction(lattice(i + dx, j + dy, key)),
                   rest - Vec2{static_cast<float>(dx), static_cast<float>(dy)});
      };
      const float u = fade(rest.x), v = fade(rest.y);
      values.push_back(1.41421356F * mix(mix(corner(0, 0), corner(1, 0), u), mix(corner(0, 1), corner(1, 1), u), v));
    }
  return values;
}

Image procedural_texture(int size, uint64_t stream) {
  Random random(stream);
  const auto colour = [&] {
    const float r = random.uniform(), g = random.uniform(), b = random.uniform();
    return Color{r, g, b};
  };
  const Color dark = colour(), light = colour(), grain = colour();
  const int kind = random.below(4);
  const float scale = random.range(3, 16), warp = random.range(0, 1.5F), rough = random.range(0, 0.5F);
  const Vec2 along = direction(random.uniform());
  const uint32_t key = random.key32();
  Image image{size, size, 3, {}};
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const float n = static_cast<float>(size);
      const Vec2 flat = rotate({static_cast<float>(x) / n, static_cast<float>(y) / n}, along);
      const Vec2 p = scale * flat + warp * Vec2{noise(4.0F * flat, key), noise(4.0F * flat, key + 1)};
      float share = 0;
      if (kind == 0) share = 0.5F + 0.5F * sin_turns(p.x);                      // stripes
      if (kind == 1) share = smoothstep(-0.1F, 0.3F, noise(p, key + 2));        // spots
      if (kind == 2) share = lattice(floor_int(p.x), floor_int(p.y), key + 3);  // cells
      if (kind == 3) share = clamp01(0.5F + fractal(p, 4, key + 4));            // clouds
      const Color c = mix(mix(dark, light, share), grain, rough * lattice(x, y, key + 5));
      for (const float value : {c.r, c.g, c.b})
        image.pixels.push_back(static_cast<uint8_t>(clamp01(value) * 255.0F + 0.5F));
    }
  return image;
}

PastedAnomaly paste_anomaly(const Image& image, const Image& texture, uint64_t stream) {
  const int size = image.width;
  for (const Image* one : {&image, &texture}) {
    if (one->channels != 3) fail("paste_anomaly: needs RGB images, not one of ", one->channels, " channels");
    if (one->width != size || one->height != size)
      fail("paste_anomaly: image ", image.width, " x ", image.height, " and texture ", texture.width, " x ",
           texture.height, " must be squares of one size");
  }
  Random random(stream);
  PastedAnomaly result{image, std::vector<uint8_t>(static_cast<size_t>(size) * static_cast<size_t>(size), 0)};
  if (random.uniform() < 0.5F) return result;
  // Cells of 4 pixels at least, up to the whole image, independently along both axes.
  int powers = 1;
  while ((8 << (powers - 1)) <= size && powers < 7) ++powers;
  const int cells_x = 1 << random.below(powers), cells_y = 1 << random.below(powers);
  const float turn = random.range(-0.25F, 0.25F);
  const std::vector<float> noise = perlin_noise(size, cells_x, cells_y, turn, random.bits());

  const bool mirror = random.below(2), swap = random.below(2), invert = random.below(4) == 0;
  const std::array<int, 3> orders[] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  const std::array<int, 3>& order = orders[random.below(6)];
  const float gain = random.range(0.6F, 1.4F), opacity = random.range(0.2F, 1.0F);
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const auto at = static_cast<size_t>(y) * static_cast<size_t>(size) + static_cast<size_t>(x);
      if (noise[at] <= 0.5F) continue;
      result.mask[at] = 1;
      int from_x = mirror ? size - 1 - x : x, from_y = y;
      if (swap) std::swap(from_x, from_y);
      for (size_t c = 0; c < 3; ++c) {
        const float shown = std::min(gain * static_cast<float>(texture.row(from_y)[3 * from_x + order[c]]), 255.0F);
        uint8_t& pixel = result.image.pixels[3 * at + c];
        pixel = static_cast<uint8_t>(mix(static_cast<float>(pixel), invert ? 255.0F - shown : shown, opacity) + 0.5F);
      }
    }
  return result;
}

}  // namespace iuf
