#include "iuf/checks/mask_outlines.h"

#include <algorithm>
#include <vector>

#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "iuf/image/mask.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

// The pixels that cannot be reached from the border along unmarked ones, without the marked ones. Steps are straight,
// so that they pass no line of diagonal neighbours.
int64_t count_enclosed(const Image& mask) {
  const auto width = static_cast<size_t>(mask.width), height = static_cast<size_t>(mask.height);
  std::vector<char> seen(mask.pixels.size());
  std::vector<size_t> open;
  const auto see = [&](size_t i) {
    if (seen[i] || mask.pixels[i] != 0) return;
    seen[i] = 1;
    open.push_back(i);
  };
  for (size_t x = 0; x < width; ++x) see(x), see((height - 1) * width + x);
  for (size_t y = 0; y < height; ++y) see(y * width), see(y * width + width - 1);
  while (!open.empty()) {
    const size_t i = open.back(), x = i % width, y = i / width;
    open.pop_back();
    if (x > 0) see(i - 1);
    if (x + 1 < width) see(i + 1);
    if (y > 0) see(i - width);
    if (y + 1 < height) see(i + width);
  }
  int64_t enclosed = 0;
  for (size_t i = 0; i < seen.size(); ++i) enclosed += !seen[i] && mask.pixels[i] == 0;
  return enclosed;
}

// Whether hardly any square wider than a line is marked.
bool is_of_lines(const Image& mask, int64_t marked) {
  const int side = std::max(5, std::max(mask.width, mask.height) / 150) + 2;
  const auto width = static_cast<size_t>(mask.width) + 1, size = static_cast<size_t>(side);
  std::vector<int64_t> sums(width * (static_cast<size_t>(mask.height) + 1));  // of the pixels above and to the left
  for (size_t y = 0; y < static_cast<size_t>(mask.height); ++y)
    for (size_t x = 0; x + 1 < width; ++x)
      sums[(y + 1) * width + x + 1] = (mask.pixels[y * (width - 1) + x] != 0) + sums[y * width + x + 1] +
                                      sums[(y + 1) * width + x] - sums[y * width + x];
  int64_t full = 0;
  for (size_t y = size; y <= static_cast<size_t>(mask.height); ++y)
    for (size_t x = size; x < width; ++x)
      full += sums[y * width + x] - sums[(y - size) * width + x] - sums[y * width + x - size] +
                  sums[(y - size) * width + x - size] ==
              static_cast<int64_t>(size * size);
  return 20 * full <= marked;
}

struct Looked {
  bool read = false, outline = false;
};

}  // namespace

bool is_outline(const Image& mask) {
  const auto marked = static_cast<int64_t>(std::ranges::count_if(mask.pixels, [](uint8_t v) { return v != 0; }));
  return marked > 0 && is_of_lines(mask, marked) && 2 * count_enclosed(mask) >= marked;
}

std::string outline_masks(const Dataset& data, const std::string& object) {
  std::vector<std::filesystem::path> files;
  for (const Sample& sample : data.samples)
    if (sample.object == object) files.insert(files.end(), sample.masks.begin(), sample.masks.end());
  std::vector<Looked> looked(files.size());
  const auto look = [&](const std::vector<size_t>& which) {
    parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
      const size_t i = which[static_cast<size_t>(n)];
      try {
        if (!looked[i].read) looked[i] = {.read = true, .outline = is_outline(read_mask(files[i]).image)};
      } catch (const std::exception&) {  // told about where it is used
      }
    });
  };
  const auto outlines = [&] { return static_cast<size_t>(std::ranges::count(looked, true, &Looked::outline)); };
  const auto are_most = [&] {
    return outlines() >= 3 && 2 * outlines() > static_cast<size_t>(std::ranges::count(looked, true, &Looked::read));
  };
  look(spread_sample(files.size()));
  if (!are_most()) return "";
  look(spread_sample(files.size(), files.size()));
  if (!are_most()) return "";
  const auto first = static_cast<size_t>(std::ranges::find(looked, true, &Looked::outline) - looked.begin());
  return std::to_string(outlines()) + " of " + std::to_string(files.size()) +
         " masks are outlines (first: " + place_of(files[first]) +
         "), and what they enclose counts as normal: fill them";
}

}  // namespace iuf
