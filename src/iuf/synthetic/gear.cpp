#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

/// A turned brass gear wheel with twenty teeth and five holes.
void paint_gear(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  constexpr int teeth = 20, holes = 5;
  const float root = 0.64F, tip = 0.79F;
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  int bad_tooth = -99, bad_hole = -99;
  float bad_tip = tip, bad_bend = 0, bad_radius = 0;
  if (flaw != nullptr) {
    Random place = flaw->random;
    const int tooth = place.below(teeth), hole = place.below(holes);
    if (flaw->is("missing_tooth")) bad_tooth = tooth, bad_tip = flaw->grade(root - 0.02F, mix(root, tip, 0.55F));
    if (flaw->is("bent_tooth"))
      bad_tooth = tooth, bad_bend = flaw->grade(0.42F, 0.20F) * (place.uniform() < 0.5F ? -1.0F : 1.0F);
    if (flaw->is("missing_hole")) bad_hole = hole, bad_radius = flaw->grade(-0.02F, 0.078F);
  }
  const Color brass = display(0xdbb560), mat_color = display(0x3c3f46);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, mat_color, 0.14F, key + 20);
    const Vec2 p = pose(at);
    const float r = length(p), angle = angle_turns(p);
    const float position = angle * teeth + 0.5F;
    const int tooth = (floor_int(position) + teeth) % teeth;
    const bool bad = tooth == bad_tooth;
    const float rise = clamp01((r - root) / (tip - root));
    const float across = std::abs(position - std::floor(position) - 0.5F - (bad ? bad_bend * rise : 0.0F));
    const float flank = (across - mix(0.32F, 0.15F, rise)) * 6.2831853F * r / teeth;
    float edge = std::min(r - root, std::max(r - (bad ? bad_tip : tip), flank));
    const float hub = std::min(r - 0.115F, box_distance(p - Vec2{0, -0.115F}, {0.035F, 0.045F}));
    const float part = angle * holes + 0.5F;
    const int sector = (floor_int(part) + holes) % holes;
    const float turned = std::floor(part) / holes;
    const float hole = length(p - 0.385F * direction(turned)) - (sector == bad_hole ? bad_radius : 0.098F);
    edge = std::max({edge, -hub, -hole});
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    const float recess = smoothstep(0.205F, 0.235F, r) * (1 - smoothstep(0.535F, 0.565F, r));
    const float turning = noise({95 * r, 2 * angle}, key) + 0.6F * noise({190 * r, 3 * angle}, key + 1);
    const float height = 0.11F - 0.035F * recess - 0.030F * bevel(edge, 0.030F) + 0.0005F * turning +
                         0.0015F * fractal(2.0F * p, 2, key + 2);
    // Turning marks shine where they run across the light.
    const Vec2 from_centre = at - pose.shift;
    const float across_light = dot(from_centre, direction(-0.36F)) / std::max(length(from_centre), 0.02F);
    const float shine = bump(1 - across_light * across_light) - 0.35F;
    const float tone = 0.95F + 0.05F * turning + 0.05F * fractal(4.0F * p, 3, key + 3) - 0.06F * recess + 0.28F * shine;
    texel.cover(cover, tone * brass, height, {0.78F, 0.22F, 4.5F});
    texel.body = cover;
  });
}

}  // namespace

Product gear() {
  return {.name = "gear",
          .paint = paint_gear,
          .shift = 0.04F,
          .turn = 0.5F,
          .zoom = 0.02F,
          .kinds = {{"bent_tooth"},
                    {"crack", draw_crack, {display(0x1c1816), 0.6F}},
                    {"missing_hole"},
                    {"missing_tooth"},
                    {"rust", draw_stain, {display(0x7c3f1c), 0.7F}},
                    {"scratch", draw_scratch, {display(0xf4e6c0), 0.7F}}}};
}

}  // namespace iuf::synthetic
