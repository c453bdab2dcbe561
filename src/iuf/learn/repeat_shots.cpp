#include "iuf/learn/repeat_shots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>

#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

constexpr real kGrain = real(0.7), kLight = 3;  // pixels
constexpr int64_t kShotBorder = kShotSide / 7;
constexpr double kMiddle = 0.5 * static_cast<double>(kShotSide - 1);
constexpr size_t kFreedoms = 4;  // across, down, turn, light
constexpr int kIterations = 6;
constexpr double kMostMoved = 1.5, kMostTurned = 0.02;  // of one iteration: pixels, radians
constexpr double kLeastGain = 0.3;
constexpr size_t kMostRanks = 40;  // of the nearest, which are looked at for shots of one part
constexpr double kFloor = 1e-3;    // what noise and resampling leave

// What is compared of pictures: without their light, their grain and their border, where other things move in.
struct Bands {
  Tensor maps;                      // N x kShotSide x kShotSide
  std::vector<size_t> pixels = {};  // of a map, which are compared

  const real* of(size_t picture) const { return maps.data() + static_cast<int64_t>(picture) * kShotSide * kShotSide; }
};

Bands bands_of(const Tensor& pictures, const std::vector<uint8_t>& used) {
  Bands bands{kernel::gaussian_blur(pictures, kGrain)};
  const Tensor light = kernel::gaussian_blur(pictures, kLight);
  for (int64_t i = 0; i < light.size(); ++i) bands.maps.data()[i] -= light.data()[i];
  for (int64_t y = kShotBorder; y < kShotSide - kShotBorder; ++y)
    for (int64_t x = kShotBorder; x < kShotSide - kShotBorder; ++x)
      if (const auto at = static_cast<size_t>(y * kShotSide + x); used[at] != 0) bands.pixels.push_back(at);
  return bands;
}

// How the value at a pixel changes when the picture moves across or down by one, or turns by a radian.
std::array<double, 3> slopes(const real* map, size_t at) {
  const double across = 0.5 * static_cast<double>(map[at + 1] - map[at - 1]);
  const double down = 0.5 * static_cast<double>(map[at + kShotSide] - map[at - kShotSide]);
  const double x = static_cast<double>(at % kShotSide) - kMiddle, y = static_cast<double>(at / kShotSide) - kMiddle;
  return {across, down, x * down - y * across};
}

void make_unit(std::span<real> row) {
  const real norm = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), real(0)));
  for (real& v : row) v = norm > real(1e-6) ? v / norm : 0;
}

// How much of each picture (column) each one (row) explains when it moves by little: N x N, shares of the energy.
Tensor explained(const Bands& bands) {
  const int64_t n = bands.maps.dim(0);
  const auto pixels = std::ssize(bands.pixels), freedoms = static_cast<int64_t>(kFreedoms);
  Tensor values({n, pixels}), spans({n * freedoms, pixels});  // each picture's spans are orthonormal: Gram-Schmidt
  parallel_for(n, 1, [&](int64_t i, int64_t) {
    const real* map = bands.of(static_cast<size_t>(i));
    const std::span<real> value = values.rows(i, 1).span();
    const std::span<real> span = spans.rows(i * freedoms, freedoms).span();
    for (size_t p = 0; p < value.size(); ++p) {
      const auto slope = slopes(map, bands.pixels[p]);
      value[p] = span[p] = map[bands.pixels[p]];
      for (size_t k = 0; k < slope.size(); ++k) span[(k + 1) * value.size() + p] = static_cast<real>(slope[k]);
    }
    make_unit(value);
    for (size_t k = 0; k < kFreedoms; ++k) {
      const std::span<real> row = span.subspan(k * value.size(), value.size());
      for (size_t l = 0; l < k; ++l) {
        const std::span<real> other = span.subspan(l * value.size(), value.size());
        const real dot = std::inner_product(row.begin(), row.end(), other.begin(), real(0));
        for (size_t p = 0; p < row.size(); ++p) row[p] -= dot * other[p];
      }
      make_unit(row);
    }
  });
  const Tensor dots = kernel::matmul(spans, values, Trans::no, Trans::yes);
  Tensor shares = Tensor::zeros({n, n});
  for (int64_t row = 0; row < n * freedoms; ++row)
    for (int64_t j = 0; j < n; ++j) {
      const real dot = dots.data()[row * n + j];
      shares.data()[row / freedoms * n + j] += dot * dot;
    }
  return shares;
}

struct Pose {
  double across = 0, down = 0, turn = 0;
};

// Weights of the four neighbours, of which the second is at 0 and the third at 1: Catmull and Rom's cubic, which keeps
// fine structure where a linear one would blur it.
std::array<real, 4> cubic(real t) {
  const real t2 = t * t, t3 = t2 * t;
  return {real(0.5) * (-t3 + 2 * t2 - t), real(0.5) * (3 * t3 - 5 * t2 + 2), real(0.5) * (-3 * t3 + 4 * t2 + t),
          real(0.5) * (t3 - t2)};
}

std::vector<real> moved(const real* map, const Pose& pose) {
  std::vector<real> result(static_cast<size_t>(kShotSide * kShotSide));
  constexpr auto kLast = static_cast<double>(kShotSide - 3);
  const double cosine = std::cos(pose.turn), sine = std::sin(pose.turn);
  for (int64_t y = 0; y < kShotSide; ++y)
    for (int64_t x = 0; x < kShotSide; ++x) {
      const double u = static_cast<double>(x) - kMiddle, v = static_cast<double>(y) - kMiddle;
      const double from_x = std::clamp(kMiddle + cosine * u - sine * v + pose.across, 1.0, kLast);
      const double from_y = std::clamp(kMiddle + sine * u + cosine * v + pose.down, 1.0, kLast);
      const auto x0 = static_cast<int64_t>(from_x), y0 = static_cast<int64_t>(from_y);
      const auto across = cubic(static_cast<real>(from_x - static_cast<double>(x0)));
      const auto down = cubic(static_cast<real>(from_y - static_cast<double>(y0)));
      real sum = 0;
      for (int64_t r = 0; r < 4; ++r) {
        const real* p = map + (y0 + r - 1) * kShotSide + x0 - 1;
        sum +=
            down[static_cast<size_t>(r)] * (across[0] * p[0] + across[1] * p[1] + across[2] * p[2] + across[3] * p[3]);
      }
      result[static_cast<size_t>(y * kShotSide + x)] = sum;
    }
  return result;
}

using Normal = std::array<std::array<double, kFreedoms + 1>, kFreedoms>;  // of least squares, the right side last

// Gauss elimination with pivots on the diagonal, which a share of the trace keeps away from zero.
std::array<double, kFreedoms> solved(Normal m) {
  double trace = 0;
  for (size_t i = 0; i < kFreedoms; ++i) trace += m[i][i];
  for (size_t i = 0; i < kFreedoms; ++i) m[i][i] += 1e-6 * trace / kFreedoms + 1e-12;
  for (size_t i = 0; i < kFreedoms; ++i)
    for (size_t r = i + 1; r < kFreedoms; ++r) {
      const double factor = m[r][i] / m[i][i];
      for (size_t c = i; c <= kFreedoms; ++c) m[r][c] -= factor * m[i][c];
    }
  std::array<double, kFreedoms> x{};
  for (size_t i = kFreedoms; i-- > 0;) {
    x[i] = m[i][kFreedoms];
    for (size_t c = i + 1; c < kFreedoms; ++c) x[i] -= m[i][c] * x[c];
    x[i] /= m[i][i];
  }
  return x;
}

// The share of the second picture's energy that the first one leaves when it is moved, turned and made lighter so that
// it fits best: Gauss-Newton.
double left_of(const Bands& bands, size_t a, size_t b) {
  const real* target = bands.of(b);
  Pose pose;
  double share = 1;
  for (int i = 0; i < kIterations; ++i) {
    const std::vector<real> map = moved(bands.of(a), pose);
    Normal normal{};
    double energy = 0;
    for (const size_t at : bands.pixels) {
      const auto slope = slopes(map.data(), at);
      const std::array<double, kFreedoms + 1> row = {static_cast<double>(map[at]), slope[0], slope[1], slope[2],
                                                     static_cast<double>(target[at])};
      for (size_t r = 0; r < kFreedoms; ++r)
        for (size_t c = r; c <= kFreedoms; ++c) normal[r][c] += row[r] * row[c];
      energy += row[kFreedoms] * row[kFreedoms];
    }
    if (energy <= 0) return 1;
    for (size_t r = 0; r < kFreedoms; ++r)
      for (size_t c = 0; c < r; ++c) normal[r][c] = normal[c][r];
    const auto x = solved(normal);
    double fitted = 0;  // of the energy: 2 x.b - x.A.x
    for (size_t r = 0; r < kFreedoms; ++r) {
      fitted += 2 * x[r] * normal[r][kFreedoms];
      for (size_t c = 0; c < kFreedoms; ++c) fitted -= x[r] * normal[r][c] * x[c];
    }
    share = std::clamp(1 - fitted / energy, 0.0, 1.0);
    const double gain = std::max(kLeastGain, x[0]);
    pose.across += std::clamp(x[1] / gain, -kMostMoved, kMostMoved);
    pose.down += std::clamp(x[2] / gain, -kMostMoved, kMostMoved);
    pose.turn += std::clamp(x[3] / gain, -kMostTurned, kMostTurned);
  }
  return share;
}

struct Edge {
  double left;
  size_t a, b;
};

// Compares pictures with those that are nearest as far as coarse ones tell.
class Comparison {
 public:
  Comparison(const Tensor& pictures, const std::vector<uint8_t>& used)
      : count_(static_cast<size_t>(pictures.dim(0))), bands_(bands_of(pictures, used)), shares_(explained(bands_)) {}

  // Of every picture, those to others of these ranks, in order.
  std::vector<Edge> edges(const std::vector<size_t>& ranks) const {
    std::vector<std::vector<Edge>> own(count_);
    parallel_for(std::ssize(own), 1, [&](int64_t k, int64_t) {
      const auto i = static_cast<size_t>(k);
      const std::vector<size_t> others = nearest(i);
      for (const size_t rank : ranks)
        own[i].push_back({std::max(kFloor, left_of(bands_, i, others[rank])), i, others[rank]});
    });
    std::vector<Edge> all;
    for (const std::vector<Edge>& edges : own) all.insert(all.end(), edges.begin(), edges.end());
    std::ranges::stable_sort(all, {}, &Edge::left);
    return all;
  }

 private:
  std::vector<size_t> nearest(size_t i) const {
    std::vector<size_t> others(count_);
    std::iota(others.begin(), others.end(), size_t{0});
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto share = [&](size_t j) { return shares_.data()[i * count_ + j] + shares_.data()[j * count_ + i]; };
    std::ranges::stable_sort(others, std::greater<>(), share);
    return others;
  }

  size_t count_;
  Bands bands_;
  Tensor shares_;
};

// Trees of pictures that edges join; a tree's root is its first picture.
class Trees {
 public:
  explicit Trees(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t root(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  // False where they are joined already.
  bool join(size_t a, size_t b) {
    a = root(a), b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
    return a != b;
  }

 private:
  std::vector<size_t> parent_;
};

// What shots of one part differ by at most: the middle of the longest step between the tree's edges, which are in
// order. None where there is no such step.
std::optional<double> most_of_shots(const std::vector<double>& tree, size_t pictures) {
  double longest = pictures < kFew ? kLeastStepOfFew : kLeastStep;
  std::optional<double> most;
  for (size_t k = std::max<size_t>(3, (pictures + 9) / 10); k < tree.size() && tree[k - 1] <= kMostLeft; ++k) {
    const double step = tree[k] / tree[k - 1];
    if (step < longest) continue;
    longest = step;
    most = std::sqrt(tree[k] * tree[k - 1]);
  }
  return most;
}

std::vector<size_t> own_places(size_t count) {
  std::vector<size_t> places(count);
  std::iota(places.begin(), places.end(), size_t{0});
  return places;
}

}  // namespace

std::vector<size_t> first_shots(const Tensor& pictures, const std::vector<uint8_t>& used) {
  const auto n = static_cast<size_t>(pictures.dim(0));
  std::vector<size_t> first = own_places(n);
  if (n < kFewestShots) return first;
  const Comparison comparison(pictures, used);
  std::vector<size_t> ranks;  // farther ones too, since shots of one part may be all that is near
  for (size_t rank = 0; rank + 1 < n; rank = std::max(rank + 1, rank * 4 / 3)) ranks.push_back(rank);
  Trees trees(n);
  std::vector<double> tree;
  for (const Edge& edge : comparison.edges(ranks))
    if (trees.join(edge.a, edge.b)) tree.push_back(edge.left);
  const std::optional<double> most = most_of_shots(tree, n);
  if (!most) return first;
  ranks.resize(std::min(n - 1, kMostRanks));
  std::iota(ranks.begin(), ranks.end(), size_t{0});
  Trees parts(n);
  for (const Edge& edge : comparison.edges(ranks))
    if (edge.left < *most) parts.join(edge.a, edge.b);
  for (size_t i = 0; i < n; ++i) first[i] = parts.root(i);
  return first;
}

std::vector<size_t> first_shots(const std::vector<TrainingImage>& images, const FeatureCache& cache,
                                const std::shared_ptr<const IgnoredRegion>& ignored) {
  const int64_t side = cache.extractor().size();
  if (images.size() < kFewestShots || images.size() > kMostShots || side < kShotSide) return own_places(images.size());
  const auto is_ignored = [&](int64_t pixel) { return ignored && ignored->holds(pixel); };
  Tensor pictures({std::ssize(images), kShotSide, kShotSide});
  parallel_for(std::ssize(images), 1, [&](int64_t k, int64_t) {
    const TrainingImage& image = images[static_cast<size_t>(k)];
    const ImageFeatures features = cache.load(image.file, image.hash, {.aligned = false, .local = false});
    Tensor gray({1, side, side, 1});
    for (int64_t p = 0; p < side * side; ++p) {
      const uint8_t* rgb = &features.pixels[static_cast<size_t>(3 * p)];
      gray.data()[p] = is_ignored(p) ? 0 : static_cast<real>(rgb[0] + rgb[1] + rgb[2]) / 3;
    }
    // Smooth enough that a shift by less than a cell does not show as aliasing.
    const Tensor smooth =
        kernel::gaussian_blur(gray.reshape({1, side, side}), real(0.5) * static_cast<real>(side) / kShotSide);
    const Tensor small = kernel::pool_area(smooth.reshape({1, side, side, 1}), kShotSide, kShotSide);
    std::copy_n(small.data(), small.size(), pictures.data() + k * small.size());
  });
  std::vector<uint8_t> used(static_cast<size_t>(kShotSide * kShotSide), 1);
  for (int64_t p = 0; p < side * side; ++p)
    if (is_ignored(p))
      used[static_cast<size_t>(p / side * kShotSide / side * kShotSide + p % side * kShotSide / side)] = 0;
  return first_shots(pictures, used);
}

}  // namespace iuf
