#include "iuf/image/mask_classes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>

namespace iuf {
namespace {

constexpr size_t kFewValues = 16;                       // of classes; soft edges have more
constexpr int kNumbers = 32;                            // up to which values are numbers of classes, each its own
constexpr int kDrawn = 2, kEnlarged = 4, kBlurred = 8;  // pixels of a soft edge on either side
constexpr int64_t kFewPixels = 4;                       // of a class

using Colour = std::array<int, 3>;

int brightness(const Colour& colour) {
  return *std::ranges::max_element(colour);
}

struct Colours {
  int width = 0, height = 0;
  std::vector<Colour> of = {};

  const Colour& at(int x, int y) const {
    return of[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
};

Colours colours_of(const Raster& raster) {
  Colours colours{.width = raster.width, .height = raster.height, .of = {}};
  const auto channels = static_cast<size_t>(raster.channels);
  colours.of.reserve(raster.count() / channels);
  for (size_t i = 0; i < raster.count(); i += channels)
    colours.of.push_back({raster.at(i), raster.at(i + 1), raster.at(i + 2)});
  return colours;
}

// Whether it is in a square of its colour with this side.
bool fills(const Colours& colours, int x, int y, int side) {
  const Colour& own = colours.at(x, y);
  const auto is_square = [&](int left, int top) {
    for (int i = 0; i < side * side; ++i)
      if (colours.at(left + i % side, top + i / side) != own) return false;
    return true;
  };
  for (int left = std::max(x - side + 1, 0); left <= std::min(x, colours.width - side); ++left)
    for (int top = std::max(y - side + 1, 0); top <= std::min(y, colours.height - side); ++top)
      if (is_square(left, top)) return true;
  return false;
}

// Whether darker and brighter pixels are near.
bool lies_between(const Colours& colours, int x, int y, int reach) {
  const int own = brightness(colours.at(x, y));
  bool darker = false, brighter = false;
  for (int ny = std::max(y - reach, 0); ny <= std::min(y + reach, colours.height - 1); ++ny)
    for (int nx = std::max(x - reach, 0); nx <= std::min(x + reach, colours.width - 1); ++nx) {
      const int other = brightness(colours.at(nx, ny));
      darker = darker || other < own;
      brighter = brighter || other > own;
    }
  return darker && brighter;
}

// An area may be thin where no edge is near, and a border of one value is wider than a soft edge.
bool is_in_area(const Colours& colours, int x, int y, bool many_values) {
  if (!fills(colours, x, y, 2) || (many_values && lies_between(colours, x, y, kBlurred))) return false;
  return !lies_between(colours, x, y, kEnlarged) || (fills(colours, x, y, 3) && !lies_between(colours, x, y, kDrawn));
}

struct Amount {
  int64_t all = 0, filled = 0;  // pixels; of areas, not between others
};

bool is_near(const Colour& a, const Colour& b, int noise) {
  for (size_t c = 0; c < a.size(); ++c)
    if (std::abs(a[c] - b[c]) > noise) return false;
  return true;
}

std::string text_of(const Colour& colour, int bytes) {
  if (colour[0] == colour[1] && colour[1] == colour[2]) return std::to_string(colour[0]);
  constexpr const char* digits = "0123456789abcdef";
  std::string text = "#";
  for (const int value : colour)
    for (int shift = 8 * bytes - 4; shift >= 0; shift -= 4) text += digits[value >> shift & 15];
  return text;
}

}  // namespace

std::vector<std::string> classes_of(const Raster& raster) {
  const Colours colours = colours_of(raster);
  std::map<Colour, Amount> amounts;
  for (const Colour& colour : colours.of) ++amounts[colour].all;
  amounts.erase(Colour{});
  if (amounts.size() < 2) return {};
  int highest = 0;
  for (const auto& [colour, amount] : amounts) highest = std::max(highest, brightness(colour));
  for (int y = 0; y < colours.height; ++y)
    for (int x = 0; x < colours.width; ++x) {
      const Colour& own = colours.at(x, y);
      if (brightness(own) == 0) continue;
      // Nothing is brighter than the highest, so that a thin scratch of it is no edge.
      const bool counts = brightness(own) == highest || is_in_area(colours, x, y, amounts.size() > kFewValues);
      amounts[own].filled += counts;
    }
  std::vector<std::pair<Colour, Amount>> areas;
  for (const auto& [colour, amount] : amounts)
    if (amount.filled >= kFewPixels && 8 * amount.filled >= amount.all) areas.emplace_back(colour, amount);
  std::ranges::sort(areas, {}, [](const auto& area) { return -area.second.filled; });
  std::vector<Colour> kept;
  const int noise = highest <= kNumbers ? 0 : highest / 16;
  for (const auto& [colour, amount] : areas)
    if (std::ranges::none_of(kept, [&, &own = colour](const Colour& other) { return is_near(own, other, noise); }))
      kept.push_back(colour);
  std::ranges::sort(kept);
  std::vector<std::string> names;
  for (const Colour& colour : kept) names.push_back(text_of(colour, raster.sample_bytes));
  return names.size() > 1 ? names : std::vector<std::string>();
}

}  // namespace iuf
