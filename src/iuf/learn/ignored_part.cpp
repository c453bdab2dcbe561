#include "iuf/learn/ignored_part.h"

#include <array>
#include <cmath>

#include "iuf/checks/median.h"
#include "iuf/checks/spread_sample.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr int64_t kBorder = 32;  // of a side
constexpr double kBeyond = 4, kMostOfPart = 0.5;

}  // namespace

std::optional<double> ignored_part(const ImageFeatures& features, const IgnoredRegion& region) {
  const int64_t side = region.side(), wide = std::max<int64_t>(1, side / kBorder);
  const auto is_border = [&](int64_t pixel) {
    const int64_t x = pixel % side, y = pixel / side;
    return std::min({x, y, side - 1 - x, side - 1 - y}) < wide;
  };
  std::array<std::vector<double>, 3> border;
  size_t all = 0;
  for (int64_t i = 0; i < side * side; ++i) {
    if (!is_border(i)) continue;
    ++all;
    for (size_t c = 0; c < 3 && !region.holds(i); ++c)
      border[c].push_back(features.pixels[static_cast<size_t>(3 * i) + c]);
  }
  if (2 * border[0].size() < all) return std::nullopt;
  std::array<double, 3> colour{};
  for (size_t c = 0; c < 3; ++c) colour[c] = median(border[c]);
  const auto difference = [&](const auto& value_of) {
    double squares = 0;
    for (size_t c = 0; c < 3; ++c) squares += std::pow(value_of(c) - colour[c], 2);
    return squares;
  };
  double usual = 0;
  for (size_t k = 0; k < border[0].size(); ++k) usual += difference([&](size_t c) { return border[c][k]; });
  usual *= kBeyond / static_cast<double>(border[0].size());
  double whole = 0, ignored = 0;
  for (int64_t i = 0; i < side * side; ++i) {
    const double beyond =
        difference([&](size_t c) { return static_cast<double>(features.pixels[static_cast<size_t>(3 * i) + c]); }) -
        usual;
    if (beyond <= 0) continue;
    whole += beyond;
    if (region.holds(i)) ignored += beyond;
  }
  return whole > 0 ? std::optional(ignored / whole) : std::nullopt;
}

std::string ignored_part_text(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                              const FeatureCache& cache, const IgnoredRegion& region) {
  const std::vector<size_t> looked_at = spread_sample(files.size());
  std::vector<std::optional<double>> parts(looked_at.size());
  parallel_for(std::ssize(looked_at), 1, [&](int64_t k, int64_t) {
    const size_t i = looked_at[static_cast<size_t>(k)];
    parts[static_cast<size_t>(k)] =
        ignored_part(cache.load(files[i], facts[i].content, {.aligned = false, .local = false}), region);
  });
  std::vector<double> shares;
  for (const std::optional<double>& part : parts)
    if (part) shares.push_back(*part);
  if (2 * shares.size() < parts.size() || shares.empty()) return "";
  const double usual = median(shares);
  if (usual <= kMostOfPart) return "";
  return "the mask of what is ignored covers " + std::to_string(std::lround(100 * usual)) +
         " % of what stands out of the background: does it mark the part itself? What it marks is never judged";
}

}  // namespace iuf
