#include "iuf/synthetic/painting.h"

namespace iuf::synthetic {
namespace {

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

}  // namespace

Texel mat(Vec2 at, Color color, float grain, uint32_t key) {
  const float fine = noise(62.0F * at, key), broad = fractal(2.5F * at, 2, key + 1);
  return {(1 + grain * fine + 0.06F * broad) * color, 0.0012F * grain * fine, {0, 0.02F, 3}, 0};
}

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

}  // namespace iuf::synthetic
