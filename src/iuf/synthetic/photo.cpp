#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {
namespace {

struct Vec3 {
  float x, y, z;
};
float dot(const Vec3& a, const Vec3& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
Vec3 unit(const Vec3& a) {
  const float k = 1 / std::sqrt(dot(a, a));
  return {k * a.x, k * a.y, k * a.z};
}

/// One value per pixel, row-major; reads beyond the edge give the nearest inside.
struct Plane {
  explicit Plane(int n) : size(n), values(static_cast<size_t>(n) * static_cast<size_t>(n)) {}
  float& at(int x, int y) {
    return values[static_cast<size_t>(y) * static_cast<size_t>(size) + static_cast<size_t>(x)];
  }
  const float& at(int x, int y) const {
    return values[static_cast<size_t>(y) * static_cast<size_t>(size) + static_cast<size_t>(x)];
  }
  float near(int x, int y) const { return at(std::clamp(x, 0, size - 1), std::clamp(y, 0, size - 1)); }
  int size;
  std::vector<float> values;
};

/// The mean over (2 radius + 1)^2 pixels, as two passes of running sums.
Plane blur(const Plane& in, int radius) {
  const int n = in.size;
  const float scale = 1 / static_cast<float>(2 * radius + 1);
  Plane rows(n), out(n);
  for (int y = 0; y < n; ++y) {
    float sum = 0;
    for (int k = -radius; k <= radius; ++k) sum += in.near(k, y);
    for (int x = 0; x < n; ++x) {
      rows.at(x, y) = sum * scale;
      sum += in.near(x + radius + 1, y) - in.near(x - radius, y);
    }
  }
  std::vector<float> sums(static_cast<size_t>(n), 0.0F);
  for (int k = -radius; k <= radius; ++k)
    for (int x = 0; x < n; ++x) sums[static_cast<size_t>(x)] += rows.near(x, k);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      float& sum = sums[static_cast<size_t>(x)];
      out.at(x, y) = sum * scale;
      sum += rows.near(x, y + radius + 1) - rows.near(x, y - radius);
    }
  return out;
}

/// The fraction of the lamp that each pixel sees: the surface is followed towards the light, and the nearer it comes to
/// the ray, relative to the distance walked, the more of the lamp (which has a size) is hidden.
Plane lamp_visibility(const Plane& height, const Vec3& light) {
  const int n = height.size;
  const float pixel = 2 / static_cast<float>(n), across = std::sqrt(light.x * light.x + light.y * light.y);
  const Vec2 towards{light.x / across, light.y / across};
  const float rise = light.z / across;
  Plane seen(n);
  std::fill(seen.values.begin(), seen.values.end(), 1.0F);
  std::vector<float> before(static_cast<size_t>(n));
  constexpr int steps = 14;
  for (int step = 1; step <= steps; ++step) {
    const float t = static_cast<float>(step) / steps, distance = 0.32F * t * (0.25F + 0.75F * t);
    const int dx = floor_int(distance / pixel * towards.x + 0.5F);
    const int dy = floor_int(distance / pixel * towards.y + 0.5F);
    if (dx == 0 && dy == 0) continue;
    const float start = distance * rise, per_height = 1 / (0.45F * distance);
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) before[static_cast<size_t>(x)] = height.near(x + dx, y + dy);
      const float* h = &height.at(0, y);
      float* s = &seen.at(0, y);
      for (int x = 0; x < n; ++x)
        s[x] = std::min(s[x], 0.5F + (h[x] + start - before[static_cast<size_t>(x)]) * per_height);
    }
  }
  for (float& s : seen.values) s = std::max(s, 0.0F);
  return blur(seen, std::max(1, n / 128));
}

struct Studio {
  Vec3 lamp{}, half{};  // directions: to the lamp; half way between lamp and camera
  float gain = 1;
  Color cast{1, 1, 1};  // white balance
  Vec2 falloff;         // one side of the picture is nearer to the lamp
  float vignette = 0;
  float softness = 0;  // of the lens: the share of light that falls on each neighbouring pixel
  float grain = 0;     // standard deviation of the sensor noise, in levels of 255
  uint64_t noise_key = 0;
};

Studio make_studio(Random random) {
  Studio s;
  const Vec2 side = direction(random.range(-0.39F, -0.33F));  // above the left
  s.lamp = unit({0.62F * side.x, 0.62F * side.y, random.range(0.78F, 0.92F)});
  s.half = unit({s.lamp.x, s.lamp.y, s.lamp.z + 1});
  s.gain = random.range(0.92F, 1.08F);
  s.cast = {random.range(0.975F, 1.025F), 1, random.range(0.975F, 1.025F)};
  s.falloff = {random.range(-0.06F, 0.06F), random.range(-0.06F, 0.06F)};
  s.vignette = random.range(0.05F, 0.11F);
  s.softness = random.range(0.08F, 0.16F);
  s.grain = random.range(1.2F, 2.2F);
  s.noise_key = random.bits();
  return s;
}

/// What a mirror sees in direction r: a dim room, a bright ceiling towards the lamp and a strip light.
float room(const Vec3& r, const Vec3& lamp) {
  const float ceiling = smoothstep(0.45F, 1.0F, dot(r, lamp));
  const float strip = bump((0.8F * r.x + 0.6F * r.y - 0.45F) / 0.3F);
  return 0.22F + 0.18F * clamp01(0.5F - 0.5F * r.y) + 0.85F * ceiling + 0.22F * strip;
}

float power_of_two_power(float x, float exponent) {  // x^(2^exponent), linear between whole exponents
  const int whole = static_cast<int>(exponent);
  for (int i = 0; i < whole; ++i) x *= x;
  return mix(x, x * x, exponent - static_cast<float>(whole));
}

uint8_t expose(float light, float grain) {
  const float toned = 1.25F * light / (1 + 0.25F * light);  // highlights saturate slowly
  const float level = 255 * std::sqrt(std::max(toned, 0.0F)) + grain;
  return static_cast<uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F));
}

/// What falls onto the sensor behind an ideal lens.
struct Light {
  Plane red, green, blue;
};

Light illuminate(const Surface& surface, const Studio& studio) {
  const int n = surface.size();
  Plane height(n);
  Light light{Plane(n), Plane(n), Plane(n)};
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) height.at(x, y) = surface.texel(x, y).height;
  const Plane seen = lamp_visibility(height, studio.lamp);
  const Plane near_mean = blur(blur(height, std::max(1, n / 80)), std::max(1, n / 80));
  const Plane far_mean = blur(blur(height, std::max(1, n / 24)), std::max(1, n / 24));

  const float per_pixel = 0.5F / surface.pixel();
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const Texel& texel = surface.texel(x, y);
      const Vec2 at = surface.position(x, y);
      Vec2 slope{(height.near(x + 1, y) - height.near(x - 1, y)) * per_pixel,
                 (height.near(x, y + 1) - height.near(x, y - 1)) * per_pixel};
      slope = 1 / (1 + 0.25F * length(slope)) * slope;  // the lens softens what is steeper than pixels show
      const Vec3 normal = unit({-slope.x, -slope.y, 1});
      // Hollows see less of the room than ridges do.
      const float hollow = 6 * std::max(0.0F, near_mean.at(x, y) - texel.height) +
                           2.5F * std::max(0.0F, far_mean.at(x, y) - texel.height);
      const float open = 1 / (1 + hollow);
      const float lit = seen.at(x, y);
      const float lamp = std::max(0.0F, dot(normal, studio.lamp)) * lit;
      const float ambient = (0.34F + 0.10F * (1 - normal.y)) * open;
      const float highlight =
          texel.finish.gloss * lit * power_of_two_power(std::max(0.0F, dot(normal, studio.half)), texel.finish.sharp);
      const Vec3 mirrored{2 * normal.z * normal.x + 0.22F * at.x, 2 * normal.z * normal.y + 0.22F * at.y,
                          2 * normal.z * normal.z - 1};
      const float reflected = room(mirrored, studio.lamp) * open * (0.55F + 0.45F * lit);
      const float metal = texel.finish.metal;
      const Color diffuse = (1 - metal) * (lamp * Color{0.80F, 0.77F, 0.73F} + ambient * Color{0.95F, 1.0F, 1.06F});
      const Color color =
          texel.albedo * (diffuse + metal * reflected * Color{1, 1, 1}) + highlight * Color{1, 0.98F, 0.95F};
      const float r2 = at.x * at.x + at.y * at.y;
      const float exposure = studio.gain * (1 + dot(studio.falloff, at)) * (1 - studio.vignette * r2);
      light.red.at(x, y) = color.r * exposure * studio.cast.r;
      light.green.at(x, y) = color.g * exposure * studio.cast.g;
      light.blue.at(x, y) = color.b * exposure * studio.cast.b;
    }
  }
  return light;
}

}  // namespace

Image photograph(const Surface& surface, Random random) {
  const Studio studio = make_studio(random);
  const Light light = illuminate(surface, studio);
  const int n = surface.size();
  Image image{n, n, 3, std::vector<uint8_t>(static_cast<size_t>(n) * static_cast<size_t>(n) * 3)};
  const float k = studio.softness, corner = k * k, side = k * (1 - 2 * k), centre = (1 - 2 * k) * (1 - 2 * k);
  const auto lens = [&](const Plane& p, int x, int y) {
    return centre * p.at(x, y) + side * (p.near(x - 1, y) + p.near(x + 1, y) + p.near(x, y - 1) + p.near(x, y + 1)) +
           corner * (p.near(x - 1, y - 1) + p.near(x + 1, y - 1) + p.near(x - 1, y + 1) + p.near(x + 1, y + 1));
  };
  for (int y = 0; y < n; ++y) {
    uint8_t* out = image.row(y);
    for (int x = 0; x < n; ++x) {
      uint64_t noise_at =
          studio.noise_key + 4 * (static_cast<uint64_t>(y) * static_cast<uint64_t>(n) + static_cast<uint64_t>(x));
      const float common = 0.6F * bell(scramble(noise_at));
      for (const Plane* plane : {&light.red, &light.green, &light.blue})
        *out++ = expose(lens(*plane, x, y), studio.grain * (common + 0.8F * bell(scramble(++noise_at))));
    }
  }
  return image;
}

}  // namespace iuf::synthetic
