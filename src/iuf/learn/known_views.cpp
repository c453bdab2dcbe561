#include "iuf/learn/known_views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "iuf/checks/spread_sample.h"
#include "iuf/stats/tails.h"
#include "iuf/stats/threshold.h"
#include "tensor/error.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr size_t kCells = static_cast<size_t>(KnownViews::kSide * KnownViews::kSide);
constexpr float kEighths = 8;        // of a level: 255.875 has eleven bits, as many as half precision
constexpr double kLeastApart = 0.1;  // levels, by which equal views are rounded apart
constexpr size_t kMostCompared = 1000;

double distance_between(const std::vector<float>& a, const std::vector<float>& b, KnownViews::Compared compared) {
  std::array<double, kCells> squares{};
  for (size_t i = 0; i < kCells; ++i) squares[i] = std::pow(static_cast<double>(a[i] - b[i]), 2);
  auto end = squares.end();
  if (compared == KnownViews::Compared::most) {
    end -= static_cast<std::ptrdiff_t>(kCells / 10);
    std::nth_element(squares.begin(), end, squares.end());
  }
  return std::sqrt(std::accumulate(squares.begin(), end, 0.0) / static_cast<double>(end - squares.begin()));
}

struct Nearest {
  double first = std::numeric_limits<double>::infinity(), second = first;
  size_t place = 0;  // of the first
  // How much farther the second one is, as a logarithm.
  double ratio() const { return std::log(std::max(second, kLeastApart) / std::max(first, kLeastApart)); }
};

// But for the one at `left_out`.
Nearest nearest_to(const std::vector<float>& view, const std::vector<std::vector<float>>& others, size_t left_out,
                   KnownViews::Compared compared) {
  Nearest nearest;
  for (size_t i = 0; i < others.size(); ++i) {
    if (i == left_out) continue;
    const double d = distance_between(view, others[i], compared);
    nearest.second = std::min(nearest.second, std::max(nearest.first, d));
    if (d >= nearest.first) continue;
    nearest.first = d;
    nearest.place = i;
  }
  return nearest;
}

// The largest of these probabilities that is a discovery at this rate of false ones; below 0 where none is. How many
// are by chance is told from those above a half, of which each stands for two.
double largest_discovery(std::vector<double> chances, double rate) {
  std::ranges::sort(chances);
  const auto all = static_cast<double>(chances.size());
  const auto high = static_cast<double>(std::ranges::count_if(chances, [](double p) { return p > 0.5; }));
  const double by_chance = std::min(all, 2 * (high + 1));
  double most = -1;
  for (size_t k = 0; k < chances.size(); ++k)
    if (chances[k] <= rate * static_cast<double>(k + 1) / by_chance) most = chances[k];
  return most;
}

// What remains of views, a row each, when a move, a turn and the light of their mean are taken out.
Tensor unmoved(Tensor rows) {
  constexpr auto kRow = static_cast<int64_t>(kCells);
  constexpr int64_t side = KnownViews::kSide;
  std::array<double, kCells> mean{};
  for (int64_t i = 0; i < rows.size(); ++i)
    mean[static_cast<size_t>(i % kRow)] += static_cast<double>(rows.data()[i]) / static_cast<double>(rows.dim(0));
  const auto slope = [&](int64_t cell, int64_t place, int64_t step) {
    const int64_t before = place > 0 ? cell - step : cell, behind = place + 1 < side ? cell + step : cell;
    return (mean[static_cast<size_t>(behind)] - mean[static_cast<size_t>(before)]) /
           static_cast<double>((behind - before) / step);
  };
  std::vector<std::array<double, kCells>> span(5);
  for (int64_t cell = 0; cell < kRow; ++cell) {
    const int64_t x = cell % side, y = cell / side;
    const double middle = 0.5 * static_cast<double>(side - 1), across = slope(cell, x, 1), down = slope(cell, y, side);
    const std::array<double, 5> values = {
        1, mean[static_cast<size_t>(cell)], across, down,
        (static_cast<double>(x) - middle) * down - (static_cast<double>(y) - middle) * across};
    for (size_t k = 0; k < span.size(); ++k) span[k][static_cast<size_t>(cell)] = values[k];
  }
  const auto take_out = [](const auto& from, const std::array<double, kCells>& unit, auto&& change) {
    double dot = 0;
    for (size_t i = 0; i < kCells; ++i) dot += static_cast<double>(from[i]) * unit[i];
    for (size_t i = 0; i < kCells; ++i) change(i, dot * unit[i]);
  };
  for (size_t k = 0; k < span.size(); ++k) {  // orthonormal: Gram-Schmidt
    const double before = std::inner_product(span[k].begin(), span[k].end(), span[k].begin(), 0.0);
    for (size_t l = 0; l < k; ++l) take_out(span[k], span[l], [&](size_t i, double v) { span[k][i] -= v; });
    const double norm = std::inner_product(span[k].begin(), span[k].end(), span[k].begin(), 0.0);
    const double scale = norm > 1e-9 * before ? 1 / std::sqrt(norm) : 0;  // nothing of its own
    for (double& v : span[k]) v *= scale;
  }
  for (int64_t row = 0; row < rows.dim(0); ++row) {
    real* values = rows.data() + row * kRow;
    for (const auto& unit : span)
      take_out(values, unit, [&](size_t i, double v) { values[i] -= static_cast<real>(v); });
  }
  return rows;
}

// Of each row the nearest other one.
std::vector<size_t> nearest_rows(const Tensor& rows) {
  const int64_t n = rows.dim(0);
  const Tensor dots = kernel::matmul(rows, rows, Trans::no, Trans::yes);
  std::vector<size_t> nearest(static_cast<size_t>(n));
  parallel_for(n, 1, [&](int64_t i, int64_t) {
    double least = std::numeric_limits<double>::infinity();
    for (int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double d = static_cast<double>(dots.data()[j * n + j]) - 2 * static_cast<double>(dots.data()[i * n + j]);
      if (d >= least) continue;
      least = d;
      nearest[static_cast<size_t>(i)] = static_cast<size_t>(j);
    }
  });
  return nearest;
}

double light_of(const std::vector<float>& view) {
  return std::accumulate(view.begin(), view.end(), 0.0) / static_cast<double>(view.size());
}

}  // namespace

std::vector<uint8_t> KnownViews::taken_again(const std::vector<std::vector<float>>& views) const {
  std::vector<uint8_t> again(views.size(), 0);
  std::vector<size_t> usable;  // places of those that can be compared
  for (size_t i = 0; i < views.size(); ++i)
    if (!views[i].empty()) usable.push_back(i);
  const std::vector<size_t> some = spread_sample(views_.size(), kMostAgain);
  if (some.size() < kFewest || usable.empty()) return again;
  const size_t known = some.size(), all = known + usable.size();
  Tensor rows({static_cast<int64_t>(all), static_cast<int64_t>(kCells)});
  for (size_t i = 0; i < all; ++i)
    std::ranges::copy(i < known ? views_[some[i]] : views[usable[i - known]],
                      rows.data() + static_cast<std::ptrdiff_t>(i * kCells));
  const std::vector<size_t> nearest = nearest_rows(unmoved(std::move(rows)));
  std::vector<double> lighter;  // of each pair
  for (size_t i = known; i < all; ++i) {
    if (nearest[i] >= known || nearest[nearest[i]] != i) continue;
    const std::vector<float>& view = views[usable[i - known]];
    again[usable[i - known]] = 1;
    lighter.push_back(light_of(view) / std::max(light_of(views_[some[nearest[i]]]), kLeastApart) - 1);
  }
  constexpr double kOnALine = 2.0 / 3;
  const double chance = kOnALine * static_cast<double>(known) / static_cast<double>(all - 1);
  if (lighter.empty() || std::abs(quantile(lighter, 0.5)) > kMostLighter ||
      binomial_tail(lighter.size(), usable.size(), chance) > kChanceOfAgain)
    again.assign(views.size(), 0);
  return again;
}

std::vector<float> KnownViews::view_of(const ImageFeatures& features, const IgnoredRegion* ignored) {
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(features.pixels.size()) / 3)));
  if (side < kSide) return {};
  std::vector<float> view;
  const auto edge = [&](int64_t cell) { return cell * side / kSide; };
  for (int64_t row = 0; row < kSide; ++row)
    for (int64_t column = 0; column < kSide; ++column) {
      double sum = 0;
      for (int64_t y = edge(row); y < edge(row + 1); ++y)
        for (int64_t x = edge(column); x < edge(column + 1); ++x) {
          if (ignored && ignored->pixels()[static_cast<size_t>(y * side + x)] != 0) continue;
          const uint8_t* rgb = &features.pixels[static_cast<size_t>(3 * (y * side + x))];
          sum += rgb[0] + rgb[1] + rgb[2];
        }
      const auto pixels = static_cast<double>((edge(row + 1) - edge(row)) * (edge(column + 1) - edge(column)));
      view.push_back(std::round(static_cast<float>(sum / (3 * pixels)) * kEighths) / kEighths);
    }
  return view;
}

std::vector<std::vector<float>> views_of(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                                         const std::vector<size_t>& places, const FeatureCache& cache,
                                         const std::shared_ptr<const IgnoredRegion>& ignored) {
  std::vector<std::vector<float>> views(places.size());
  parallel_for(std::ssize(places), 1, [&](int64_t k, int64_t) {
    const size_t i = places[static_cast<size_t>(k)];
    views[static_cast<size_t>(k)] =
        KnownViews::view_of(cache.load(files[i], facts[i].content, {.aligned = false, .local = false}), ignored.get());
  });
  return views;
}

const std::vector<std::vector<float>>& SeenImages::views(const std::shared_ptr<const IgnoredRegion>& ignored) {
  const auto [found, added] = views_.try_emplace(ignored.get(), files_.size());
  if (!added) return found->second;
  std::vector<size_t> places;
  for (size_t i = 0; i < files_.size(); ++i)
    if (facts_[i].content != 0 && !facts_[i].picture.looks.nearly_constant) places.push_back(i);
  std::vector<std::vector<float>> views = views_of(files_, facts_, places, cache_, ignored);
  for (size_t k = 0; k < places.size(); ++k) found->second[places[k]] = std::move(views[k]);
  return found->second;
}

void KnownViews::add(const std::vector<float>& view) {
  if (!view.empty()) views_.push_back(view);
}

std::vector<std::optional<size_t>> KnownViews::known(const std::vector<std::vector<float>>& views,
                                                     Compared compared) const {
  std::vector<std::optional<size_t>> result(views.size());
  if (views_.size() < kFewest) return result;
  const std::vector<size_t> some = spread_sample(views_.size(), kMostCompared);
  std::vector<double> ratios(some.size());
  parallel_for(std::ssize(some), 1, [&](int64_t k, int64_t) {
    const size_t i = some[static_cast<size_t>(k)];
    ratios[static_cast<size_t>(k)] = nearest_to(views_[i], views_, i, compared).ratio();
  });
  const double sum = std::accumulate(ratios.begin(), ratios.end(), 0.0), n = static_cast<double>(ratios.size());
  if (sum <= 0) return result;  // all are alike
  std::vector<double> chances(views.size(), 1);
  std::vector<size_t> places(views.size());
  parallel_for(std::ssize(views), 1, [&](int64_t k, int64_t) {
    const auto i = static_cast<size_t>(k);
    if (views[i].empty()) return;
    const Nearest nearest = nearest_to(views[i], views_, views_.size(), compared);
    places[i] = nearest.place;
    if (nearest.first <= kMostApart) chances[i] = std::pow(1 + nearest.ratio() / sum, -n);
  });
  const double most = largest_discovery(chances, kChance);
  for (size_t i = 0; i < views.size(); ++i)
    if (chances[i] <= most) result[i] = places[i];
  return result;
}

void KnownViews::save(SafetensorsWriter& writer, const std::string& name) const {
  if (views_.empty()) return;
  Tensor all({std::ssize(views_), kSide * kSide});
  for (size_t i = 0; i < views_.size(); ++i)
    std::ranges::copy(views_[i], all.data() + static_cast<std::ptrdiff_t>(i * kCells));
  writer.add(name, all, DType::f16);
}

KnownViews KnownViews::load(const TensorFile& file, const std::string& name) {
  KnownViews known;
  if (!file.contains(name)) return known;
  const Tensor all = file.tensor(name);
  if (all.rank() != 2 || all.dim(1) != kSide * kSide)
    fail(file.path(), ": damaged model: '", name, "' is of shape ", all.shape(), ", not n x ", kSide * kSide);
  for (int64_t i = 0; i < all.dim(0); ++i) {
    const real* row = all.data() + i * kSide * kSide;
    known.views_.emplace_back(row, row + kSide * kSide);
  }
  return known;
}

}  // namespace iuf
