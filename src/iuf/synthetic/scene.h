#pragma once

#include <string_view>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/synthetic/math.h"

/// How a synthetic photograph is made: an object paints a Surface (what lies in front of the camera, pixel by pixel), a
/// defect changes it, and photograph() lights and takes it. Lengths are in half image widths: x and y of a pixel run
/// from -1 to 1 (y down), and heights are in the same unit.
namespace iuf::synthetic {

/// How a material answers light: metal 0 is paint or paper, 1 mirrors the studio; gloss is the strength of highlights
/// and sharp their narrowness (the exponent is 2^sharp).
struct Finish {
  float metal = 0, gloss = 0, sharp = 3;
};

struct Texel {
  Color albedo{};
  float height = 0;
  Finish finish{};
  float body = 0;  ///< 1 where the object is, 0 on the background and in its holes

  /// Covers the fraction `alpha` of this pixel with another material.
  void cover(float alpha, Color color, float new_height, Finish new_finish) {
    albedo = mix(albedo, color, alpha);
    height = mix(height, new_height, alpha);
    finish = {mix(finish.metal, new_finish.metal, alpha), mix(finish.gloss, new_finish.gloss, alpha),
              mix(finish.sharp, new_finish.sharp, alpha)};
  }
};

class Surface {
 public:
  explicit Surface(int size) : size_(size), texels_(static_cast<size_t>(size) * static_cast<size_t>(size)) {}
  int size() const { return size_; }
  float pixel() const { return 2.0F / static_cast<float>(size_); }
  Vec2 position(int x, int y) const {
    const float n = static_cast<float>(size_);
    return {static_cast<float>(2 * x + 1) / n - 1, static_cast<float>(2 * y + 1) / n - 1};
  }
  const Texel& texel(int x, int y) const {
    return texels_[static_cast<size_t>(y) * static_cast<size_t>(size_) + static_cast<size_t>(x)];
  }
  /// The pixel at a position; one beyond the edge stands for the nearest inside.
  const Texel& near(Vec2 p) const {
    const auto at = [&](float v) {
      return std::clamp(static_cast<int>((v + 1) * 0.5F * static_cast<float>(size_)), 0, size_ - 1);
    };
    return texel(at(std::clamp(p.x, -1.0F, 1.0F)), at(std::clamp(p.y, -1.0F, 1.0F)));
  }
  /// Calls f(position, texel) for every pixel.
  template <class F>
  void each(F f) {
    for (int y = 0; y < size_; ++y)
      for (int x = 0; x < size_; ++x)
        f(position(x, y), texels_[static_cast<size_t>(y) * static_cast<size_t>(size_) + static_cast<size_t>(x)]);
  }

 private:
  int size_;
  std::vector<Texel> texels_;
};

/// How far a shape's surface has fallen at its edge: 1 on the edge, 0 from `width` inside on.
inline float bevel(float distance, float width) {
  return bump(std::min(distance, 0.0F) / width);
}

/// From the image to the object's own frame.
struct Pose {
  Vec2 shift{};
  Vec2 turn{1, 0};
  float zoom = 1;
  Vec2 operator()(Vec2 p) const { return (1 / zoom) * rotate(p - shift, {turn.x, -turn.y}); }
};

/// A defect to make: how hard it is to see (0 to 1) and the random numbers that place and shape it.
struct Flaw {
  std::string_view kind;
  float hard = 0;
  Random random{0};
  /// From `easy` to `difficult` with the grade of the image.
  float grade(float easy, float difficult) const { return mix(easy, difficult, hard); }
  bool is(std::string_view name) const { return kind == name; }
};

/// Paints an object; `random` gives its natural variation. `flaw` is null or a defect, of which a painter heeds only
/// the kinds that concern the object's structure.
using Paint = void (*)(Surface& surface, const Pose& pose, Random random, const Flaw* flaw);

/// What a defect drawn over the finished surface looks like on a given object.
struct Look {
  Color tint{};
  float size = 1, contrast = 1, depth = 1;
};
using Draw = void (*)(Surface& surface, Flaw flaw, const Look& look);

void draw_nothing(Surface& surface, Flaw flaw, const Look& look);  ///< for kinds that the painter itself makes
void draw_scratch(Surface& surface, Flaw flaw, const Look& look);
void draw_crack(Surface& surface, Flaw flaw, const Look& look);
void draw_stain(Surface& surface, Flaw flaw, const Look& look);  ///< a blot with a rim
void draw_spot(Surface& surface, Flaw flaw, const Look& look);   ///< a soft shift of colour
void draw_dull(Surface& surface, Flaw flaw, const Look& look);   ///< a patch without gloss
void draw_chip(Surface& surface, Flaw flaw, const Look& look);   ///< a flake broken out, down to the raw material
void draw_dent(Surface& surface, Flaw flaw, const Look& look);
void draw_hole(Surface& surface, Flaw flaw, const Look& look);
void draw_crumb(Surface& surface, Flaw flaw, const Look& look);   ///< a foreign body lying on the object
void draw_thread(Surface& surface, Flaw flaw, const Look& look);  ///< a loose thread

struct Kind {
  std::string_view name;
  Draw draw = draw_nothing;
  Look look{};
};

struct Product {
  std::string_view name;
  Paint paint;
  float shift, turn, zoom;  ///< the pose varies by +-shift, +-turn (in turns) and +-zoom (as a fraction)
  std::vector<Kind> kinds;  ///< in alphabetical order
};
/// In alphabetical order.
const std::vector<Product>& products();

// Each in its own file but for the flat ones, which textures.cpp paints.
Product biscuit();
Product bottle_cap();
Product capsule();
Product circuit();
Product fabric();
Product gear();
Product grid();
Product metal();
Product tile();
Product wood();

/// Light, camera and sensor; all their variation is drawn from `random`, so equal ones see equal noise.
Image photograph(const Surface& surface, Random random);

}  // namespace iuf::synthetic
