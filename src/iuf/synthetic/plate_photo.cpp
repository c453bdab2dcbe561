#include "iuf/synthetic/plate_scene.h"
#include "tensor/parallel.h"

namespace iuf::synthetic {
namespace {

constexpr float max_turn = 1.0F / 360;  // one degree, in turns
constexpr float sine_of_turn = 0.0174524F;
float max_shift(Extent extent) {
  return 0.003F * static_cast<float>(std::min(extent.width, extent.height));
}

}  // namespace

Canvas::Canvas(Extent size, int channel_count)
    : extent(size),
      channels(channel_count),
      levels(static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * static_cast<size_t>(channel_count)) {}

const std::vector<Plate>& plates() {
  static const std::vector<Plate> all = {plate(), strip()};
  return all;
}

Vec2 rim_travel(Extent extent) {
  const float shift = max_shift(extent);
  return {0.5F * sine_of_turn * static_cast<float>(extent.height) + shift,
          0.5F * sine_of_turn * static_cast<float>(extent.width) + shift};
}

View make_view(Extent extent, Random random) {
  const float shift = max_shift(extent);
  View view;
  view.centre.x = 0.5F * static_cast<float>(extent.width) + random.range(-shift, shift);
  view.centre.y = 0.5F * static_cast<float>(extent.height) + random.range(-shift, shift);
  view.turn = direction(random.range(-max_turn, max_turn));
  return view;
}

Region region_around(Extent extent, Vec2 low, Vec2 high, float reach) {
  return {std::max(0, floor_int(low.x - reach)), std::max(0, floor_int(low.y - reach)),
          std::min(extent.width, floor_int(high.x + reach) + 1),
          std::min(extent.height, floor_int(high.y + reach) + 1)};
}

void sprinkle(Canvas& canvas, int count, Random random) {
  for (int i = 0; i < count; ++i) {
    Vec2 centre;
    centre.x = random.range(0, static_cast<float>(canvas.extent.width));
    centre.y = random.range(0, static_cast<float>(canvas.extent.height));
    const float radius = random.range(1.2F, 2.0F), contrast = random.range(0.06F, 0.18F);
    const float sign = random.uniform() < 0.7F ? -1.0F : 1.0F;
    const Region r = region_around(canvas.extent, centre, centre, radius);
    for (int y = r.top; y < r.bottom; ++y)
      for (int x = r.left; x < r.right; ++x) {
        const float change = 1 + sign * contrast * bump(length(pixel_centre(x, y) - centre) / radius);
        for (int c = 0; c < canvas.channels; ++c) canvas.at(x, y)[c] *= change;
      }
  }
}

Shot::Shot(Random random) {
  gain_ = random.range(0.96F, 1.04F);
  falloff_.x = 0.05F + random.range(-0.015F, 0.015F);
  falloff_.y = -0.035F + random.range(-0.015F, 0.015F);
  vignette_ = random.range(0.10F, 0.13F);
  softness_ = random.range(0.13F, 0.17F);
  noise_key_ = random.bits();
}

void Shot::take(const Canvas& canvas, const Region& region, Image& image) const {
  const int width = canvas.extent.width, height = canvas.extent.height, channels = canvas.channels;
  const float k = softness_, centre = 1 - 2 * k;
  const float half_x = 0.5F * static_cast<float>(width), half_y = 0.5F * static_cast<float>(height);
  const float per_square = vignette_ / (half_x * half_x + half_y * half_y);
  parallel_for(region.bottom - region.top, 16, [&](int64_t begin, int64_t end) {
    // One row behind the lens's vertical half, with a pixel more at each side.
    std::vector<float> row(static_cast<size_t>((width + 2) * channels));
    for (int y = region.top + static_cast<int>(begin); y < region.top + static_cast<int>(end); ++y) {
      const float* above = canvas.at(0, std::max(y - 1, 0));
      const float* here = canvas.at(0, y);
      const float* below = canvas.at(0, std::min(y + 1, height - 1));
      for (int i = 0; i < width * channels; ++i)
        row[static_cast<size_t>(i + channels)] = centre * here[i] + k * (above[i] + below[i]);
      for (int c = 0; c < channels; ++c) {
        row[static_cast<size_t>(c)] = row[static_cast<size_t>(c + channels)];
        row[static_cast<size_t>((width + 1) * channels + c)] = row[static_cast<size_t>(width * channels + c)];
      }
      const float dy = static_cast<float>(y) + 0.5F - half_y, light_y = 1 + falloff_.y * dy / half_y;
      uint8_t* out = image.row(y) + region.left * channels;
      for (int x = region.left; x < region.right; ++x) {
        const float dx = static_cast<float>(x) + 0.5F - half_x;
        const float light = 255 * gain_ * (light_y + falloff_.x * dx / half_x) * (1 - per_square * (dx * dx + dy * dy));
        uint64_t noise_at =
            noise_key_ + 4 * (static_cast<uint64_t>(y) * static_cast<uint64_t>(width) + static_cast<uint64_t>(x));
        for (int c = 0; c < channels; ++c) {
          const float* p = &row[static_cast<size_t>((x + 1) * channels + c)];
          const float level = light * (centre * p[0] + k * (p[-channels] + p[channels]));
          // Reading noise, and that of the counted photons, whose variance grows with their number.
          const float grain = std::sqrt(0.5F + 0.025F * std::max(level, 0.0F)) * bell(scramble(noise_at++));
          *out++ = static_cast<uint8_t>(std::clamp(level + grain + 0.5F, 0.0F, 255.0F));
        }
      }
    }
  });
}

}  // namespace iuf::synthetic
