#include "iuf/synthetic/plate_scene.h"
#include "tensor/error.h"

namespace iuf::synthetic {
namespace {

constexpr float disc_diameter = 12, scratch_width = 3;
constexpr float shortest_scratch = 80, longest_scratch = 250;
constexpr float strongest = 0.40F, weakest = 0.25F;  // contrast, as a share of the level
constexpr float clearance = 12;                      // between a flaw and the rim, an opening or the picture's edge
constexpr float darkest_ground = 0.28F, brightest_result = 0.94F;
constexpr int scratch_segments = 16, max_attempts = 20000;

/// A lightly bent line.
std::vector<Vec2> bent_line(Vec2 centre, float size, float bend, float wave, Vec2 along) {
  const Vec2 across{-along.y, along.x};
  std::vector<Vec2> path;
  for (int i = 0; i <= scratch_segments; ++i) {
    const float t = 2 * static_cast<float>(i) / scratch_segments - 1;
    const float sag = bend * (t * t - 0.33F) + wave * t * (t * t - 1);
    path.push_back(centre + 0.5F * size * t * along + size * sag * across);
  }
  return path;
}

}  // namespace

const std::vector<std::string_view>& small_flaw_kinds() {
  static const std::vector<std::string_view> kinds = {"disc", "scratch"};
  return kinds;
}

SmallFlaw::SmallFlaw(std::string_view kind, const Plate& plate, const Canvas& canvas, const View& view, float grade,
                     bool lighter, Random random) {
  const bool disc = kind == "disc";
  radius_ = 0.5F * (disc ? disc_diameter : scratch_width);
  softness_ = disc ? 1.5F : 0.75F;
  contrast_ = mix(strongest, weakest, grade) * (lighter ? 1.0F : -1.0F);
  key_ = random.key32();
  const Extent extent = canvas.extent;
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    Vec2 centre;
    centre.x = random.range(0, static_cast<float>(extent.width));
    centre.y = random.range(0, static_cast<float>(extent.height));
    path_ = {centre};
    if (!disc) {
      const float size = random.range(shortest_scratch, longest_scratch), bend = random.range(-0.04F, 0.04F);
      const float wave = random.range(-0.04F, 0.04F), turn = random.uniform();
      path_ = bent_line(centre, size, bend, wave, direction(turn));
    }
    if (fits(plate, canvas, view)) return;
  }
  fail("synth: a photograph of ", extent, " pixels of '", plate.name, "' has no place for a ", kind);
}

bool SmallFlaw::fits(const Plate& plate, const Canvas& canvas, const View& view) const {
  const float needed = radius_ + clearance;
  const Extent extent = canvas.extent;
  for (const Vec2& p : path_) {
    if (std::min(p.x, p.y) < needed || p.x > static_cast<float>(extent.width) - needed ||
        p.y > static_cast<float>(extent.height) - needed)
      return false;
    if (plate.room(extent, view(p)) < needed) return false;
  }
  // The contrast must be seen: not in ink that is nearly black, nor cut off at white.
  float sum = 0, highest = 0;
  int count = 0;
  const Region r = region(extent);
  for (int y = r.top; y < r.bottom; ++y)
    for (int x = r.left; x < r.right; ++x) {
      if (distance(pixel_centre(x, y)) > radius_) continue;
      const float* level = canvas.at(x, y);
      const float brightest = *std::max_element(level, level + canvas.channels);
      highest = std::max(highest, brightest);
      sum += brightest;
      ++count;
    }
  return sum >= darkest_ground * static_cast<float>(count) && highest * (1 + contrast_) <= brightest_result;
}

float SmallFlaw::distance(Vec2 p) const {
  float nearest = length(p - path_[0]);
  for (size_t i = 0; i + 1 < path_.size(); ++i)
    nearest = std::min(nearest, segment_distance(p, path_[i], path_[i + 1]));
  return nearest;
}

Region SmallFlaw::region(Extent extent) const {
  Vec2 low = path_[0], high = path_[0];
  for (const Vec2& p : path_) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return region_around(extent, low, high, radius_ + softness_);
}

void SmallFlaw::draw(Canvas& canvas) const {
  const Region r = region(canvas.extent);
  for (int y = r.top; y < r.bottom; ++y)
    for (int x = r.left; x < r.right; ++x) {
      const Vec2 p = pixel_centre(x, y);
      const float cover = 1 - smoothstep(radius_ - softness_, radius_ + softness_, distance(p));
      if (cover <= 0) continue;
      const float pressure = 0.95F + 0.05F * noise(0.06F * p, key_);
      for (int c = 0; c < canvas.channels; ++c) canvas.at(x, y)[c] *= 1 + contrast_ * pressure * cover;
    }
}

Image SmallFlaw::mask(Extent extent) const {
  Image mask = blank_image(extent.width, extent.height, 1);
  const Region r = region(extent);
  for (int y = r.top; y < r.bottom; ++y)
    for (int x = r.left; x < r.right; ++x)
      if (distance(pixel_centre(x, y)) <= radius_) mask.row(y)[x] = 255;
  return mask;
}

}  // namespace iuf::synthetic
