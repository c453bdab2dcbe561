#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/plate_scene.h"
#include "tensor/parallel.h"

namespace iuf::synthetic {
namespace {

constexpr Vec2 lamp{-0.6F, -0.8F};  // in the photograph, above the left

/// A hole or slot: a box with round corners and a chamfer around it.
struct Opening {
  Vec2 centre, half;
  float radius, chamfer;
  float distance(Vec2 q) const { return box_distance(q - centre, half, radius); }
};
struct Mark {
  Vec2 centre;
  float height;
  std::string_view text;
};

/// The drawing of the plate: the same for every plate of one size.
struct Drawing {
  explicit Drawing(Extent extent) {
    const float w = static_cast<float>(extent.width), h = static_cast<float>(extent.height), s = std::min(w, h);
    const Vec2 travel = rim_travel(extent);
    half = {0.5F * w - travel.x - 0.02F * s, 0.5F * h - travel.y - 0.02F * s};
    corner = 0.03F * s;
    const auto hole = [&](Vec2 centre, float r, float chamfer) { openings.push_back({centre, {r, r}, r, chamfer}); };
    const Vec2 mounting{half.x - 0.075F * s, half.y - 0.075F * s};
    for (const float x : {-1.0F, 1.0F})
      for (const float y : {-1.0F, 1.0F}) hole({x * mounting.x, y * mounting.y}, 0.020F * s, 0.011F * s);
    const Vec2 bore{-0.12F * w, 0.02F * h};
    hole(bore, 0.115F * s, 0.0035F * s);
    for (int i = 0; i < 6; ++i)
      hole(bore + 0.185F * s * direction(static_cast<float>(i) / 6 + 1.0F / 12), 0.013F * s, 0.002F * s);
    for (const float y : {-0.17F, 0.17F})
      openings.push_back({{0.28F * w, y * h}, {0.085F * s, 0.019F * s}, 0.019F * s, 0.002F * s});
    for (int i = 0; i < 4; ++i)
      hole({0.28F * w + (static_cast<float>(i) - 1.5F) * 0.05F * s, 0}, 0.008F * s, 0.0015F * s);
    marks = {{{0.28F * w, -0.33F * h}, 0.034F * s, "IUF 2407 A1"},
             {{0.28F * w, 0.30F * h}, 0.022F * s, "MAX 54 X 17"},
             {{-0.30F * w, -0.37F * h}, 0.026F * s, "C45 R2"},
             {{-0.30F * w, 0.37F * h}, 0.022F * s, "101 742 05"}};
  }

  Vec2 half;
  float corner;
  std::vector<Opening> openings;
  std::vector<Mark> marks;
};

/// Brushed along x: hairs of several lengths and widths, and some that stand out.
float brushed(Vec2 q, uint32_t key) {
  const float fine = 0.060F * noise({q.x / 180, q.y / 1.15F}, key) + 0.050F * noise({q.x / 55, q.y / 0.9F}, key + 1);
  const float broad =
      0.045F * noise({q.x / 430, q.y / 3.7F}, key + 2) + 0.022F * noise({q.x / 1100, q.y / 27}, key + 3);
  const float hair = noise({q.x / 290, q.y / 1.4F}, key + 4);
  const float bright = 0.13F * smoothstep(0.70F, 0.95F, hair), dark = 0.11F * smoothstep(0.74F, 0.96F, -hair);
  return 1 + fine + broad + bright - dark;
}

/// Ribbed rubber below the plate.
float belt(Vec2 p, uint32_t key) {
  return 0.125F + 0.012F * sin_turns(p.x / 21) + 0.028F * noise({p.x / 2.6F, p.y / 2.6F}, key) +
         0.015F * noise({p.x / 40, p.y / 40}, key + 1);
}

/// The outward direction of a shape at a place, by differences of its distance.
template <class Distance>
Vec2 outward(const Distance& distance, Vec2 q) {
  const Vec2 slope{distance(q + Vec2{0.5F, 0}) - distance(q - Vec2{0.5F, 0}),
                   distance(q + Vec2{0, 0.5F}) - distance(q - Vec2{0, 0.5F})};
  return (1 / std::max(length(slope), 1e-3F)) * slope;
}

/// Calls f(place in the plate's frame, level) for the pixels within `reach` of a box of that frame.
template <class F>
void near_box(Canvas& canvas, const View& view, Vec2 centre, Vec2 half, float reach, const F& f) {
  const Vec2 middle = view.back(centre);
  const float around = length(half);
  const Region r = region_around(canvas.extent, middle, middle, around + reach);
  for (int y = r.top; y < r.bottom; ++y)
    for (int x = r.left; x < r.right; ++x) f(view(pixel_centre(x, y)), pixel_centre(x, y), *canvas.at(x, y));
}

void cut(Canvas& canvas, const View& view, const Opening& opening, uint32_t key) {
  const Vec2 light = rotate(lamp, {view.turn.x, -view.turn.y});
  const auto distance = [&](Vec2 q) { return opening.distance(q); };
  near_box(canvas, view, opening.centre, opening.half, opening.chamfer + 2, [&](Vec2 q, Vec2 p, float& level) {
    const float d = distance(q);
    if (d > opening.chamfer + 1) return;
    const float facing = dot(outward(distance, q), light);
    // The chamfer falls towards the hole; what faces the lamp lies on the far side of it.
    const float chamfer = level * (0.86F - 0.42F * facing) + 0.20F * bump((facing + 0.85F) / 0.5F);
    const float wall = bump(d / 7.0F) * std::max(0.0F, -facing);
    const float depth = 0.75F * belt(p, key) * (0.72F + 0.28F * smoothstep(0, 26, -d)) + 0.16F * wall;
    level = mix(mix(level, chamfer, inside(d - opening.chamfer, 1.4F)), depth, inside(d, 1.4F));
  });
}

void stamp(Canvas& canvas, const View& view, const Mark& mark) {
  const Vec2 light = rotate(lamp, {view.turn.x, -view.turn.y});
  const Vec2 half{0.45F * mark.height * static_cast<float>(mark.text.size()), 0.6F * mark.height};
  near_box(canvas, view, mark.centre, half, 2, [&](Vec2 q, Vec2, float& level) {
    const Vec2 local = q - mark.centre;
    if (std::abs(local.y) > half.y + 3) return;
    const float step = 0.03F * mark.height;
    const float here = ink(local, mark.text, mark.height);
    // Pressed in: the wall that faces the lamp is the one on its far side.
    const float slope =
        ink(local - step * light, mark.text, mark.height) - ink(local + step * light, mark.text, mark.height);
    level *= 1 - 0.14F * here + 0.34F * slope;
  });
}

void paint_plate(Canvas& canvas, const View& view, Random random) {
  const Drawing drawing(canvas.extent);
  Vec2 origin;
  origin.x = random.range(0, 9000);
  origin.y = random.range(0, 9000);
  const uint32_t key = random.key32();
  const float tone = 0.50F * random.range(0.985F, 1.015F);
  const Vec2 light = rotate(lamp, {view.turn.x, -view.turn.y});
  const float width = static_cast<float>(canvas.extent.width);
  const auto rim = [&](Vec2 q) { return box_distance(q, drawing.half, drawing.corner); };
  parallel_for(canvas.extent.height, 16, [&](int64_t begin, int64_t end) {
    for (int y = static_cast<int>(begin); y < static_cast<int>(end); ++y)
      for (int x = 0; x < canvas.extent.width; ++x) {
        const Vec2 p = pixel_centre(x, y), q = view(p);
        const float d = rim(q), cover = inside(d, 1.4F);
        float& level = *canvas.at(x, y);
        if (cover < 1) {
          const float shadow = bump(std::max(0.0F, rim(q + 9 * light)) / 26);
          level = belt(p + origin, key + 8) * (1 - 0.55F * shadow);
        }
        if (cover <= 0) continue;
        // A long lamp across the brushing is seen as a band.
        const float band = 0.87F + 0.26F * bump((p.x - 0.44F * width) / (0.85F * width));
        float metal = tone * band * brushed(q + origin, key);
        if (d > -5) metal *= 1 + 0.38F * smoothstep(-5, -2, d) * dot(outward(rim, q), light);
        level = mix(level, metal, cover);
      }
  });
  for (const Mark& mark : drawing.marks) stamp(canvas, view, mark);
  for (const Opening& opening : drawing.openings) cut(canvas, view, opening, key + 8);
  const auto area = static_cast<int64_t>(canvas.extent.width) * canvas.extent.height;
  sprinkle(canvas, static_cast<int>(area / 120000), random.fork("dust"));
}

float plate_room(Extent extent, Vec2 q) {
  const Drawing drawing(extent);
  float room = -box_distance(q, drawing.half, drawing.corner);
  for (const Opening& opening : drawing.openings) room = std::min(room, opening.distance(q) - opening.chamfer);
  return room;
}

}  // namespace

Plate plate() {
  return {.name = "plate", .size = {2448, 2048}, .channels = 1, .paint = paint_plate, .room = plate_room};
}

}  // namespace iuf::synthetic
