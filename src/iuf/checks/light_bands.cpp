#include "iuf/checks/light_bands.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "iuf/checks/median.h"

namespace iuf {
namespace {

constexpr double kDark = 16;  // levels, below which noise is a large share
constexpr double kStep = 4;   // levels, from which on a cell is one at an edge, which moves with the part
constexpr double kLeast = 1e-6;

// Of a line of values: the sines of all whole numbers of periods are orthogonal to one another, but not to a slope.
std::array<double, LightBands::kMost + 1> amplitudes(std::vector<double> line) {
  std::array<double, LightBands::kMost + 1> found = {};
  const auto n = static_cast<double>(line.size());
  double slope = 0, squares = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const double x = static_cast<double>(i) - (n - 1) / 2;
    slope += x * line[i];
    squares += x * x;
  }
  for (size_t i = 0; i < line.size() && squares > 0; ++i)
    line[i] -= slope / squares * (static_cast<double>(i) - (n - 1) / 2);
  for (size_t periods = 2; periods <= std::min(LightBands::kMost, line.size() / 3); ++periods) {
    double cosine = 0, sine = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(periods * i) / n;
      cosine += std::cos(angle) * line[i];
      sine += std::sin(angle) * line[i];
    }
    found[periods] = 2 / n * std::sqrt(cosine * cosine + sine * sine);  // glibc before 2.35 has another hypot
  }
  return found;
}

}  // namespace

LightBands light_bands(const std::vector<double>& gray, const std::vector<double>& usual, double factor, int columns) {
  const auto width = static_cast<size_t>(columns), height = gray.size() / width;
  const double middle = median(usual);
  std::vector<double> down(height), right(width), down_weights(height, kLeast), right_weights(width, kLeast);
  for (size_t y = 0; y < height; ++y)
    for (size_t x = 0; x < width; ++x) {
      const size_t i = y * width + x;
      double step = 0;
      for (const size_t beside :
           {y > 0 ? i - width : i, y + 1 < height ? i + width : i, x > 0 ? i - 1 : i, x + 1 < width ? i + 1 : i})
        step = std::max(step, std::abs(usual[i] - usual[beside]));
      const double weight = 1 / (1 + step * step / (kStep * kStep));
      const double share = gray[i] / (factor * std::max(usual[i], kDark)) - 1;
      down[y] += weight * middle * share;
      right[x] += weight * middle * share;
      down_weights[y] += weight;
      right_weights[x] += weight;
    }
  for (size_t y = 0; y < height; ++y) down[y] /= down_weights[y];
  for (size_t x = 0; x < width; ++x) right[x] /= right_weights[x];
  return {.across = amplitudes(down), .along = amplitudes(right)};
}

}  // namespace iuf
