#include "iuf/synthetic/painting.h"
#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

constexpr Vec2 biscuit_half{0.74F, 0.56F};

/// What a defect changes of the biscuit.
struct BiscuitFlaw {
  int closed_x = -9, closed_y = -9, closed_columns = 0, closed_rows = 0;  // a block of holes that was not docked
  float bite_size = 0;
  Vec2 bite;
  uint32_t bite_key = 0;

  explicit BiscuitFlaw(const Flaw* flaw) {
    if (flaw == nullptr) return;
    const Vec2 half = biscuit_half;
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

  bool closed(int x, int y) const {
    return x >= closed_x && x - closed_x < closed_columns && y >= closed_y && y - closed_y < closed_rows;
  }
};

/// A butter biscuit with scalloped edges and docking holes.
void paint_biscuit(Surface& surface, const Pose& pose, Random random, const Flaw* flaw) {
  const Vec2 half = biscuit_half;
  const uint32_t key = random.key32();
  const Vec2 origin{random.range(0, 200), random.range(0, 200)};
  const float bake = random.range(-0.12F, 0.12F), pixel = surface.pixel() / pose.zoom;
  const BiscuitFlaw change(flaw);
  const Color golden = display(0xd9a75c), brown = display(0xa5662a), crumb = display(0xe6c68c);
  surface.each([&](Vec2 at, Texel& texel) {
    texel = mat(at, display(0x33535c), 0.16F, key + 20);
    const Vec2 p = pose(at), q = p + origin;
    const bool side = std::abs(p.x) / half.x > std::abs(p.y) / half.y;
    const float scallop = std::abs(sin_turns((side ? p.y + 0.04F : p.x + 0.04F) * 5.555F));
    float edge = box_distance(p, half, 0.10F) - 0.030F * scallop + 0.006F * noise(9.0F * q, key);
    float broken = 0;
    if (change.bite_size > 0) {
      const float missing =
          change.bite_size * (1 - 0.35F * fractal(11.0F * p, 3, change.bite_key)) - length(p - change.bite);
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
    const float open = change.closed(static_cast<int>(cx), static_cast<int>(cy)) ? 0.0F : 1.0F;
    const float hole = open * (1 - smoothstep(0.020F, 0.036F, d));
    height -= 0.055F * hole + 0.014F * open * bump(d / 0.075F);
    Color color = mix(golden, brown, clamp01(tan));
    color = (1 + 0.07F * noise(48.0F * q, key + 8)) * mix(color, display(0x5a3416), 0.75F * hole + 0.25F * pores);
    color = mix(color, (1 + 0.15F * noise(40.0F * q, key + 9)) * crumb,
                0.85F * broken * smoothstep(0, 0.03F, change.bite_size));
    texel.cover(cover, color, height - 0.02F * broken, {0, 0.05F * (1 - broken), 3});
    texel.body = cover;
  });
}

}  // namespace

Product biscuit() {
  return {.name = "biscuit",
          .paint = paint_biscuit,
          .shift = 0.05F,
          .turn = 0.03F,
          .zoom = 0.03F,
          .kinds = {{"broken"},
                    {"burn", draw_stain, {display(0x20100a), 1.15F, 1.4F}},
                    {"contamination", draw_crumb, {display(0x3f6f8c)}},
                    {"crack", draw_crack, {display(0x5a3516), 1, 0.8F}},
                    {"missing_hole"},
                    {"pale_spot", draw_spot, {display(0xf0dfb6), 1, 1.1F}}}};
}

}  // namespace iuf::synthetic
