#include "iuf/checks/still_part.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace iuf {
namespace {

constexpr int kParts = 16, kSamples = 8;  // a side
constexpr double kMostApart = 1;          // levels

}  // namespace

std::vector<float> coarse_view(const Image& image) {
  std::vector<float> view;
  if (std::min(image.width, image.height) < kParts) return view;
  const auto at = [](int part, int sample, int pixels) {  // in the middle of each of so many pieces of a part
    return static_cast<int>((2 * (int64_t{part} * kSamples + sample) + 1) * pixels / (2 * kParts * kSamples));
  };
  for (int row = 0; row < kParts; ++row)
    for (int column = 0; column < kParts; ++column) {
      int sum = 0;
      for (int i = 0; i < kSamples; ++i) {
        const uint8_t* line = image.row(at(row, i, image.height));
        for (int j = 0; j < kSamples; ++j) {
          const uint8_t* rgb = line + 3 * at(column, j, image.width);
          sum += rgb[0] + rgb[1] + rgb[2];
        }
      }
      view.push_back(static_cast<float>(sum) / (3 * kSamples * kSamples));
    }
  return view;
}

bool are_near(const std::vector<float>& a, const std::vector<float>& b) {
  return !a.empty() && a.size() == b.size() && distance(a, b) <= kMostApart;
}

bool are_of_one_part(const Scene& a, const Scene& b) {
  return are_comparable(a, b) && distance(a, b) <= distance_by_noise(a, b);
}

bool StillPart::take(const Image& image) {
  std::vector<float> view = coarse_view(image);
  const bool is_near = are_near(view_, view);
  view_ = std::move(view);
  if (!is_near) {
    scene_.reset();
    in_a_row_ = 1;
    return false;
  }
  Scene scene = scene_of(image);
  in_a_row_ = !scene_ || are_of_one_part(*scene_, scene) ? in_a_row_ + 1 : 1;
  scene_ = std::move(scene);
  return in_a_row_ == kInARow;
}

}  // namespace iuf
