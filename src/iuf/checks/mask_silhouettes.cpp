#include "iuf/checks/mask_silhouettes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "iuf/checks/median.h"
#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "iuf/image/mask.h"
#include "iuf/image/resize.h"
#include "nn/hash.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr size_t kFewestShapes = 3;
constexpr int kSmallSide = 64;  // pixels of a small mask

struct Silhouette {
  double share = 0;                 // of the picture that is marked
  uint64_t hash = 0;                // of its size and pixels
  std::vector<uint8_t> small = {};  // kSmallSide x kSmallSide
};

using Silhouettes = std::vector<std::optional<Silhouette>>;

Silhouette shape_of(const Image& mask) {
  const auto marked = static_cast<double>(std::ranges::count_if(mask.pixels, [](uint8_t v) { return v != 0; }));
  return {.share = marked / static_cast<double>(mask.pixels.size()),
          .hash = hash_bytes(std::as_bytes(std::span(mask.pixels)), static_cast<uint64_t>(mask.width)),
          .small = resize_nearest(mask, kSmallSide, kSmallSide).pixels};
}

// What both mark, of what either does.
double overlap(const Silhouette& a, const Silhouette& b) {
  size_t both = 0, either = 0;
  for (size_t i = 0; i < a.small.size(); ++i) {
    both += a.small[i] && b.small[i];
    either += a.small[i] || b.small[i];
  }
  return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 0;
}

std::string equal_masks(const std::vector<std::filesystem::path>& files, const Silhouettes& shapes) {
  size_t equal = 0;
  std::string first;
  for (size_t i = 0; i < files.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      if (!shapes[i] || !shapes[j] || shapes[i]->hash != shapes[j]->hash || shapes[i]->share == 0) continue;
      if (equal++ == 0) first = place_of(files[j]) + " = " + place_of(files[i]);
      break;
    }
  if (equal == 0) return "";
  return std::to_string(equal) + (equal == 1 ? " mask is" : " masks are") +
         " exactly that of another image (first: " + first + "): copied by mistake?";
}

}  // namespace

std::string silhouette_masks(const Dataset& data, const std::string& object) {
  std::vector<const Sample*> masked;
  for (const Sample& sample : data.samples)
    if (sample.object == object && sample.masks.size() == 1) masked.push_back(&sample);
  const std::vector<size_t> which = spread_sample(masked.size());
  std::vector<std::filesystem::path> files;
  for (const size_t i : which) files.push_back(masked[i]->masks.front());
  Silhouettes shapes(files.size());
  parallel_for(static_cast<int64_t>(files.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    try {
      shapes[i] = shape_of(read_mask(files[i]).image);
    } catch (const std::exception&) {  // told about where it is used
    }
  });
  std::vector<double> shares, overlaps;
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (!shapes[i]) continue;
    shares.push_back(shapes[i]->share);
    for (size_t j = 0; j < i; ++j)
      if (shapes[j] && shapes[j]->hash != shapes[i]->hash) overlaps.push_back(overlap(*shapes[i], *shapes[j]));
  }
  const std::string first = " (first: " + (files.empty() ? "" : place_of(files.front())) + ")",
                    means = ": do they show the part and not its defects? Pixel figures then measure where it lies";
  if (shares.size() >= kFewestShapes && median(shares) > 0.5)
    return "most masks mark over half of their picture" + first + means;
  if (overlaps.size() >= kFewestShapes && median(overlaps) >= 0.9)
    return "most masks are nearly the same in different images" + first + means;
  return equal_masks(files, shapes);
}

}  // namespace iuf
