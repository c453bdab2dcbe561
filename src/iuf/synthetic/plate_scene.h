#pragma once

#include <string_view>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/synthetic/extent.h"
#include "iuf/synthetic/math.h"

/// Large photographs of flat parts, as a camera for inspection takes them: a plate paints a Canvas, a small flaw
/// darkens or lightens some of it, and take() adds lens, lamp and sensor. Lengths are in pixels, so that textures and
/// flaws are as fine in a large photograph as in a small one; what belongs to the part's form grows with the
/// photograph.
namespace iuf::synthetic {

/// What lies before the camera: levels as displayed, 0 to 1, row-major with the channels of a pixel side by side.
struct Canvas {
  Canvas(Extent size, int channel_count);
  float* at(int x, int y) {
    return levels.data() + (static_cast<size_t>(y) * static_cast<size_t>(extent.width) + static_cast<size_t>(x)) *
                               static_cast<size_t>(channels);
  }
  const float* at(int x, int y) const { return const_cast<Canvas*>(this)->at(x, y); }

  Extent extent;
  int channels;  // 1 or 3
  std::vector<float> levels;
};

/// The middle of a pixel.
inline Vec2 pixel_centre(int x, int y) {
  return {static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
}

/// Where the part lies: from the photograph, origin at its upper left corner, to the part's own frame, origin at its
/// middle, and back.
struct View {
  Vec2 centre{};
  Vec2 turn{1, 0};
  Vec2 operator()(Vec2 p) const { return rotate(p - centre, {turn.x, -turn.y}); }
  Vec2 back(Vec2 q) const { return centre + rotate(q, turn); }
};

/// A part of an endless or large flat product.
struct Plate {
  std::string_view name;
  Extent size;   ///< of its photographs where nothing else is asked for
  int channels;  ///< of its camera
  void (*paint)(Canvas& canvas, const View& view, Random random);
  /// How far a place of the part's frame is from its rim and its openings; negative outside and in these.
  float (*room)(Extent extent, Vec2 q);
};
/// In alphabetical order.
const std::vector<Plate>& plates();
Plate plate();
Plate strip();

/// The longest way that the rim of a part goes when it turns and shifts, for a photograph of this size: at the left and
/// right, and at the top and bottom.
Vec2 rim_travel(Extent extent);
View make_view(Extent extent, Random random);

/// Specks of dust as every part has some: up to 4 pixels wide and at most 18 % darker or lighter.
void sprinkle(Canvas& canvas, int count, Random random);

/// A region of a photograph, the ends excluded.
struct Region {
  int left = 0, top = 0, right = 0, bottom = 0;
};
/// The pixels within `reach` of a place that lie in the photograph.
Region region_around(Extent extent, Vec2 low, Vec2 high, float reach);

/// A small flaw: a curve with a soft edge, drawn as wide as twice `radius`, measured where it has half its contrast.
class SmallFlaw {
 public:
  /// Of a kind of small_flaw_kinds(), on a place with room for it. `grade` is 0 for the strongest contrast, 1 for the
  /// weakest.
  SmallFlaw(std::string_view kind, const Plate& plate, const Canvas& canvas, const View& view, float grade,
            bool lighter, Random random);
  void draw(Canvas& canvas) const;
  /// 255 where a pixel's middle is within `radius` of the curve.
  Image mask(Extent extent) const;
  /// All pixels that draw() may change.
  Region region(Extent extent) const;

 private:
  bool fits(const Plate& plate, const Canvas& canvas, const View& view) const;
  float distance(Vec2 p) const;

  std::vector<Vec2> path_;  // in the photograph
  float radius_, softness_, contrast_;
  uint32_t key_ = 0;  // of the pressure along a scratch
};
const std::vector<std::string_view>& small_flaw_kinds();

/// One shot: lamp, lens and sensor; all their variation is drawn from `random`, so equal ones see equal noise.
class Shot {
 public:
  explicit Shot(Random random);
  /// Takes a region of the canvas; pixels outside of it stay as they are.
  void take(const Canvas& canvas, const Region& region, Image& image) const;

 private:
  float gain_;
  Vec2 falloff_;
  float vignette_, softness_;
  uint64_t noise_key_;
};

}  // namespace iuf::synthetic
