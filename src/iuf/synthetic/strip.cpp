#include "iuf/synthetic/plate_scene.h"
#include "tensor/parallel.h"

namespace iuf::synthetic {
namespace {

/// A strip that goes on to both sides, printed with rosettes in columns, every second one half a period lower.
struct Web {
  explicit Web(Extent extent) {
    const float height = static_cast<float>(extent.height);
    unit = static_cast<float>(std::min(extent.width, extent.height)) / 1000;
    half_height = 0.5F * height - rim_travel(extent).y - 12 * unit;
    period = 196 * unit;
  }
  float unit, half_height, period;
};

/// What an ink lets through, as a share of the level below it.
constexpr Color petrol{0.40F, 0.66F, 0.70F}, umber{0.52F, 0.44F, 0.41F}, ochre{0.97F, 0.80F, 0.50F};

/// How much of each ink lies at a place, 0 to 1.
struct Inks {
  float petrol = 0, umber = 0, ochre = 0;
};

/// The nearest whole multiple.
float nearest(float x, float step) {
  return std::floor(x / step + 0.5F) * step;
}

/// cos(8 a) for the angle a of a direction.
float cos_eight(Vec2 c) {
  const float r2 = std::max(dot(c, c), 1e-6F);
  const float two = (c.x * c.x - c.y * c.y) / r2, four = 2 * two * two - 1;
  return 2 * four * four - 1;
}

/// One petal ring with outline and heart, around the origin.
void rosette(Vec2 c, float size, float unit, const Vec2& misprint, Inks& inks) {
  const float soft = 1.6F, r = length(c);
  if (r > 1.1F * size) return;
  const float edge = size * (0.80F + 0.20F * cos_eight(c));
  const float line = inside(std::abs(r - edge) - 2.2F * unit, soft);
  const float ring = inside(std::abs(r - 0.30F * size) - 2.6F * unit, soft);
  const float ray = inside(std::abs(r - 0.47F * size) - 1.2F * unit, soft);
  inks.umber = std::max({inks.umber, line, ring, ray});
  const float moved = length(c + misprint);
  inks.petrol = std::max(inks.petrol, std::min(inside(moved - edge, soft), inside(0.30F * size - moved, soft)));
  inks.ochre = std::max(inks.ochre, inside(length(c - misprint) - 0.23F * size, soft));
}

Inks print(const Web& web, Vec2 q, Vec2 misprint) {
  Inks inks;
  const float p = web.period, u = web.unit, soft = 1.6F;
  const float from_rim = web.half_height - std::abs(q.y);
  if (from_rim < 66 * u) {  // two rails along the rim
    inks.petrol = inside(std::abs(from_rim - 34 * u + misprint.y) - 13 * u, soft);
    inks.umber = std::max(inside(std::abs(from_rim - 58 * u) - 2 * u, soft),
                          inside(std::abs(from_rim - 34 * u) - 1.5F * u, soft));
    return inks;
  }
  const float column = std::floor(q.x / p), odd = column - 2 * std::floor(0.5F * column);
  const float drop = 0.5F * p * odd;
  const Vec2 c{q.x - (column + 0.5F) * p, q.y - nearest(q.y - drop, p) - drop};
  rosette(c, 0.37F * p, u, misprint, inks);
  // Between the columns a wavy stem, with berries where it turns.
  const float stem_x = nearest(q.x, p), wave = 0.055F * p * sin_turns(q.y / p + 0.25F);
  inks.umber = std::max(inks.umber, inside(std::abs(q.x - stem_x - wave) - 1.8F * u, soft));
  const Vec2 berry{q.x - stem_x - 0.10F * p * cos_turns(nearest(q.y, 0.5F * p) / p), q.y - nearest(q.y, 0.5F * p)};
  inks.ochre = std::max(inks.ochre, inside(length(berry - misprint) - 0.045F * p, soft));
  inks.umber = std::max(inks.umber, inside(std::abs(length(berry) - 0.045F * p) - 1.2F * u, soft));
  // Above and below each rosette a leaf.
  const Vec2 leaf{std::abs(c.x), 0.5F * p - std::abs(c.y)};
  const float blade = length({leaf.x / 0.16F, leaf.y / 0.055F}) - p;
  inks.petrol = std::max(inks.petrol, inside(0.07F * blade + misprint.x, soft));
  return inks;
}

/// Fibres, felt and grain of the paper.
float paper(Vec2 q, uint32_t key) {
  const float grain = 0.040F * noise({q.x / 1.8F, q.y / 1.8F}, key) + 0.035F * noise({q.x / 5.5F, q.y / 5.5F}, key + 1);
  const float felt = 0.020F * noise({q.x / 34, q.y / 26}, key + 2);
  const Vec2 slant{0.94F * q.x + 0.34F * q.y, 0.94F * q.y - 0.34F * q.x};
  const float fibre = smoothstep(0.68F, 0.95F, noise({slant.x / 26, slant.y / 2.1F}, key + 3));
  return 1 + grain + felt - 0.10F * fibre;
}

/// The steel roller behind the strip.
float roller(Vec2 p, Vec2 origin, float height, uint32_t key) {
  const float turn = (p.y / height - 0.5F) * 1.9F;
  const Vec2 at = p + origin;
  return 0.17F + 0.10F * bump(turn + 0.55F) + 0.018F * noise({at.x / 160, at.y / 1.2F}, key);
}

void paint_strip(Canvas& canvas, const View& view, Random random) {
  const Web web(canvas.extent);
  Vec2 origin, misprint;
  origin.x = random.range(0, 9000);
  origin.y = random.range(0, 9000);
  misprint.x = random.range(-0.7F, 0.7F);
  misprint.y = random.range(-0.7F, 0.7F);
  const uint32_t key = random.key32();
  const float strength = random.range(0.95F, 1.0F), height = static_cast<float>(canvas.extent.height);
  const Color sheet = random.range(0.985F, 1.015F) * Color{0.615F, 0.585F, 0.520F};
  parallel_for(canvas.extent.height, 16, [&](int64_t begin, int64_t end) {
    for (int y = static_cast<int>(begin); y < static_cast<int>(end); ++y)
      for (int x = 0; x < canvas.extent.width; ++x) {
        const Vec2 p = pixel_centre(x, y), q = view(p);
        const float d = std::abs(q.y) - web.half_height, cover = inside(d, 1.4F);
        Color color;
        if (cover < 1) {
          const float shadow = bump(std::max(0.0F, std::abs(q.y - 5) - web.half_height) / 18);
          color = roller(p, origin, height, key + 9) * (1 - 0.6F * shadow) * Color{0.96F, 1.0F, 1.05F};
        }
        if (cover > 0) {
          const Inks inks = print(web, q, misprint);
          const Vec2 at = q + origin;
          const float grain = paper(at, key);
          // Ink lies unevenly on the paper.
          const float mottle = strength * (0.93F + 0.06F * noise({at.x / 9, at.y / 9}, key + 5));
          const Color white{1, 1, 1};
          color =
              mix(color,
                  grain * sheet * mix(white, ochre, mottle * inks.ochre) * mix(white, petrol, mottle * inks.petrol) *
                      mix(white, umber, mottle * inks.umber) * ((1 - 0.25F * smoothstep(-3, 0, d)) * white),
                  cover);
        }
        float* level = canvas.at(x, y);
        level[0] = color.r, level[1] = color.g, level[2] = color.b;
      }
  });
  const auto area = static_cast<int64_t>(canvas.extent.width) * canvas.extent.height;
  sprinkle(canvas, static_cast<int>(area / 120000), random.fork("dust"));
}

float strip_room(Extent extent, Vec2 q) {
  return Web(extent).half_height - std::abs(q.y);
}

}  // namespace

Plate strip() {
  return {.name = "strip", .size = {4096, 1000}, .channels = 3, .paint = paint_strip, .room = strip_room};
}

}  // namespace iuf::synthetic
