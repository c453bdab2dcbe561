#include "iuf/learn/known_views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "iuf/checks/spread_sample.h"
#include "tensor/error.h"
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

}  // namespace

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
