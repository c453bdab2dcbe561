#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

/// Twill: blue warp threads (along y) over white weft (along x), three over and one under, shifted row by row.
void paint_fabric(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const float threads = 19;  // per unit
  const Vec2 origin{static_cast<float>(random.below(4000)), static_cast<float>(random.below(4000))};
  const uint32_t wobble = random.key32(), tone = random.key32(), fuzz = random.key32(), wash = random.key32();
  // A warp thread that is missing on a part of its length.
  const bool missing = flaw != nullptr && flaw->is("missing_thread");
  int gap_thread = 0, gap_width = 0;
  float gap_from = 0, gap_to = 0;
  if (missing) {
    Random place = flaw->random;
    gap_thread = static_cast<int>(origin.x) + static_cast<int>(place.range(-0.7F, 0.7F) * threads);
    gap_width = flaw->hard < 0.1F ? 2 : 1;
    const float half = flaw->grade(0.8F, 0.22F) * threads, middle = place.range(-0.4F, 0.4F) * threads;
    gap_from = origin.y + middle - half, gap_to = origin.y + middle + half;
  }
  const Color blue = display(0x41598f), white = display(0xb9bcc0);
  surface.each([&](Vec2 at, Texel& texel) {
    const Vec2 p = pose(at);
    const Vec2 q =
        origin + threads * p +
        Vec2{0.22F * noise({2.5F * p.x, 2.5F * p.y}, wobble), 0.22F * noise({2.5F * p.x, 2.5F * p.y}, wobble + 1)};
    const float column = std::floor(q.x), row = std::floor(q.y);
    const int i = static_cast<int>(column), j = static_cast<int>(row);
    const float across_warp = 2 * (q.x - column) - 1, across_weft = 2 * (q.y - row) - 1;
    // The warp goes under where (row + column) is a multiple of 4.
    const float phase = q.y - 0.5F + column;
    const float to_dive = phase - 4 * std::floor(phase / 4 + 0.5F);
    const float dive = bump(to_dive / 1.1F);
    const float warp_gone = missing && i >= gap_thread && i < gap_thread + gap_width
                                ? smoothstep(0, 2, std::min(q.y - gap_from, gap_to - q.y))
                                : 0;
    const float warp_tone =
        0.16F * (lattice(i, 0, tone) - 0.5F) + 0.10F * noise({q.x * 0.02F + 31 * column, 0.35F * q.y}, tone);
    const float weft_tone = 0.14F * (lattice(j, 1, tone) - 0.5F) + 0.08F * noise({0.35F * q.x, 31 * row}, tone + 1);
    const float warp =
        (std::sqrt(std::max(0.0F, 1 - across_warp * across_warp)) * (1 - 0.95F * dive)) * (1 - warp_gone);
    const float weft =
        std::sqrt(std::max(0.0F, 1 - across_weft * across_weft)) * (0.30F + 0.35F * std::max(dive, 0.5F * warp_gone));
    const float fibre = 0.10F * noise({2.3F * q.x + 0.8F * q.y, 1.1F * q.y}, fuzz);
    const float share = smoothstep(-0.12F, 0.12F, warp - weft);
    const float washed = 1 + 0.10F * fractal({1.7F * p.x, 1.7F * p.y}, 2, wash);
    const Color color = mix((1 + weft_tone + fibre) * white, (washed + warp_tone + fibre) * blue, share);
    texel = {color, 0.016F * std::max(warp, weft), {0, 0.02F, 2}, 1};
  });
}

/// A brushed steel sheet; the brush ran along x.
void paint_metal(Surface& surface, const Pose& pose, Random random, const Flaw*) {
  const Vec2 origin{random.range(0, 500), random.range(0, 500)};
  const uint32_t key = random.key32();
  const float brush = random.range(0.7F, 1.4F), wear = random.range(0.05F, 0.12F);
  surface.each([&](Vec2 at, Texel& texel) {
    const Vec2 p = pose(at) + origin;
    const float broad = noise({0.5F * p.x, 26 * p.y}, key), fine = noise({1.6F * p.x, 95 * p.y}, key + 1);
    const float finest = noise({7 * p.x, 210 * p.y}, key + 2);
    const float deep = smoothstep(0.55F, 0.9F, noise({1.1F * p.x, 60 * p.y}, key + 3));  // single strong strokes
    const float cloud = fractal({1.3F * p.x, 1.8F * p.y}, 2, key + 4);
    const float tone =
        0.50F * (1 + brush * (0.05F * broad + 0.10F * fine + 0.10F * finest - 0.12F * deep) + wear * cloud);
    texel = {tone * Color{1.0F, 1.01F, 1.04F},
             brush * (0.0007F * fine + 0.0004F * broad - 0.0006F * deep) + 0.02F * wear * cloud,
             {0.8F, 0.12F, 4},
             1};
  });
}

/// A varnished plank, sawn along the grain (x).
void paint_wood(Surface& surface, const Pose& pose, Random random, const Flaw*) {
  const Vec2 origin{random.range(0, 300), random.range(0, 300)};
  const float tilt = random.range(-0.06F, 0.06F), arch = random.range(-0.35F, 0.35F), pitch = random.range(5.0F, 6.4F);
  const uint32_t key = random.key32();
  const Color early = display(0xd3a067), late = display(0x96602f), pore = display(0x5b3618);
  surface.each([&](Vec2 at, Texel& texel) {
    const Vec2 p = pose(at), q = p + origin;
    const float warp = fractal({0.55F * q.x, 1.5F * q.y}, 3, key) + 0.03F * noise({5 * q.x, 11 * q.y}, key + 5);
    const float rings = pitch * (p.y + tilt * p.x + arch * p.x * p.x * 0.4F) + 2.3F * warp;
    const float ring = std::floor(rings), t = rings - ring;
    // Each year's wood darkens slowly and ends at once.
    const float year =
        (0.3F + 0.7F * lattice(static_cast<int>(ring), 7, key)) * (t < 0.88F ? t * t / 0.7744F : (1 - t) / 0.12F);
    const float fibre = noise({3.0F * q.x, 70 * q.y}, key + 6), fine = noise({9 * q.x, 190 * q.y}, key + 7);
    const float dash = smoothstep(0.45F, 0.85F, noise({3.5F * q.x, 105 * q.y}, key + 8));
    const float flame = noise({1.4F * q.x, 5 * q.y}, key + 9);
    Color color = mix(early, late, clamp01(0.05F + 0.85F * year + 0.11F * fibre + 0.08F * fine));
    color = (1 + 0.08F * flame) * mix(color, pore, 0.42F * dash);
    texel = {color, 0.001F * fibre - 0.0022F * dash - 0.001F * year, {0, 0.10F, 4.5F}, 1};
  });
}

/// Flecks in a cell pattern, one a cell or none: how much of the pixel they cover. `which` tells them apart.
float flecks(Vec2 p, float cells, float share, uint32_t key, float pixel, uint32_t& which) {
  const Vec2 q = cells * p;
  const int cx = floor_int(q.x), cy = floor_int(q.y);
  float best = 1e9F;
  for (int y = cy - 1; y <= cy + 1; ++y)
    for (int x = cx - 1; x <= cx + 1; ++x) {
      const uint32_t bits = lattice_bits(x, y, key);
      const auto part = [&](unsigned shift) { return static_cast<float>((bits >> shift) & 63U) / 63.0F; };
      if (part(26) > share) continue;
      const Vec2 centre{static_cast<float>(x) + part(0), static_cast<float>(y) + part(6)};
      const float size = 0.06F + 0.26F * part(18) * part(18), reach = 2 * size + 2 * cells * pixel;
      if (dot(q - centre, q - centre) > reach * reach) continue;
      const Vec2 r = rotate(q - centre, direction(part(12)));
      const float stretch = 1 + 0.6F * part(22), x1 = std::abs(r.x) / stretch, y1 = std::abs(r.y) * stretch;
      // Between a box and a diamond: broken corners.
      const float d = std::max(std::max(x1, y1), 0.72F * (x1 + y1 + 0.25F * r.x)) - size;
      if (d < best) best = d, which = bits >> 3U;
    }
  return inside(best / cells, pixel);
}

/// A wall of speckled stoneware tiles, glazed, with joints.
void paint_tile(Surface& surface, const Pose& pose, Random random, const Flaw*) {
  const float pitch = 0.64F, joint = 0.018F;
  const Vec2 origin{random.range(0, 200), random.range(0, 200)};
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  constexpr Color specks[] = {display(0x5b4636), display(0x6f5a45), display(0x8c6a48), display(0x4a4038)};
  surface.each([&](Vec2 at, Texel& texel) {
    const Vec2 p = pose(at), q = p + origin;
    const float column = std::floor(p.x / pitch + 0.5F), row = std::floor(p.y / pitch + 0.5F);
    const int i = static_cast<int>(column), j = static_cast<int>(row);
    const Vec2 local = p - pitch * Vec2{column, row};
    const float edge =
        box_distance(local, {pitch / 2 - joint, pitch / 2 - joint}, 0.035F) + 0.003F * noise(9.0F * q, key + 1);
    const float sand = noise(60.0F * q, key + 8);
    texel = {(1 + 0.10F * sand) * display(0xa39c90), -0.03F + 0.002F * sand, {}, 1};
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    // Glaze pools in the middle and is thin, so browner, on the edges; every tile was fired a little differently.
    const float rim = bevel(edge, 0.06F), fired = 0.06F * (lattice(i, j, key) - 0.5F);
    Color color = (1 + fired + 0.04F * fractal(3.0F * q, 3, key) + 0.02F * sand) *
                  mix(display(0xe6dcc8), display(0xc9a87c), 0.6F * rim * rim);
    uint32_t which = 0;
    const float fleck = flecks(q, 24, 0.75F, key + 4, pixel, which);
    color = mix(color, specks[which & 3U], 0.80F * fleck);
    const Vec2 tilt{0.012F * (lattice(i, j, key + 2) - 0.5F), 0.012F * (lattice(i, j, key + 3) - 0.5F)};
    texel.cover(cover, color, -0.022F * rim + 0.004F * fractal(2.5F * q, 2, key + 9) + dot(tilt, local) / pitch,
                {0, 0.32F, 6});
  });
}

/// A powder-coated perforated sheet before a dark room.
void paint_grid(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const float spacing = 0.215F, row_height = 0.8660254F * spacing, radius = 0.072F;
  const uint32_t key = random.key32();
  const Vec2 origin{random.range(0, 200), random.range(0, 200)};
  const float pixel = surface.pixel() / pose.zoom;
  const auto centre_of = [&](int i, int j) {
    return Vec2{(static_cast<float>(i) + ((j & 1) != 0 ? 0.5F : 0.0F)) * spacing, static_cast<float>(j) * row_height};
  };
  // One hole is not as it should be, or a web between two is torn, or the sheet is bent.
  int bad_i = 1000, bad_j = 1000;
  float bad_radius = radius, torn = 0, bend = 0, bend_turn = 0;
  Vec2 bad_shift, torn_to;
  if (flaw != nullptr) {
    Random place = flaw->random;
    bad_i = place.below(5) - 2, bad_j = place.below(7) - 3;
    bend_turn = place.uniform();
    if (flaw->is("blocked_hole")) bad_radius = flaw->grade(-0.01F, 0.55F * radius);
    if (flaw->is("shifted_hole")) bad_shift = flaw->grade(0.95F, 0.5F) * radius * direction(bend_turn);
    if (flaw->is("torn_web")) {
      torn = flaw->grade(0.055F, 0.020F);
      torn_to = centre_of(bad_i + 1, bad_j);
    }
    if (flaw->is("bent")) bend = flaw->grade(0.10F, 0.045F);
  }
  const Vec2 bad_centre = centre_of(bad_i, bad_j), bend_normal = direction(bend_turn);
  surface.each([&](Vec2 at, Texel& texel) {
    Vec2 p = pose(at);
    float fold = 0;
    if (bend > 0) {
      const Vec2 r = p - bad_centre;
      fold = bump(dot(r, bend_normal) / 0.25F) * bump(length(r) / 0.8F);
      p = p - 0.9F * bend * fold * bend_normal;
    }
    const int row = floor_int(p.y / row_height + 0.5F);
    float d = 1e9F;
    for (int j = row - 1; j <= row + 1; ++j) {
      const int i = floor_int(p.x / spacing - ((j & 1) != 0 ? 0.5F : 0.0F) + 0.5F);
      if (i != bad_i || j != bad_j) d = std::min(d, length(p - centre_of(i, j)) - radius);
    }
    d = std::min(d, length(p - bad_centre - bad_shift) - bad_radius);
    if (torn > 0)
      d = std::min(
          d, segment_distance(p, bad_centre, torn_to) - torn * (1 + 0.35F * noise({30 * p.x, 30 * p.y}, key + 5)));
    const Vec2 q = p + origin;
    const float peel = fractal({26 * q.x, 26 * q.y}, 2, key);
    const Color coat =
        (1 + 0.035F * fractal({2 * q.x, 2 * q.y}, 2, key + 3) + 0.05F * noise({75 * q.x, 75 * q.y}, key + 4)) *
        display(0x9db7c4);
    const float rim = 1 - smoothstep(0, 0.022F, d);
    const Color room = (0.7F + 0.5F * noise({2 * q.x, 2 * q.y}, key + 6)) * display(0x1f2226);
    texel = {room, -0.16F, {}, 0};
    const float cover = inside(-d, pixel);
    texel.cover(cover, coat, 0.0012F * peel - 0.010F * rim * rim + 0.5F * bend * fold, {0.05F, 0.16F, 5});
    texel.body = cover;
  });
}

}  // namespace

Product fabric() {
  return {.name = "fabric",
          .paint = paint_fabric,
          .shift = 0.05F,
          .turn = 0.008F,
          .zoom = 0.03F,
          .kinds = {{"cut", draw_crack, {display(0x15161d), 0.9F, 0.9F}},
                    {"hole", draw_hole, {display(0x101117), 1.2F}},
                    {"loose_thread", draw_thread, {display(0xc9ccd2)}},
                    {"missing_thread"},
                    {"spot", draw_spot, {display(0x8a8494), 1.1F, 1.2F}},
                    {"stain", draw_stain, {display(0x3b3226), 1.1F, 1.2F}}}};
}

Product grid() {
  return {.name = "grid",
          .paint = paint_grid,
          .shift = 0.02F,
          .turn = 0.003F,
          .zoom = 0.01F,
          .kinds = {{"bent"},
                    {"blocked_hole"},
                    {"contamination", draw_crumb, {display(0x7a5a34)}},
                    {"shifted_hole"},
                    {"stain", draw_stain, {display(0x7c3f1c), 0.9F, 1.1F}},
                    {"torn_web"}}};
}

Product metal() {
  return {.name = "metal",
          .paint = paint_metal,
          .shift = 0.1F,
          .turn = 0.006F,
          .zoom = 0.05F,
          .kinds = {{"crack", draw_crack, {display(0x1c1816), 0.75F, 0.5F, 0.4F}},
                    {"dent", draw_dent, {{}, 0.8F, 1, 0.3F}},
                    {"heat_tint", draw_spot, {display(0xa98452), 1, 0.5F}},
                    {"pit", draw_hole, {display(0x5a5856), 0.6F, 0.6F, 0.3F}},
                    {"scratch", draw_scratch, {display(0xe9e9e9), 0.9F, 0.5F, 0.4F}},
                    {"stain", draw_stain, {display(0x2c2a28), 0.9F, 0.35F}}}};
}

Product tile() {
  return {.name = "tile",
          .paint = paint_tile,
          .shift = 0.03F,
          .turn = 0.006F,
          .zoom = 0.02F,
          .kinds = {{"chip", draw_chip, {display(0xb0896c)}},
                    {"crack", draw_crack, {display(0x3c342c), 1.1F}},
                    {"dull_patch", draw_dull, {display(0x9a948a), 1.1F, 1, 1.4F}},
                    {"scratch", draw_scratch, {display(0x6c665f), 1.1F, 1.1F, 1.5F}},
                    {"spot", draw_spot, {display(0xb98d4e), 1, 1.2F}},
                    {"stain", draw_stain, {display(0x4a3624), 1, 1.1F}}}};
}

Product wood() {
  return {.name = "wood",
          .paint = paint_wood,
          .shift = 0.1F,
          .turn = 0.006F,
          .zoom = 0.05F,
          .kinds = {{"crack", draw_crack, {display(0x2c190b)}},
                    {"dent", draw_dent, {{}, 0.9F, 1, 1}},
                    {"hole", draw_hole, {display(0x24150a), 0.8F}},
                    {"scratch", draw_scratch, {display(0xe9cda0), 1, 0.9F}},
                    {"spot", draw_spot, {display(0xe6cfa6)}},
                    {"stain", draw_stain, {display(0x3a2415)}}}};
}

}  // namespace iuf::synthetic
