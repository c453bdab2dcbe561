#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

/// A crown cap from above: 21 flutes, printed red with a star.
void paint_bottle_cap(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const float flutes = 21, top = 0.55F, outer = 0.76F;
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  const float print_turn = random.range(-0.006F, 0.006F);
  const Vec2 print_shift{random.range(-0.008F, 0.008F), random.range(-0.008F, 0.008F)};
  float flat_at = 9, flat_width = 0, erased = 0;
  Vec2 star_shift;
  float erased_at = 0;
  if (flaw != nullptr) {
    Random place = flaw->random;
    if (flaw->is("flat_flute")) {
      flat_at = (static_cast<float>(place.below(21)) + 0.5F) / flutes - 0.5F;
      flat_width = flaw->grade(2.4F, 0.9F) / flutes;
    }
    if (flaw->is("misprint")) {
      if (place.uniform() < 0.5F) {
        star_shift = flaw->grade(0.11F, 0.045F) * direction(place.uniform());
      } else {
        erased = flaw->grade(0.22F, 0.075F);
      }
      erased_at = static_cast<float>(place.below(5)) / 5;
    }
  }
  const Color red = display(0xb8232f), white = display(0xefe9dd), steel = display(0xc9c9c6);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0xb9b4a8), 0.07F, key + 20);
    const Vec2 p = pose(at);
    const float r = length(p), angle = angle_turns(p);
    float from_flat = std::abs(angle - flat_at);
    from_flat = std::min(from_flat, std::abs(1 - from_flat));
    const float flat = flat_width > 0 ? bump(from_flat / flat_width) : 0;
    const float flute = cos_turns(angle * flutes) * (1 - flat);
    const float edge = r - outer - 0.028F * flute + 0.05F * flat;
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    const float skirt = smoothstep(top - 0.03F, outer, r);  // 0 on the top, 1 at the rim
    const float height = 0.20F - 0.02F * bump((r - top + 0.07F) / 0.05F) - 0.15F * skirt * (0.4F + 0.6F * skirt) +
                         0.035F * flute * smoothstep(top, outer, r) - 0.02F * flat * skirt +
                         0.0015F * fractal(3.0F * p, 2, key);
    // The print: a star within two rings.
    const Vec2 s = rotate(p - print_shift - star_shift, direction(print_turn));
    const float sector =
        std::abs(angle_turns(s) * 5 - std::floor(angle_turns(s) * 5 + 0.5F)) / 5;  // 0 on a point of the star
    const Vec2 w = length(s) * direction(sector);
    const float star = dot(w - Vec2{0.30F, 0}, Vec2{0.446F, 0.895F});
    const float ring = std::abs(length(s) - 0.385F) - 0.016F, thin = std::abs(length(p - print_shift) - 0.46F) - 0.006F;
    float print = std::max({inside(star, pixel), inside(ring, pixel), inside(thin, pixel)});
    if (erased > 0) {
      const float patch = length(p - 0.30F * direction(erased_at)) / erased + 0.3F * noise(12.0F * p, key + 5);
      print *= smoothstep(0.85F, 1.0F, patch);
    }
    const float speck = 1 + 0.03F * noise(55.0F * p, key + 2) + 0.03F * fractal(2.0F * p, 2, key + 3);
    const Color paint = speck * mix(red, white, 0.95F * print);
    const float worn = smoothstep(-0.035F, 0.0F, edge);  // bare metal on the cut edge
    texel.cover(cover, mix(paint, steel, worn), height, {0.12F + 0.6F * worn, 0.35F, 5.5F});
    texel.body = cover;
  });
}

}  // namespace

Product bottle_cap() {
  return {.name = "bottle_cap",
          .paint = paint_bottle_cap,
          .shift = 0.05F,
          .turn = 0.5F,
          .zoom = 0.03F,
          .kinds = {{"dent", draw_dent, {{}, 0.9F, 1, 1}},
                    {"flat_flute"},
                    {"misprint"},
                    {"rust", draw_stain, {display(0x54301a), 0.8F, 1.2F}},
                    {"scratch", draw_scratch, {display(0xd8d2cb), 0.8F}},
                    {"spot", draw_spot, {display(0xd8902f), 0.8F, 1.1F}}}};
}

}  // namespace iuf::synthetic
