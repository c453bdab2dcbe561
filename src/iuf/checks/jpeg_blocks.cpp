#include "iuf/checks/jpeg_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "iuf/checks/median.h"
#include "iuf/checks/picture_uses.h"
#include "iuf/data/listing.h"

namespace iuf {
namespace {

constexpr int kBlockSide = 8, kFewestSides = 3;
constexpr int kMostLines = 1024;  // that are looked at, each way
constexpr int kMostStep = 72;     // sums of three channels: an edge of the part weighs no more
constexpr double kLeastStep = 0.15;
// Photographs of four products that are no JPEGs are at 0.90 to 1.15, nine tenths of each. Of three that are, normal
// and defective ones overlap.
constexpr double kHasBlocks = 1.3, kTimesMore = 1.25;
constexpr size_t kFewestOfLabel = 5;

int gray_sum(const uint8_t* rgb) {
  return rgb[0] + rgb[1] + rgb[2];
}

// From one pixel to the next, what goes on before and behind them aside: by where the first of both lies in its block.
class Steps {
 public:
  void add(int place, int a, int b, int c, int d) {
    sums_[static_cast<size_t>(place % kBlockSide)] += std::min(std::abs(3 * (c - b) - (d - a)), kMostStep);
    ++counts_[static_cast<size_t>(place % kBlockSide)];
  }
  double edges_over_others() const {
    std::vector<double> others;
    for (size_t i = 0; i + 1 < sums_.size(); ++i) others.push_back(mean(i));
    return (mean(sums_.size() - 1) + kLeastStep) / (median(others) + kLeastStep);
  }

 private:
  double mean(size_t place) const { return static_cast<double>(sums_[place]) / static_cast<double>(counts_[place]); }

  std::array<int64_t, kBlockSide> sums_{}, counts_{};
};

// The value that this share of them lies below.
double share_below(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

std::vector<double> blocks_in(const std::vector<PictureUse>& uses, bool defect) {
  std::vector<double> values;
  for (const PictureUse& use : uses)
    if (!use.train && use.defect == defect)
      for (const auto& traces : use.traces)
        if (traces) values.push_back(traces->block_edges);
  return values;
}

bool have_blocks(const std::vector<double>& those, const std::vector<double>& others) {
  const double least = share_below(those, 0.1);
  return least >= kHasBlocks && least >= kTimesMore * share_below(others, 0.9);
}

}  // namespace

double block_edges(const Image& image) {
  if (std::min(image.width, image.height) < kFewestSides * kBlockSide) return 1;
  Steps across, down;
  for (int y = 0; y < image.height; y += 1 + image.height / kMostLines) {
    const uint8_t* row = image.row(y);
    for (int x = 1; x + 2 < image.width; ++x)
      across.add(x, gray_sum(row + 3 * (x - 1)), gray_sum(row + 3 * x), gray_sum(row + 3 * (x + 1)),
                 gray_sum(row + 3 * (x + 2)));
  }
  for (int y = 1; y + 2 < image.height; ++y) {
    const uint8_t *a = image.row(y - 1), *b = image.row(y), *c = image.row(y + 1), *d = image.row(y + 2);
    for (int x = 0; x < 3 * image.width; x += 3 * (1 + image.width / kMostLines))
      down.add(y, gray_sum(a + x), gray_sum(b + x), gray_sum(c + x), gray_sum(d + x));
  }
  return std::sqrt(across.edges_over_others() * down.edges_over_others());
}

std::string jpeg_blocks(const std::vector<PictureUse>& uses) {
  const std::vector<double> normal = blocks_in(uses, false), defects = blocks_in(uses, true);
  if (std::min(normal.size(), defects.size()) < kFewestOfLabel) return "";
  const bool of_defects = have_blocks(defects, normal);
  if (!of_defects && !have_blocks(normal, defects)) return "";
  const std::string those = of_defects ? "defective" : "normal", others = of_defects ? "normal" : "defective";
  const std::vector<double>& values = of_defects ? defects : normal;
  const auto count = std::ranges::count_if(values, [](double v) { return v >= kHasBlocks; });
  std::string first;
  for (const PictureUse& use : uses)
    for (size_t i = 0; i < use.samples.size() && first.empty(); ++i)
      if (!use.train && use.defect == of_defects && use.traces[i] && use.traces[i]->block_edges >= kHasBlocks)
        first = place_of(use.samples[i]->file);
  return std::to_string(count) + " of " + std::to_string(values.size()) + " " + those +
         " test images that were looked at have the blocks of a strongly compressed JPEG, whatever their format now, " +
         "and " + others + " ones hardly any (first: " + first +
         "): sent or saved in another way? Figures may tell that apart, not the defects; take the files of the camera";
}

}  // namespace iuf
