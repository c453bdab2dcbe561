#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {

const std::vector<Product>& products() {
  constexpr Color black = display(0x1c1816), dirt = display(0x3b3226), rust = display(0x7c3f1c),
                  oil = display(0x2c2a28);
  static const std::vector<Product> all = {{"biscuit",
                                            paint_biscuit,
                                            0.05F,
                                            0.03F,
                                            0.03F,
                                            {{"broken"},
                                             {"burn", draw_stain, {display(0x20100a), 1.15F, 1.4F}},
                                             {"contamination", draw_crumb, {display(0x3f6f8c)}},
                                             {"crack", draw_crack, {display(0x5a3516), 1, 0.8F}},
                                             {"missing_hole"},
                                             {"pale_spot", draw_spot, {display(0xf0dfb6), 1, 1.1F}}}},
                                           {"bottle_cap",
                                            paint_bottle_cap,
                                            0.05F,
                                            0.5F,
                                            0.03F,
                                            {{"dent", draw_dent, {{}, 0.9F, 1, 1}},
                                             {"flat_flute"},
                                             {"misprint"},
                                             {"rust", draw_stain, {display(0x54301a), 0.8F, 1.2F}},
                                             {"scratch", draw_scratch, {display(0xd8d2cb), 0.8F}},
                                             {"spot", draw_spot, {display(0xd8902f), 0.8F, 1.1F}}}},
                                           {"capsule",
                                            paint_capsule,
                                            0.05F,
                                            0.025F,
                                            0.03F,
                                            {{"crack", draw_crack, {display(0x5c4632), 0.6F, 0.9F}},
                                             {"hole", draw_hole, {display(0x3a2c20), 0.9F}},
                                             {"misprint"},
                                             {"open"},
                                             {"scratch", draw_scratch, {display(0x86705c), 0.6F, 0.9F}},
                                             {"spot", draw_spot, {display(0x9c6b8e), 0.65F}}}},
                                           {"circuit",
                                            paint_circuit,
                                            0.02F,
                                            0.004F,
                                            0.01F,
                                            {{"burn", draw_stain, {black, 1.1F, 1.25F}},
                                             {"missing_part"},
                                             {"scratch", draw_scratch, {display(0xc9a56a), 0.75F}},
                                             {"solder_bridge"},
                                             {"tilted_part"},
                                             {"wrong_part"}}},
                                           {"fabric",
                                            paint_fabric,
                                            0.05F,
                                            0.008F,
                                            0.03F,
                                            {{"cut", draw_crack, {display(0x15161d), 0.9F, 0.9F}},
                                             {"hole", draw_hole, {display(0x101117), 1.2F}},
                                             {"loose_thread", draw_thread, {display(0xc9ccd2)}},
                                             {"missing_thread"},
                                             {"spot", draw_spot, {display(0x8a8494), 1.1F, 1.2F}},
                                             {"stain", draw_stain, {dirt, 1.1F, 1.2F}}}},
                                           {"gear",
                                            paint_gear,
                                            0.04F,
                                            0.5F,
                                            0.02F,
                                            {{"bent_tooth"},
                                             {"crack", draw_crack, {black, 0.6F}},
                                             {"missing_hole"},
                                             {"missing_tooth"},
                                             {"rust", draw_stain, {rust, 0.7F}},
                                             {"scratch", draw_scratch, {display(0xf4e6c0), 0.7F}}}},
                                           {"grid",
                                            paint_grid,
                                            0.02F,
                                            0.003F,
                                            0.01F,
                                            {{"bent"},
                                             {"blocked_hole"},
                                             {"contamination", draw_crumb, {display(0x7a5a34)}},
                                             {"shifted_hole"},
                                             {"stain", draw_stain, {rust, 0.9F, 1.1F}},
                                             {"torn_web"}}},
                                           {"metal",
                                            paint_metal,
                                            0.1F,
                                            0.006F,
                                            0.05F,
                                            {{"crack", draw_crack, {black, 0.75F, 0.5F, 0.4F}},
                                             {"dent", draw_dent, {{}, 0.8F, 1, 0.3F}},
                                             {"heat_tint", draw_spot, {display(0xa98452), 1, 0.5F}},
                                             {"pit", draw_hole, {display(0x5a5856), 0.6F, 0.6F, 0.3F}},
                                             {"scratch", draw_scratch, {display(0xe9e9e9), 0.9F, 0.5F, 0.4F}},
                                             {"stain", draw_stain, {oil, 0.9F, 0.35F}}}},
                                           {"tile",
                                            paint_tile,
                                            0.03F,
                                            0.006F,
                                            0.02F,
                                            {{"chip", draw_chip, {display(0xb0896c)}},
                                             {"crack", draw_crack, {display(0x3c342c), 1.1F}},
                                             {"dull_patch", draw_dull, {display(0x9a948a), 1.1F, 1, 1.4F}},
                                             {"scratch", draw_scratch, {display(0x6c665f), 1.1F, 1.1F, 1.5F}},
                                             {"spot", draw_spot, {display(0xb98d4e), 1, 1.2F}},
                                             {"stain", draw_stain, {display(0x4a3624), 1, 1.1F}}}},
                                           {"wood",
                                            paint_wood,
                                            0.1F,
                                            0.006F,
                                            0.05F,
                                            {{"crack", draw_crack, {display(0x2c190b)}},
                                             {"dent", draw_dent, {{}, 0.9F, 1, 1}},
                                             {"hole", draw_hole, {display(0x24150a), 0.8F}},
                                             {"scratch", draw_scratch, {display(0xe9cda0), 1, 0.9F}},
                                             {"spot", draw_spot, {display(0xe6cfa6)}},
                                             {"stain", draw_stain, {display(0x3a2415)}}}}};
  return all;
}

namespace {

/// What things lie on.
Texel mat(Vec2 at, Color color, float grain, uint32_t key) {
  const float fine = noise(62.0F * at, key), broad = fractal(2.5F * at, 2, key + 1);
  return {(1 + grain * fine + 0.06F * broad) * color, 0.0012F * grain * fine, {0, 0.02F, 3}, 0};
}

/// Letters of 5 x 7 dots, rows from the top, the high bit on the left.
struct Glyph {
  char letter;
  uint8_t rows[7];
};
constexpr Glyph glyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},      {'2', {14, 17, 1, 2, 4, 8, 31}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'A', {14, 17, 17, 31, 17, 17, 17}}, {'C', {14, 17, 16, 16, 16, 17, 14}}, {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'I', {14, 4, 4, 4, 4, 4, 14}},      {'M', {17, 27, 21, 21, 17, 17, 17}}, {'R', {30, 17, 17, 30, 20, 18, 17}},
    {'U', {17, 17, 17, 17, 17, 17, 14}}, {'X', {17, 17, 10, 4, 10, 17, 17}}};

/// Printed text, centred on the origin and `height` high: the ink at p, 0 to 1, with dots run together.
float ink(Vec2 p, std::string_view text, float height) {
  const float dot = height / 7, columns = 6 * static_cast<float>(text.size()) - 1;
  const Vec2 q{p.x / dot + columns / 2 - 0.5F, p.y / dot + 3};
  if (q.x < -1 || q.y < -1 || q.x > columns || q.y > 7) return 0;
  const auto bit = [&](int x, int y) {
    if (x < 0 || y < 0 || y > 6 || x / 6 >= static_cast<int>(text.size()) || x % 6 == 5) return 0.0F;
    for (const Glyph& glyph : glyphs)
      if (glyph.letter == text[static_cast<size_t>(x / 6)])
        return static_cast<float>((glyph.rows[y] >> (4 - x % 6)) & 1);
    return 0.0F;
  };
  const int x = floor_int(q.x), y = floor_int(q.y);
  const float u = q.x - static_cast<float>(x), v = q.y - static_cast<float>(y);
  return smoothstep(0.3F, 0.7F, mix(mix(bit(x, y), bit(x + 1, y), u), mix(bit(x, y + 1), bit(x + 1, y + 1), u), v));
}

}  // namespace

/// A butter biscuit with scalloped edges and docking holes.
void paint_biscuit(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const Vec2 half{0.74F, 0.56F};
  const uint32_t key = random.key32();
  const Vec2 origin{random.range(0, 200), random.range(0, 200)};
  const float bake = random.range(-0.12F, 0.12F), pixel = surface.pixel() / pose.zoom;
  int closed_x = -9, closed_y = -9, closed_columns = 0, closed_rows = 0;  // a block of holes that was not docked
  float bite_size = 0;
  Vec2 bite;
  uint32_t bite_key = 0;
  if (flaw != nullptr) {
    Random place = flaw->random;
    if (flaw->is("missing_hole")) {
      closed_columns = flaw->hard < 0.4F ? 3 : 2, closed_rows = flaw->hard < 0.7F ? 2 : 1;
      closed_x = place.below(7 - closed_columns), closed_y = place.below(5 - closed_rows);
    }
    if (flaw->is("broken")) {
      bite_size = flaw->grade(0.34F, 0.10F);
      const float along = place.range(-0.9F, 0.9F), side = place.uniform() < 0.5F ? -1.0F : 1.0F;
      bite = place.uniform() < 0.6F ? Vec2{along * half.x, side * half.y} : Vec2{side * half.x, along * half.y};
      bite_key = place.key32();
    }
  }
  const Color golden = display(0xd9a75c), brown = display(0xa5662a), crumb = display(0xe6c68c);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x33535c), 0.16F, key + 20);
    const Vec2 p = pose(at), q = p + origin;
    const bool side = std::abs(p.x) / half.x > std::abs(p.y) / half.y;
    const float scallop = std::abs(sin_turns((side ? p.y + 0.04F : p.x + 0.04F) * 5.555F));
    float edge = box_distance(p, half, 0.10F) - 0.030F * scallop + 0.006F * noise(9.0F * q, key);
    float broken = 0;
    if (bite_size > 0) {
      const float missing = bite_size * (1 - 0.35F * fractal(11.0F * p, 3, bite_key)) - length(p - bite);
      broken = 1 - smoothstep(0, 0.035F, -missing);
      edge = std::max(edge, missing);
    }
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    const float lumps = fractal(7.0F * q, 4, key + 2), pores = smoothstep(0.45F, 0.75F, noise(34.0F * q, key + 7));
    const float rise = 1 - bevel(edge, 0.17F);
    float height = 0.075F * rise + 0.011F * lumps - 0.008F * pores;
    float tan = 0.30F + bake + 0.45F * smoothstep(-0.16F, 0.0F, edge) + 0.35F * lumps - 0.1F * rise;
    // Docking holes, and a pressed frame.
    const float frame = box_distance(p, {half.x - 0.13F, half.y - 0.13F}, 0.05F);
    height -= 0.012F * bump(frame / 0.022F);
    tan += 0.12F * bump(frame / 0.03F);
    const Vec2 cell{p.x / 0.2F + 2.5F, p.y / 0.23F + 1.5F};
    const float cx = std::clamp(std::floor(cell.x + 0.5F), 0.0F, 5.0F),
                cy = std::clamp(std::floor(cell.y + 0.5F), 0.0F, 3.0F);
    const float d = length(p - Vec2{(cx - 2.5F) * 0.2F, (cy - 1.5F) * 0.23F});
    const int column = static_cast<int>(cx) - closed_x, row = static_cast<int>(cy) - closed_y;
    const bool closed = column >= 0 && column < closed_columns && row >= 0 && row < closed_rows;
    const float open = closed ? 0.0F : 1.0F;
    const float hole = open * (1 - smoothstep(0.020F, 0.036F, d));
    height -= 0.055F * hole + 0.014F * open * bump(d / 0.075F);
    Color color = mix(golden, brown, clamp01(tan));
    color = (1 + 0.07F * noise(48.0F * q, key + 8)) * mix(color, display(0x5a3416), 0.75F * hole + 0.25F * pores);
    color =
        mix(color, (1 + 0.15F * noise(40.0F * q, key + 9)) * crumb, 0.85F * broken * smoothstep(0, 0.03F, bite_size));
    texel.cover(cover, color, height - 0.02F * broken, {0, 0.05F * (1 - broken), 3});
    texel.body = cover;
  });
}

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

/// A two-coloured hard capsule with an imprint on each half.
void paint_capsule(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  const float roll = random.range(-0.02F, 0.02F);
  float gap = random.range(-0.008F, 0.008F), print_turn = 0;
  Vec2 print_shift;
  std::string_view cap_text = "IUF", body_text = "250";
  float faded = 0, faded_at = 0;
  if (flaw != nullptr) {
    Random place = flaw->random;
    if (flaw->is("open")) gap += flaw->grade(0.18F, 0.08F);
    if (flaw->is("misprint")) {
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
  }
  const float body_radius = 0.262F, cap_radius = 0.282F, left = -0.50F, right = 0.50F + gap, seam = 0.04F + gap;
  const Color orange = display(0xe07a1f), cream = display(0xefe6cf), print_ink = display(0x3a3540);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x9fb4c6), 0.05F, key + 20);
    const Vec2 p = pose(at);
    const Vec2 print = rotate(p - print_shift, direction(print_turn));
    const auto half = [&](bool cap) {
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
      float shade = ink(letters, cap ? cap_text : body_text, 0.17F) * (0.85F + 0.12F * noise(40.0F * p, key + 4));
      if (faded > 0 && std::abs(p.x - faded_at) < 0.4F)
        shade *= 1 - faded * smoothstep(-0.15F, 0.12F, noise(9.0F * p, key + 5) + 0.1F);
      color = mix(color, print_ink, 0.85F * shade);
      color = (1 - 0.25F * groove) * color;
      texel.cover(cover, color, height, {0.02F, 0.5F, 5.5F});
      texel.body = std::max(texel.body, cover);
    };
    half(false);
    half(true);
  });
}

namespace {

enum class Part { Chip, QuadChip, Resistor, Capacitor, Can, Crystal, Header, Led };
struct Placed {
  Part part;
  Vec2 at;
  bool upright;  // turned by a quarter
};
constexpr Placed layout[] = {{Part::Chip, {-0.34F, -0.16F}, false},      {Part::QuadChip, {0.36F, -0.20F}, false},
                             {Part::Can, {0.66F, 0.42F}, false},         {Part::Crystal, {0.30F, 0.24F}, false},
                             {Part::Header, {-0.40F, 0.53F}, false},     {Part::Led, {0.10F, 0.55F}, false},
                             {Part::Resistor, {-0.74F, -0.38F}, true},   {Part::Resistor, {-0.74F, -0.16F}, true},
                             {Part::Resistor, {-0.74F, 0.06F}, true},    {Part::Resistor, {0.02F, 0.10F}, false},
                             {Part::Resistor, {0.02F, 0.22F}, false},    {Part::Resistor, {0.70F, -0.50F}, false},
                             {Part::Capacitor, {0.74F, -0.14F}, true},   {Part::Capacitor, {-0.02F, -0.52F}, false},
                             {Part::Capacitor, {0.22F, -0.54F}, false},  {Part::Capacitor, {0.36F, 0.50F}, true},
                             {Part::Capacitor, {-0.56F, -0.53F}, false}, {Part::Resistor, {0.10F, 0.36F}, false}};
constexpr int part_count = static_cast<int>(std::size(layout));

constexpr struct {
  Vec2 from, to;
} traces[] = {
    {{-0.18F, -0.34F}, {0.02F, -0.34F}},  {{0.02F, -0.34F}, {0.10F, -0.28F}},   {{0.10F, -0.28F}, {0.18F, -0.28F}},
    {{-0.18F, -0.25F}, {-0.02F, -0.25F}}, {{-0.02F, -0.25F}, {0.04F, -0.22F}},  {{0.04F, -0.22F}, {0.18F, -0.22F}},
    {{-0.18F, -0.16F}, {0.18F, -0.16F}},  {{-0.18F, -0.07F}, {0.06F, -0.07F}},  {{0.06F, -0.07F}, {0.10F, -0.10F}},
    {{0.10F, -0.10F}, {0.18F, -0.10F}},   {{-0.50F, -0.34F}, {-0.74F, -0.31F}}, {{-0.50F, -0.16F}, {-0.74F, -0.09F}},
    {{-0.50F, -0.07F}, {-0.62F, -0.07F}}, {{-0.62F, -0.07F}, {-0.74F, 0.00F}},  {{-0.50F, 0.02F}, {-0.60F, 0.12F}},
    {{-0.60F, 0.12F}, {-0.60F, 0.50F}},   {{-0.60F, 0.30F}, {-0.80F, 0.30F}},   {{-0.80F, 0.30F}, {-0.80F, 0.60F}},
    {{-0.05F, 0.10F}, {-0.20F, 0.20F}},   {{-0.20F, 0.20F}, {-0.20F, 0.50F}},   {{-0.05F, 0.22F}, {-0.12F, 0.28F}},
    {{-0.12F, 0.28F}, {-0.12F, 0.58F}},   {{0.09F, 0.10F}, {0.24F, -0.02F}},    {{0.09F, 0.22F}, {0.20F, 0.22F}},
    {{0.40F, 0.24F}, {0.52F, 0.12F}},     {{0.52F, 0.12F}, {0.52F, -0.02F}},    {{0.36F, 0.42F}, {0.48F, 0.30F}},
    {{0.48F, 0.30F}, {0.64F, 0.30F}},     {{0.74F, -0.07F}, {0.74F, 0.32F}},    {{0.54F, -0.28F}, {0.66F, -0.28F}},
    {{0.66F, -0.28F}, {0.74F, -0.22F}},   {{0.63F, -0.50F}, {0.50F, -0.50F}},   {{0.50F, -0.50F}, {0.42F, -0.38F}},
    {{0.29F, -0.54F}, {0.36F, -0.46F}},   {{0.36F, -0.46F}, {0.36F, -0.38F}},   {{-0.09F, -0.52F}, {-0.34F, -0.52F}},
    {{-0.34F, -0.52F}, {-0.49F, -0.53F}}, {{0.05F, -0.52F}, {0.15F, -0.54F}},   {{0.17F, 0.36F}, {0.30F, 0.36F}},
    {{0.03F, 0.36F}, {-0.04F, 0.44F}},    {{-0.04F, 0.44F}, {-0.04F, 0.62F}},   {{0.17F, 0.55F}, {0.30F, 0.58F}}};

constexpr Finish tin{0.75F, 0.3F, 4};

/// How far along a row of pins a coordinate is from the nearest one; `reach` is half the row's length.
float pin_offset(float x, float pitch, int count) {
  const float last = static_cast<float>(count - 1), i = std::clamp(std::floor(x / pitch + last / 2 + 0.5F), 0.0F, last);
  return x - (i - last / 2) * pitch;
}

/// Paints one part in its own frame. Without `mounted` only its pads are there.
void paint_part(Texel& texel, Part part, Vec2 p, bool mounted, float pixel, uint32_t key) {
  const Color silver = display(0xc4c6c8), black = display(0x26272a), print = display(0xcfcfc9);
  const float grain = noise(60.0F * p, key);
  const auto pad = [&](float distance) {
    texel.cover(inside(distance, pixel), (1 + 0.1F * grain) * silver, 0.006F, tin);
  };
  const auto two_pads = [&](float x, Vec2 half) { pad(box_distance({std::abs(p.x) - x, p.y}, half, 0.008F)); };
  const auto block = [&](Vec2 half, float radius, Color color, float height, Finish finish) {
    const float d = box_distance(p, half, radius);
    texel.cover(inside(d, pixel), (1 + 0.06F * grain) * color, height * (1 - 0.25F * bevel(d, 0.022F)), finish);
  };
  switch (part) {
    case Part::Chip: {
      if (std::abs(p.x) > 0.24F || std::abs(p.y) > 0.28F) return;
      const float pin = pin_offset(p.y, 0.09F, 5);
      pad(box_distance({std::abs(p.x) - 0.175F, pin}, {0.045F, 0.030F}));
      if (!mounted) return;
      texel.cover(inside(box_distance({std::abs(p.x) - 0.15F, pin}, {0.04F, 0.018F}), pixel), silver, 0.03F, tin);
      block({0.125F, 0.235F}, 0.012F, black, 0.065F, {0, 0.10F, 3});
      texel.cover(0.8F * ink(rotate(p, {0, 1}), "IUF24", 0.07F), print, 0.065F, {});
      texel.cover(inside(length(p - Vec2{-0.085F, -0.19F}) - 0.02F, pixel), display(0x111214), 0.055F, {0, 0.2F, 4});
      return;
    }
    case Part::QuadChip: {
      if (std::abs(p.x) > 0.25F || std::abs(p.y) > 0.25F) return;
      const float pin = std::min(box_distance({std::abs(p.x) - 0.195F, pin_offset(p.y, 0.06F, 5)}, {0.032F, 0.018F}),
                                 box_distance({pin_offset(p.x, 0.06F, 5), std::abs(p.y) - 0.195F}, {0.018F, 0.032F}));
      pad(pin);
      if (!mounted) return;
      texel.cover(inside(pin + 0.005F, pixel), silver, 0.02F, tin);
      block({0.165F, 0.165F}, 0.01F, display(0x2c2d33), 0.05F, {0, 0.12F, 3});
      texel.cover(0.75F * ink(p - Vec2{0, -0.04F}, "MCU", 0.07F), print, 0.05F, {});
      texel.cover(0.6F * ink(p - Vec2{0, 0.07F}, "A1", 0.05F), print, 0.05F, {});
      texel.cover(inside(length(p - Vec2{-0.12F, 0.12F}) - 0.017F, pixel), display(0x131417), 0.042F, {0, 0.2F, 4});
      return;
    }
    case Part::Resistor:
      if (std::abs(p.x) > 0.12F || std::abs(p.y) > 0.06F) return;
      two_pads(0.068F, {0.030F, 0.038F});
      if (!mounted) return;
      block({0.075F, 0.032F}, 0.004F, silver, 0.03F, tin);
      block({0.048F, 0.032F}, 0.002F, black, 0.034F, {0, 0.15F, 4});
      texel.cover(0.8F * ink(p, "102", 0.034F), print, 0.034F, {});
      return;
    case Part::Capacitor:
      if (std::abs(p.x) > 0.12F || std::abs(p.y) > 0.06F) return;
      two_pads(0.068F, {0.030F, 0.042F});
      if (!mounted) return;
      block({0.075F, 0.037F}, 0.006F, silver, 0.048F, tin);
      block({0.046F, 0.037F}, 0.002F, display(0xb58a5c), 0.052F, {0, 0.12F, 4});
      return;
    case Part::Can: {
      if (length(p) > 0.2F) return;
      pad(box_distance({std::abs(p.x) - 0.12F, p.y}, {0.035F, 0.03F}));
      if (!mounted) return;
      block({0.125F, 0.125F}, 0.03F, black, 0.03F, {0, 0.1F, 3});
      const float d = length(p) - 0.115F, stripe = inside(0.045F - p.x, pixel);
      const float height = 0.16F - 0.02F * bevel(d, 0.03F) - 0.004F * bump((d + 0.035F) / 0.012F);
      texel.cover(inside(d, pixel), mix(silver, black, 0.9F * stripe), height, {0.7F * (1 - stripe), 0.25F, 5});
      texel.cover(0.85F * ink(p - Vec2{-0.03F, 0}, "47", 0.07F), black, height, {});
      return;
    }
    case Part::Crystal:
      if (std::abs(p.x) > 0.16F || std::abs(p.y) > 0.09F) return;
      two_pads(0.10F, {0.035F, 0.03F});
      if (!mounted) return;
      block({0.115F, 0.058F}, 0.058F, display(0xb4b6b8), 0.055F, {0.85F, 0.2F, 5});
      block({0.090F, 0.036F}, 0.036F, display(0xbfc1c3), 0.065F, {0.85F, 0.2F, 5});
      return;
    case Part::Header: {
      if (std::abs(p.x) > 0.34F || std::abs(p.y) > 0.12F) return;
      const Vec2 pin{pin_offset(p.x, 0.09F, 7), pin_offset(p.y, 0.09F, 2)};
      pad(length(pin) - 0.032F);
      texel.cover(inside(length(pin) - 0.014F, pixel), display(0x1b1d1b), -0.02F, {});
      if (!mounted) return;
      block({0.325F, 0.095F}, 0.006F, display(0x1f2023), 0.06F, {0, 0.08F, 3});
      texel.cover(inside(box_distance(pin, {0.017F, 0.017F}), pixel), display(0xd9b45a), 0.12F, {0.8F, 0.4F, 5});
      return;
    }
    case Part::Led:
      if (std::abs(p.x) > 0.12F || std::abs(p.y) > 0.07F) return;
      two_pads(0.070F, {0.028F, 0.042F});
      if (!mounted) return;
      block({0.072F, 0.040F}, 0.004F, display(0xe9e6dc), 0.03F, {0, 0.2F, 4});
      block({0.042F, 0.034F}, 0.02F, display(0xd23a2c), 0.045F, {0, 0.6F, 6});
      return;
  }
}

}  // namespace

/// A small circuit board; every part has its place.
void paint_circuit(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const Vec2 half{0.90F, 0.70F};
  const uint32_t key = random.key32();
  const float pixel = surface.pixel() / pose.zoom;
  // Parts sit a little off their places, each board in its own way.
  Vec2 offset[part_count], turn[part_count];
  for (int i = 0; i < part_count; ++i) {
    offset[i] = {random.range(-0.005F, 0.005F), random.range(-0.005F, 0.005F)};
    turn[i] = direction((layout[i].upright ? 0.25F : 0.0F) + random.range(-0.003F, 0.003F));
  }
  int missing = -1, wrong = -1;
  Part instead = Part::Resistor;
  Vec2 bridge[2];
  float bridge_size = 0;
  if (flaw != nullptr) {
    Random place = flaw->random;
    // Large parts are easy to miss less than small ones: the grade picks from the front or the back of the list.
    const int graded = std::clamp(static_cast<int>(flaw->grade(0, 8)) + place.below(4), 0, part_count - 1);
    if (flaw->is("missing_part")) missing = graded;
    if (flaw->is("tilted_part")) {
      turn[graded] =
          rotate(turn[graded], direction(flaw->grade(0.07F, 0.035F) * (place.uniform() < 0.5F ? -1.0F : 1.0F)));
      offset[graded] = offset[graded] + flaw->grade(0.05F, 0.03F) * direction(place.uniform());
    }
    if (flaw->is("wrong_part")) {
      if (flaw->hard < 0.5F) {
        wrong = 6 + place.below(part_count - 6);
        instead = layout[wrong].part == Part::Resistor ? Part::Led : Part::Crystal;
      } else if (flaw->hard < 0.8F) {
        wrong = 6 + place.below(part_count - 6);
        instead = layout[wrong].part == Part::Resistor ? Part::Capacitor : Part::Resistor;
      } else {  // mounted the wrong way round
        const int which = place.below(3);
        turn[which] = Vec2{} - turn[which];
      }
    }
    if (flaw->is("solder_bridge")) {
      const float side = place.uniform() < 0.5F ? -1.0F : 1.0F;
      const float row = 0.09F * static_cast<float>(place.below(3) - 2);
      const Vec2 chip = layout[0].at + Vec2{side * 0.19F, row};
      bridge[0] = chip, bridge[1] = chip + Vec2{0, flaw->hard < 0.5F ? 0.18F : 0.09F};
      bridge_size = flaw->grade(0.062F, 0.034F);
    }
  }
  const Color mask = display(0x1f6b3f), copper = display(0x2f8a55), silk = display(0xdfe3da);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x8a8d92), 0.08F, key + 20);
    const Vec2 p = pose(at);
    float edge = box_distance(p, half, 0.04F);
    const float mounting = length(Vec2{std::abs(p.x) - 0.82F, std::abs(p.y) - 0.62F});
    edge = std::max(edge, 0.038F - mounting);
    const float cover = inside(edge, pixel);
    if (cover <= 0) return;
    float trace = 1e9F;
    for (const auto& t : traces) {
      const Vec2 middle = 0.5F * (t.from + t.to), reach = t.to - middle;
      if (std::abs(p.x - middle.x) > std::abs(reach.x) + 0.06F || std::abs(p.y - middle.y) > std::abs(reach.y) + 0.06F)
        continue;
      trace = std::min(trace, segment_distance(p, t.from, t.to) - 0.011F);
    }
    const float plane =
        std::max(box_distance(p, {0.86F, 0.66F}), 0.035F - trace);  // the ground plane around the traces
    const float weave = 0.03F * noise({70 * p.x, 14 * p.y}, key) + 0.03F * noise({14 * p.x, 70 * p.y}, key + 1);
    Texel board{(1 + weave + 0.05F * fractal(3.0F * p, 2, key + 2)) * mask, 0.03F, {0, 0.16F, 4}, 1};
    board.cover(0.45F * inside(plane, pixel), 1.15F * mask, 0.031F, {0, 0.16F, 4});
    board.cover(inside(trace, pixel), copper, 0.034F, {0.1F, 0.2F, 4});
    board.cover(inside(mounting - 0.068F, pixel), display(0xcfae62), 0.032F, tin);
    for (int i = 0; i < part_count; ++i) {  // printed outlines
      if (layout[i].part != Part::Chip && layout[i].part != Part::QuadChip && layout[i].part != Part::Header &&
          layout[i].part != Part::Can)
        continue;
      const Vec2 size = layout[i].part == Part::Chip     ? Vec2{0.245F, 0.27F}
                        : layout[i].part == Part::Header ? Vec2{0.35F, 0.12F}
                        : layout[i].part == Part::Can    ? Vec2{0.17F, 0.17F}
                                                         : Vec2{0.255F, 0.255F};
      board.cover(0.8F * inside(std::abs(box_distance(p - layout[i].at, size)) - 0.005F, pixel), silk, 0.033F, {});
    }
    board.cover(0.85F * ink(p - Vec2{-0.40F, 0.33F}, "IUF2024", 0.055F), silk, 0.033F, {});
    const float ground = board.height;
    for (int i = 0; i < part_count; ++i) {
      const Vec2 local = rotate(p - layout[i].at - offset[i], {turn[i].x, -turn[i].y});
      const Vec2 pads = rotate(p - layout[i].at, layout[i].upright ? Vec2{0, -1} : Vec2{1, 0});
      if (dot(pads, pads) > 0.2F) continue;
      board.height -= ground;
      paint_part(board, layout[i].part, pads, false, pixel, key + 30);
      if (i != missing)
        paint_part(board, i == wrong ? instead : layout[i].part, local, true, pixel,
                   key + 30 + static_cast<uint32_t>(i));
      board.height += ground;
    }
    if (bridge_size > 0) {
      const float d = segment_distance(p, bridge[0], bridge[1]) - bridge_size * (1 + 0.3F * noise(25.0F * p, key + 9));
      board.cover(inside(d, pixel), display(0xcfd1d3), 0.05F + 0.6F * std::min(-d, 0.03F), {0.85F, 0.5F, 5});
    }
    texel.cover(cover, board.albedo, board.height, board.finish);
    texel.body = cover;
  });
}

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

}  // namespace iuf::synthetic
