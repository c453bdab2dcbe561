#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

/// A place on the object with `margin` of it all around; if there is none, the best of those tried.
Vec2 place(const Surface& surface, Random& random, float margin) {
  const auto body = [&](Vec2 p) { return std::max(std::abs(p.x), std::abs(p.y)) < 1 ? surface.near(p).body : 0.0F; };
  Vec2 best;
  float best_share = -1;
  for (int attempt = 0; attempt < 200; ++attempt) {
    const Vec2 at{random.range(-0.9F, 0.9F), random.range(-0.9F, 0.9F)};
    float share = body(at);
    for (int i = 0; i < 8; ++i) share += body(at + margin * direction(static_cast<float>(i) / 8));
    if (share > best_share) best = at, best_share = share;
    if (share > 8.9F) break;
  }
  return best;
}

struct Node {
  Vec2 at;
  float width;
};
using Path = std::vector<Node>;

/// Nearness to a path, 1 on its centre line and 0 from its local half width on.
float on_path(const Path& path, Vec2 p) {
  float best = 0;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    float along = 0;
    const float d = segment_distance(p, path[i].at, path[i + 1].at, along);
    best = std::max(best, 1 - d / std::max(mix(path[i].width, path[i + 1].width, along), 1e-6F));
  }
  return best;
}

/// Calls f(position, texel, nearness) for the pixels within the half width of a path.
template <class F>
void along_path(Surface& surface, const Path& path, F f) {
  Vec2 low{2, 2}, high{-2, -2};
  for (const Node& node : path) {
    low = {std::min(low.x, node.at.x - node.width), std::min(low.y, node.at.y - node.width)};
    high = {std::max(high.x, node.at.x + node.width), std::max(high.y, node.at.y + node.width)};
  }
  surface.each([&](Vec2 p, Texel& texel) {
    if (p.x < low.x || p.y < low.y || p.x > high.x || p.y > high.y) return;
    const float nearness = on_path(path, p);
    if (nearness > 0) f(p, texel, nearness);
  });
}

/// A lightly bent line through `centre`.
Path bent_line(Random& random, Vec2 centre, float length, float width, float bend) {
  const float turn = random.uniform();
  const Vec2 along = direction(turn), across{-along.y, along.x};
  const float curve = random.range(-bend, bend) * length, wave = random.range(-bend, bend) * length;
  Path path;
  for (int i = 0; i <= 16; ++i) {
    const float t = static_cast<float>(i) / 8 - 1;
    const float ends = 0.35F + 0.65F * std::sqrt(std::max(0.0F, 1 - t * t));
    path.push_back({centre + 0.5F * length * t * along + (curve * (t * t - 0.33F) + wave * t * (t * t - 1)) * across,
                    width * ends});
  }
  return path;
}

/// A blot: the distance from its centre in units of its ragged radius.
struct Blot {
  Blot(const Surface& surface, Random& random, float size, float rag)
      : radius(size),
        ragged(rag),
        squeeze(random.range(0.7F, 1.0F)),
        turn(direction(random.uniform())),
        key(random.key32()),
        centre(place(surface, random, 0.8F * size)) {}
  float operator()(Vec2 p) const {
    const Vec2 q = rotate(p - centre, turn);
    const Vec2 r{q.x / radius, q.y / (radius * squeeze)};
    if (dot(r, r) > 4) return 2;
    return length(r) + ragged * fractal({2.2F * r.x, 2.2F * r.y}, 3, key);
  }
  float radius, ragged, squeeze;
  Vec2 turn;
  uint32_t key;
  Vec2 centre;
};

}  // namespace

void draw_nothing(Surface&, Flaw, const Look&) {}

void draw_scratch(Surface& surface, Flaw flaw, const Look& look) {
  const float size = flaw.grade(0.95F, 0.36F) * look.size;
  const float width = std::max(flaw.grade(0.022F, 0.011F), 0.9F * surface.pixel());
  const float contrast = flaw.grade(0.95F, 0.5F) * look.contrast, depth = flaw.grade(0.007F, 0.0025F) * look.depth;
  const Vec2 centre = place(surface, flaw.random, 0.3F * size);
  const Path path = bent_line(flaw.random, centre, size, width, 0.12F);
  const uint32_t key = flaw.random.key32();
  along_path(surface, path, [&](Vec2 p, Texel& texel, float nearness) {
    const float pressure = clamp01(0.85F + 0.5F * noise(14.0F * p, key));  // the tool skips
    const float w = texel.body * pressure * smoothstep(0, 0.8F, nearness);
    texel.albedo = mix(texel.albedo, look.tint, contrast * w);
    texel.height -= depth * w;
    texel.finish.gloss *= 1 - 0.6F * w;
  });
}

void draw_crack(Surface& surface, Flaw flaw, const Look& look) {
  Random& random = flaw.random;
  const float size = flaw.grade(0.85F, 0.32F) * look.size;
  const float width = std::max(flaw.grade(0.024F, 0.012F), 0.9F * surface.pixel());
  const float contrast = flaw.grade(0.95F, 0.55F) * look.contrast, depth = flaw.grade(0.03F, 0.008F) * look.depth;
  const auto walk = [&](Vec2 at, float heading, int count, float first_width) {
    Path path;
    for (int i = 0; i <= count; ++i) {
      const float left = 1 - static_cast<float>(i) / static_cast<float>(count);
      path.push_back({at, first_width * (0.3F + 0.7F * left)});
      const float step = size / 14 * random.range(0.6F, 1.4F), turn = random.range(-0.11F, 0.11F);
      at = at + step * direction(heading + turn);
      heading += random.range(-0.03F, 0.03F);
    }
    return path;
  };
  const Vec2 centre = place(surface, random, 0.35F * size);
  const float heading = random.uniform();
  std::vector<Path> paths{walk(centre - 0.5F * size * direction(heading), heading, 14, width)};
  for (int i = 0, count = 1 + static_cast<int>(flaw.grade(2.9F, 0)); i < count; ++i) {
    const Vec2 from = paths[0][static_cast<size_t>(3 + random.below(8))].at;
    const float side = random.uniform() < 0.5F ? -1.0F : 1.0F;
    const float turn = side * random.range(0.08F, 0.17F);
    const int steps = 4 + random.below(4);
    paths.push_back(walk(from, heading + turn, steps, 0.7F * width));
  }
  for (const Path& path : paths)
    along_path(surface, path, [&](Vec2, Texel& texel, float nearness) {
      const float w = texel.body * smoothstep(0, 0.7F, nearness);
      texel.albedo = mix(texel.albedo, look.tint, contrast * w);
      texel.height -= depth * w;
      texel.finish.gloss *= 1 - w;
      texel.finish.metal *= 1 - 0.8F * contrast * w;
    });
}

void draw_stain(Surface& surface, Flaw flaw, const Look& look) {
  const Blot blot(surface, flaw.random, flaw.grade(0.32F, 0.13F) * look.size, 0.45F);
  const uint32_t key = flaw.random.key32();
  const float contrast = flaw.grade(0.80F, 0.28F) * look.contrast;
  surface.each([&](Vec2 p, Texel& texel) {
    const float d = blot(p);
    if (d >= 1) return;
    const float fill = 1 - smoothstep(0.88F, 1.0F, d), rim = bump((d - 0.86F) / 0.14F);
    const float w = texel.body * clamp01(fill * (0.72F + 0.2F * fractal(9.0F * p, 2, key)) + 0.35F * rim) * contrast;
    texel.albedo = mix(texel.albedo, look.tint, w);
    texel.finish.gloss *= 1 - 0.7F * w;
    texel.finish.metal *= 1 - 0.6F * w;
  });
}

void draw_spot(Surface& surface, Flaw flaw, const Look& look) {
  const Blot blot(surface, flaw.random, flaw.grade(0.34F, 0.16F) * look.size, 0.2F);
  const float contrast = flaw.grade(0.62F, 0.24F) * look.contrast;
  surface.each([&](Vec2 p, Texel& texel) {
    const float w = texel.body * contrast * (1 - smoothstep(0.45F, 1.0F, blot(p)));
    if (w > 0) texel.albedo = mix(texel.albedo, look.tint, w);
  });
}

void draw_chip(Surface& surface, Flaw flaw, const Look& look) {
  const Blot blot(surface, flaw.random, flaw.grade(0.22F, 0.09F) * look.size, 0.5F);
  const uint32_t key = flaw.random.key32();
  const float contrast = flaw.grade(1.0F, 0.6F) * look.contrast, depth = flaw.grade(0.05F, 0.02F) * look.depth;
  surface.each([&](Vec2 p, Texel& texel) {
    const float d = blot(p);
    if (d >= 1) return;
    const float w = texel.body * (1 - smoothstep(0.9F, 1.0F, d)), sand = fractal(30.0F * p, 3, key);
    texel.albedo = mix(texel.albedo, (1 + 0.25F * sand) * look.tint, contrast * w);
    texel.height -= depth * w * (0.5F + 0.5F * (1 - d) + 0.15F * sand);
    texel.finish.gloss *= 1 - w;
  });
}

void draw_dull(Surface& surface, Flaw flaw, const Look& look) {
  const Blot blot(surface, flaw.random, flaw.grade(0.36F, 0.17F) * look.size, 0.35F);
  const uint32_t key = flaw.random.key32();
  const float contrast = flaw.grade(1.0F, 0.5F) * look.contrast;
  surface.each([&](Vec2 p, Texel& texel) {
    const float w = texel.body * contrast * (1 - smoothstep(0.75F, 1.0F, blot(p)));
    if (w <= 0) return;
    texel.albedo = mix(texel.albedo, look.tint, w * (0.35F + 0.25F * noise(70.0F * p, key)));
    texel.height += 0.0035F * look.depth * w * noise(55.0F * p, key + 1);
    texel.finish.gloss *= 1 - w;
  });
}

void draw_dent(Surface& surface, Flaw flaw, const Look& look) {
  const Blot blot(surface, flaw.random, flaw.grade(0.24F, 0.11F) * look.size, 0.12F);
  const float depth = flaw.grade(0.055F, 0.013F) * look.depth;
  surface.each([&](Vec2 p, Texel& texel) {
    const float d = blot(p);
    if (d < 1.4F) texel.height += texel.body * depth * (0.2F * bump((d - 1.05F) / 0.35F) - bump(d));
  });
}

void draw_hole(Surface& surface, Flaw flaw, const Look& look) {
  const int count = 1 + (flaw.hard < 0.5F ? flaw.random.below(3) : 0);
  for (int i = 0; i < count; ++i) {
    const float size = std::max(flaw.grade(0.10F, 0.045F) * look.size * (i == 0 ? 1.0F : 0.6F), 1.5F * surface.pixel());
    const Blot blot(surface, flaw.random, size, 0.3F);
    const float contrast = flaw.grade(1.0F, 0.7F) * look.contrast;
    surface.each([&](Vec2 p, Texel& texel) {
      const float d = blot(p);
      if (d >= 1.25F) return;
      const float w = texel.body * (1 - smoothstep(0.8F, 1.0F, d));
      texel.albedo = mix(texel.albedo, look.tint, contrast * w);
      texel.height += texel.body * 0.012F * look.depth * bump((d - 1.05F) / 0.2F);
      texel.height -= 0.09F * look.depth * w;
      texel.finish.gloss *= 1 - w;
      texel.finish.metal *= 1 - w;
    });
  }
}

void draw_crumb(Surface& surface, Flaw flaw, const Look& look) {
  const int count = 1 + (flaw.hard < 0.4F ? flaw.random.below(2) : 0);
  for (int i = 0; i < count; ++i) {
    const float size = std::max(flaw.grade(0.13F, 0.055F) * look.size, 2 * surface.pixel());
    const Blot blot(surface, flaw.random, size, 0.5F);
    const uint32_t key = flaw.random.key32();
    const float contrast = flaw.grade(1.0F, 0.7F) * look.contrast, thickness = 0.45F * size * look.depth;
    surface.each([&](Vec2 p, Texel& texel) {
      const float d = blot(p);
      if (d >= 1) return;
      const float w = (1 - smoothstep(0.85F, 1.0F, d)) * texel.body;
      const float grain = 0.8F + 0.25F * fractal(22.0F * p, 2, key);
      texel.cover(w * contrast, grain * look.tint, texel.height + thickness * (1 - d * d * d), {0, 0.15F, 4});
    });
  }
}

void draw_thread(Surface& surface, Flaw flaw, const Look& look) {
  const float size = flaw.grade(1.1F, 0.45F) * look.size;
  const float width = std::max(flaw.grade(0.026F, 0.018F), 1.2F * surface.pixel());
  const Vec2 centre = place(surface, flaw.random, 0.3F * size);
  const Path path = bent_line(flaw.random, centre, size, width, 0.45F);
  const float contrast = flaw.grade(1.0F, 0.65F) * look.contrast;
  along_path(surface, path, [&](Vec2 p, Texel& texel, float nearness) {
    const float twist = 0.85F + 0.15F * sin_turns(18 * (p.x + p.y));
    texel.cover(texel.body * contrast * smoothstep(0, 0.35F, nearness), twist * look.tint,
                texel.height + 1.2F * width * std::sqrt(nearness), {0, 0.05F, 3});
  });
}

}  // namespace iuf::synthetic
