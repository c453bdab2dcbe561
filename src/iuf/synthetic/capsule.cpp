#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

/// What a defect changes of the capsule.
struct CapsuleFlaw {
  float opened = 0, print_turn = 0;
  Vec2 print_shift;
  std::string_view cap_text = "IUF", body_text = "250";
  float faded = 0, faded_at = 0;

  explicit CapsuleFlaw(const Flaw* flaw) {
    if (flaw == nullptr) return;
    Random place = flaw->random;
    if (flaw->is("open")) opened = flaw->grade(0.18F, 0.08F);
    if (!flaw->is("misprint")) return;
    const int how = place.below(3);
    const bool on_cap = place.uniform() < 0.5F;
    faded_at = on_cap ? 0.36F : -0.38F;
    if (how == 0) {
      print_shift = flaw->grade(0.13F, 0.06F) * direction(place.uniform());
      print_turn = flaw->grade(0.05F, 0.02F);
    } else if (how == 1) {
      faded = flaw->grade(1.0F, 0.65F);
    } else {
      (on_cap ? cap_text : body_text) =
          on_cap ? (flaw->hard < 0.5F ? "A7X" : "IUR") : (flaw->hard < 0.5F ? "417" : "270");
    }
  }
};

/// A two-coloured hard capsule with an imprint on each half.
void paint_capsule(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  const float roll = random.range(-0.02F, 0.02F);
  const CapsuleFlaw change(flaw);
  const float gap = random.range(-0.008F, 0.008F) + change.opened;
  const float body_radius = 0.262F, cap_radius = 0.282F, left = -0.50F, right = 0.50F + gap, seam = 0.04F + gap;
  const Color orange = display(0xe07a1f), cream = display(0xefe6cf), print_ink = display(0x3a3540);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x9fb4c6), 0.05F, key + 20);
    const Vec2 p = pose(at);
    const Vec2 print = rotate(p - change.print_shift, direction(change.print_turn));
    enum class Half { body, cap };
    const auto paint = [&](Half half) {
      const bool cap = half == Half::cap;
      const float radius = cap ? cap_radius : body_radius;
      const float axis = std::clamp(p.x, left, right), d = length(p - Vec2{axis, 0});
      float edge = d - radius;
      if (cap) edge = std::max(edge, seam - p.x);
      const float cover = inside(edge, pixel);
      if (cover <= 0) return;
      const float t = clamp01(d / radius);
      const float dome = std::sqrt(std::max(0.0F, 1 - t * t));
      // The cap grips the body with a rounded lip and a groove.
      const float groove = cap ? bump((p.x - seam - 0.10F) / 0.028F) : 0;
      const float lip = cap ? smoothstep(0, 0.02F, p.x - seam) : 1;
      const float height = 0.03F + 0.82F * radius * dome * (cap ? 0.97F + 0.03F * lip : 1) - 0.010F * groove * dome +
                           0.0012F * fractal(6.0F * p, 2, key);
      Color color = cap ? orange : cream;
      color = (1 + 0.04F * fractal(3.0F * p, 2, key + 2) + 0.02F * noise(50.0F * p, key + 3)) * color;
      const Vec2 letters = print - Vec2{cap ? 0.36F + gap : -0.30F, roll};
      float shade =
          ink(letters, cap ? change.cap_text : change.body_text, 0.17F) * (0.85F + 0.12F * noise(40.0F * p, key + 4));
      if (change.faded > 0 && std::abs(p.x - change.faded_at) < 0.4F)
        shade *= 1 - change.faded * smoothstep(-0.15F, 0.12F, noise(9.0F * p, key + 5) + 0.1F);
      color = mix(color, print_ink, 0.85F * shade);
      color = (1 - 0.25F * groove) * color;
      texel.cover(cover, color, height, {0.02F, 0.5F, 5.5F});
      texel.body = std::max(texel.body, cover);
    };
    paint(Half::body);
    paint(Half::cap);
  });
}

}  // namespace

Product capsule() {
  return {.name = "capsule",
          .paint = paint_capsule,
          .shift = 0.05F,
          .turn = 0.025F,
          .zoom = 0.03F,
          .kinds = {{"crack", draw_crack, {display(0x5c4632), 0.6F, 0.9F}},
                    {"hole", draw_hole, {display(0x3a2c20), 0.9F}},
                    {"misprint"},
                    {"open"},
                    {"scratch", draw_scratch, {display(0x86705c), 0.6F, 0.9F}},
                    {"spot", draw_spot, {display(0x9c6b8e), 0.65F}}}};
}

}  // namespace iuf::synthetic
