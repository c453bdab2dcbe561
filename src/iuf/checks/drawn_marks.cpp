#include "iuf/checks/drawn_marks.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "iuf/checks/picture_uses.h"
#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

// Levels between the highest and the lowest channel: of marks; in a line that a JPEG blurs; without marks.
constexpr int kVivid = 100, kPeak = 150, kDull = 60;
constexpr int64_t kFewPixels = 12;  // a short line; fewer may be noise
constexpr int64_t kNone = 3;        // stray pixels

struct Colour {
  uint32_t rgb = 0;
  int spread = 0;
  size_t hue = 0;
};

Colour colour_of(const uint8_t* rgb) {
  const auto [low, high] = std::minmax({rgb[0], rgb[1], rgb[2]});
  const auto is_high = [&, low = low, high = high](int value) { return 2 * value > low + high ? 1u : 0u; };
  return {static_cast<uint32_t>(rgb[0]) << 16 | static_cast<uint32_t>(rgb[1]) << 8 | rgb[2], high - low,
          4 * is_high(rgb[0]) + 2 * is_high(rgb[1]) + is_high(rgb[2])};
}

uint32_t pure_colour(size_t hue) {
  return (hue & 4 ? 0xff0000u : 0u) | (hue & 2 ? 0xff00u : 0u) | (hue & 1 ? 0xffu : 0u);
}

// Whether marked pixels reach far and few of them have marked ones a line's width away on all four sides.
class MarkShape {
 public:
  template <class IsMarked>
  MarkShape(const Image& image, const IsMarked& is_marked) : width_(image.width), height_(image.height) {
    marked_.resize(image.pixels.size() / 3);
    for (size_t i = 0; i < marked_.size(); ++i) marked_[i] = is_marked(colour_of(&image.pixels[3 * i]));
  }

  struct Limits {
    int64_t inner;  // one of so many pixels
    int reach;      // one of so many parts of the picture's side
  };
  bool is_thin(const Limits& limits) const {
    const int side = std::max(width_, height_), line = std::max(3, side / 100);
    int64_t all = 0, inner = 0;
    int left = width_, right = -1, top = height_, bottom = -1;
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x) {
        if (!at(x, y)) continue;
        ++all;
        inner += at(x - line, y) && at(x + line, y) && at(x, y - line) && at(x, y + line);
        left = std::min(left, x), right = std::max(right, x);
        top = std::min(top, y), bottom = std::max(bottom, y);
      }
    return limits.inner * inner <= all && std::max(right - left, bottom - top) >= std::max(6, side / limits.reach);
  }

 private:
  bool at(int x, int y) const {
    return x >= 0 && y >= 0 && x < width_ && y < height_ && marked_[static_cast<size_t>(y * width_ + x)] != 0;
  }

  int width_, height_;
  std::vector<char> marked_ = {};
};

void find_shapes(const Image& image, size_t hue, int64_t of_colour, VividPixels& pixels) {
  if (pixels.count < kFewPixels) return;
  pixels.thin = MarkShape(image, [&](const Colour& c) {
                  return c.hue == hue && c.spread >= kVivid;
                }).is_thin({.inner = 10, .reach = 8});
  const bool exact = pixels.pure >= kFewPixels || 2 * of_colour >= pixels.count;
  pixels.drawn = exact && MarkShape(image, [&](const Colour& c) {
                            return c.rgb == pixels.colour;
                          }).is_thin({.inner = 4, .reach = 20});
}

template <class Is>
size_t count(const PictureUse& use, const Is& is) {
  return static_cast<size_t>(std::ranges::count_if(use.hues, [&](const auto& hues) { return hues && is(*hues); }));
}

void look_at_all(PictureUse& use) {
  parallel_for(static_cast<int64_t>(use.samples.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    try {
      if (!use.hues[i]) use.hues[i] = vivid_hues(read_image(use.samples[i]->file, use.window));
    } catch (const std::exception&) {  // told about where it is used
    }
  });
}

constexpr const char* kNames[] = {"", "blue", "green", "cyan", "red", "magenta", "yellow", ""};

std::string rgb_text(uint32_t c) {
  return "(" + std::to_string(c >> 16) + "," + std::to_string(c >> 8 & 255) + "," + std::to_string(c & 255) + ")";
}

std::string colour_text(size_t hue, const VividPixels& pixels) {
  return (pixels.pure >= kFewPixels ? "pure " : "one ") + std::string(kNames[hue]) + " " + rgb_text(pixels.colour);
}

// Of one hue: the images that are marked, and those that surely are not.
template <class Marked, class Free>
std::string marks_of(const std::vector<PictureUse>& uses, const Marked& is_marked, const Free& is_free, size_t share,
                     const std::function<std::string(const VividHues&)>& colour) {
  std::vector<std::string> with, without;
  const Sample* first = nullptr;
  const VividHues* hues = nullptr;
  size_t marked = 0, all = 0, free = 0;
  for (const PictureUse& use : uses) {
    const size_t own = count(use, is_marked), own_free = count(use, is_free),
                 own_all = count(use, [](auto&) { return true; });
    marked += own, all += own_all, free += own_free;
    if (own_all == 0) continue;
    if (own_free == own_all) without.emplace_back(use.name);
    if (own == 0 || own * share < own_all) continue;
    with.push_back(std::to_string(own) + " of " + std::to_string(own_all) + " " + use.name);
    for (size_t i = 0; i < use.samples.size() && !first; ++i)
      if (use.hues[i] && is_marked(*use.hues[i])) first = use.samples[i], hues = &*use.hues[i];
  }
  if (!first) return "";
  const bool few = 3 * marked <= all && marked + free == all;
  if (without.empty() && !few) return "";
  return joined(with) + (marked == 1 ? " holds" : " hold") + " pixels of " + colour(*hues) + ", which the " +
         (without.empty() ? "others" : joined(without, " and ")) + " have not (first: " + place_of(first->file) +
         "): if they are drawn in, figures measure these marks";
}

}  // namespace

VividHues vivid_hues(const Image& rgb) {
  VividHues hues;
  std::array<std::unordered_map<uint32_t, int64_t>, 8> colours;
  for (size_t i = 0; i + 2 < rgb.pixels.size(); i += 3) {
    const Colour c = colour_of(&rgb.pixels[i]);
    VividPixels& pixels = hues[c.hue];
    pixels.highest_spread = std::max(pixels.highest_spread, c.spread);
    if (c.spread < kVivid) continue;
    ++pixels.count;
    if (c.rgb == pure_colour(c.hue))
      ++pixels.pure;
    else
      ++colours[c.hue][c.rgb];
  }
  for (size_t hue = 1; hue < 7; ++hue) {
    VividPixels& pixels = hues[hue];
    pixels.colour = pure_colour(hue);
    int64_t of_colour = pixels.pure;
    if (pixels.pure < kFewPixels)
      for (const auto& [colour, count] : colours[hue])
        if (count > of_colour || (count == of_colour && colour < pixels.colour)) {
          of_colour = count;
          pixels.colour = colour;
        }
    find_shapes(rgb, hue, of_colour, pixels);
  }
  return hues;
}

std::string drawn_colour(const VividHues& hues) {
  for (size_t hue = 1; hue < 7; ++hue)
    if (hues[hue].drawn) return colour_text(hue, hues[hue]);
  return "";
}

std::string drawn_marks(std::vector<PictureUse>& uses) {
  const auto may_be = [](const VividHues& hues) {
    return std::ranges::any_of(hues, [](const VividPixels& p) { return p.drawn || p.thin; });
  };
  if (std::ranges::any_of(uses, [&](const PictureUse& use) { return count(use, may_be) > 0; }))
    for (PictureUse& use : uses) look_at_all(use);
  std::vector<std::string> found;
  for (size_t hue = 1; hue < 7; ++hue) {
    // Of a pure colour the product may have duller kin.
    const auto drawn = [hue](const VividHues& h) { return h[hue].drawn; };
    const auto pure = [hue](const VividHues& h) { return h[hue].drawn && h[hue].pure >= kFewPixels; };
    const auto no_pure = [hue](const VividHues& h) { return h[hue].pure < kNone; };
    const auto none = [hue](const VividHues& h) { return h[hue].count < kNone; };
    // As a JPEG leaves them; most are marked then, since a defect may be vivid, too.
    const auto thin = [hue](const VividHues& h) { return h[hue].thin && h[hue].highest_spread >= kPeak; };
    const auto dull = [hue](const VividHues& h) { return h[hue].highest_spread <= kDull; };
    const auto exact = [hue](const VividHues& h) { return colour_text(hue, h[hue]); };
    const auto vivid = [hue](const VividHues& h) {
      return "vivid " + std::string(kNames[hue]) + " (such as " + rgb_text(h[hue].colour) + ")";
    };
    std::string text = marks_of(uses, pure, no_pure, 1000000, exact);
    if (text.empty()) text = marks_of(uses, drawn, none, 1000000, exact);
    if (text.empty()) text = marks_of(uses, thin, dull, 2, vivid);
    if (!text.empty()) found.push_back(text);
  }
  return joined(found, "; ");
}

}  // namespace iuf
