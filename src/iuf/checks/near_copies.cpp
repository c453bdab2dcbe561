#include "iuf/checks/near_copies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "iuf/checks/spread_sample.h"
#include "nn/file.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

// Levels. On photographs of seven products JPEGs of quality 50 to 95 keep nine tenths of the cells within 2.3 and all
// within 4.6 times that; what was drawn into a picture stands out.
constexpr double kUsual = 3, kMostApart = 12, kOverUsual = 5.5, kLevelRounding = 0.15, kLight = 3;
constexpr int kCopyCell = 4, kFine = 2, kCellsABlock = 4;  // pixels a cell; fine cells a side of a block
// Of two frames the noise is as strong (0.9 and more) and has nothing in common; compression takes some, or leaves it.
constexpr double kNoise = 0.3, kLeastNoise = 0.7, kSameNoise = 0.3;
constexpr size_t kFewestBlocks = 8;
constexpr int kCoarse = 16;  // cells a side
constexpr double kCoarseMost = 2;
constexpr size_t kCandidates = 3, kOthers = 8, kFewestOthers = 3, kMostLearned = 5000;
constexpr double kOtherLevels = 6, kOtherTimes = 3;

double quantile_of(std::vector<double> values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Means of square cells, those at the right and at the bottom that are not whole aside.
struct Cells {
  int columns = 0, rows = 0;
  std::vector<double> means = {};
  double at(int x, int y) const {
    return means[static_cast<size_t>(y) * static_cast<size_t>(columns) + static_cast<size_t>(x)];
  }
};

Cells cells_of(const GrayPicture& picture, int width, int height) {
  Cells cells{picture.width / width, picture.height / height};
  for (int row = 0; row < cells.rows; ++row)
    for (int column = 0; column < cells.columns; ++column) {
      double sum = 0;
      for (int y = row * height; y < (row + 1) * height; ++y) {
        const float* line = &picture.pixels[static_cast<size_t>(y) * static_cast<size_t>(picture.width)];
        for (int x = column * width; x < (column + 1) * width; ++x) sum += static_cast<double>(line[x]);
      }
      cells.means.push_back(sum / (width * height));
    }
  return cells;
}

struct Difference {
  double light = 0, usual = 0, most = 0;  // the median; of nine tenths and of all the largest, without it
};

Difference difference(const GrayPicture& a, const GrayPicture& b) {
  const Cells of_a = cells_of(a, kCopyCell, kCopyCell), of_b = cells_of(b, kCopyCell, kCopyCell);
  std::vector<double> differences;
  for (size_t i = 0; i < of_a.means.size(); ++i) differences.push_back(of_a.means[i] - of_b.means[i]);
  if (differences.empty()) return {};
  Difference result{.light = quantile_of(differences, 0.5)};
  for (double& d : differences) d = std::abs(d - result.light);
  result.usual = quantile_of(differences, 0.9);
  result.most = *std::ranges::max_element(differences);
  return result;
}

// Of a fine cell: what its neighbours do not have.
double detail(const Cells& cells, int x, int y) {
  return cells.at(x, y) - (cells.at(x - 1, y) + cells.at(x + 1, y) + cells.at(x, y - 1) + cells.at(x, y + 1)) / 4;
}

// Sums over the fine cells of a block: the details of both, squared, and their product.
struct Details {
  double aa = 0, bb = 0, ab = 0;
  double together() const { return aa + bb + 2 * ab; }
};

// Of all blocks with details.
std::vector<Details> details_of(const Cells& a, const Cells& b) {
  std::vector<Details> blocks;
  for (int top = kCellsABlock; top + 2 * kCellsABlock <= a.rows; top += kCellsABlock)
    for (int left = kCellsABlock; left + 2 * kCellsABlock <= a.columns; left += kCellsABlock) {
      Details block;
      for (int y = top; y < top + kCellsABlock; ++y)
        for (int x = left; x < left + kCellsABlock; ++x) {
          const double in_a = detail(a, x, y), in_b = detail(b, x, y);
          block.aa += in_a * in_a;
          block.bb += in_b * in_b;
          block.ab += in_a * in_b;
        }
      if (std::max(block.aa, block.bb) >= kNoise * kCellsABlock * kCellsABlock) blocks.push_back(block);
    }
  return blocks;
}

// Whether both have noise, and each its own: in the quarter of the blocks with the least details, where noise shows.
bool have_own_noise(const GrayPicture& a, const GrayPicture& b) {
  std::vector<Details> blocks = details_of(cells_of(a, kFine, kFine), cells_of(b, kFine, kFine));
  if (blocks.size() < kFewestBlocks) return false;
  std::ranges::sort(blocks, {}, &Details::together);
  Details all;
  for (size_t i = 0; i <= blocks.size() / 4; ++i) {
    all.aa += blocks[i].aa;
    all.bb += blocks[i].bb;
    all.ab += blocks[i].ab;
  }
  return std::min(all.aa, all.bb) >= kLeastNoise * std::max(all.aa, all.bb) &&
         all.ab < kSameNoise * std::sqrt(all.aa * all.bb);
}

bool are_of_one_size(const GrayPicture& a, const GrayPicture& b) {
  return a.width == b.width && a.height == b.height;
}

// A coarse view, by which candidates are found; none of a picture that is too small or cannot be read.
struct Coarse {
  int width = 0, height = 0;
  double mean = 0;
  std::array<float, static_cast<size_t>(kCoarse* kCoarse)> cells = {};  // without the mean
};

std::optional<GrayPicture> read_gray(const std::string& file, const PhotoReading& reading) {
  try {
    return gray_of(decode_photograph(read_file(file), file, reading).image);
  } catch (const std::exception&) {  // told about where it is used
    return std::nullopt;
  }
}

std::optional<Coarse> coarse_view(const std::string& file, const PhotoReading& reading) {
  const std::optional<GrayPicture> picture = read_gray(file, reading);
  if (!picture || std::min(picture->width, picture->height) < kCoarse * kCopyCell) return std::nullopt;
  Coarse view{picture->width, picture->height};
  const Cells cells = cells_of(*picture, picture->width / kCoarse, picture->height / kCoarse);
  for (int y = 0; y < kCoarse; ++y)
    for (int x = 0; x < kCoarse; ++x) view.mean += cells.at(x, y) / (kCoarse * kCoarse);
  for (int y = 0; y < kCoarse; ++y)
    for (int x = 0; x < kCoarse; ++x)
      view.cells[static_cast<size_t>(y * kCoarse + x)] = static_cast<float>(cells.at(x, y) - view.mean);
  return view;
}

std::vector<std::optional<Coarse>> coarse_views(const std::vector<std::string>& files, const std::vector<size_t>& which,
                                                const PhotoReading& reading) {
  std::vector<std::optional<Coarse>> views(files.size());
  parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
    const size_t i = which[static_cast<size_t>(n)];
    views[i] = coarse_view(files[i], reading);
  });
  return views;
}

// The nearest of those that are near enough, by their places.
std::vector<size_t> candidates(const Coarse& test, const std::vector<std::optional<Coarse>>& learned) {
  std::vector<std::pair<double, size_t>> near;
  for (size_t i = 0; i < learned.size(); ++i) {
    if (!learned[i] || learned[i]->width != test.width || learned[i]->height != test.height) continue;
    if (std::abs(learned[i]->mean - test.mean) > kLight) continue;
    double squares = 0;
    for (size_t k = 0; k < test.cells.size(); ++k) {
      const auto d = static_cast<double>(test.cells[k] - learned[i]->cells[k]);
      squares += d * d;
    }
    const double mean = std::sqrt(squares / static_cast<double>(test.cells.size()));
    if (mean <= kCoarseMost) near.emplace_back(mean, i);
  }
  std::ranges::sort(near);
  std::vector<size_t> places;
  for (size_t i = 0; i < std::min(near.size(), kCandidates); ++i) places.push_back(near[i].second);
  return places;
}

}  // namespace

GrayPicture gray_of(const Image& image) {
  GrayPicture picture{image.width, image.height};
  const auto channels = static_cast<size_t>(image.channels);
  for (size_t i = 0; i + channels <= image.pixels.size(); i += channels) {
    int sum = 0;
    for (size_t c = 0; c < channels; ++c) sum += image.pixels[i + c];
    picture.pixels.push_back(static_cast<float>(sum) / static_cast<float>(channels));
  }
  return picture;
}

double largest_difference(const GrayPicture& a, const GrayPicture& b) {
  return difference(a, b).most;
}

namespace {

enum class Differ { by_compression, by_a_part, otherwise };

Differ how_differ(const GrayPicture& a, const GrayPicture& b) {
  if (!are_of_one_size(a, b)) return Differ::otherwise;
  const Difference found = difference(a, b);
  if (std::abs(found.light) > kLight || found.usual > kUsual || have_own_noise(a, b)) return Differ::otherwise;
  return found.most <= kMostApart && found.most <= kOverUsual * (found.usual + kLevelRounding) ? Differ::by_compression
                                                                                               : Differ::by_a_part;
}

}  // namespace

bool differ_by_compression(const GrayPicture& a, const GrayPicture& b) {
  return how_differ(a, b) == Differ::by_compression;
}

bool differ_by_a_part(const GrayPicture& a, const GrayPicture& b) {
  return how_differ(a, b) == Differ::by_a_part;
}

std::vector<NearCopy> near_copies(const std::vector<std::string>& tests, const std::vector<std::string>& learned,
                                  const PhotoReading& reading) {
  const auto learned_views = coarse_views(learned, spread_sample(learned.size(), kMostLearned), reading),
             test_views = coarse_views(tests, spread_sample(tests.size(), tests.size()), reading);
  std::vector<std::vector<size_t>> near(tests.size());
  for (size_t i = 0; i < tests.size(); ++i)
    if (test_views[i]) near[i] = candidates(*test_views[i], learned_views);
  if (std::ranges::all_of(near, [](const auto& own) { return own.empty(); })) return {};
  std::vector<std::pair<size_t, GrayPicture>> others;
  for (const size_t i : spread_sample(learned.size(), kOthers))
    if (auto picture = read_gray(learned[i], reading)) others.emplace_back(i, std::move(*picture));
  std::vector<std::optional<NearCopy>> found(tests.size());
  parallel_for(static_cast<int64_t>(tests.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    const std::optional<GrayPicture> test = near[i].empty() ? std::nullopt : read_gray(tests[i], reading);
    for (const size_t candidate : near[i]) {
      const std::optional<GrayPicture> copy = test ? read_gray(learned[candidate], reading) : std::nullopt;
      if (!copy || found[i] || test->pixels == copy->pixels || !differ_by_compression(*test, *copy)) continue;
      std::vector<double> differences;
      for (const auto& [place, other] : others)
        if (place != candidate && are_of_one_size(*test, other))
          differences.push_back(largest_difference(*test, other));
      if (differences.size() < kFewestOthers) continue;
      const double least = std::max(kOtherLevels, kOtherTimes * largest_difference(*test, *copy));
      if (quantile_of(differences, 0.5) >= least) found[i] = NearCopy{i, candidate};
    }
  });
  std::vector<NearCopy> copies;
  for (const auto& copy : found)
    if (copy) copies.push_back(*copy);
  return copies;
}

}  // namespace iuf
