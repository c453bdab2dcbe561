#include "iuf/checks/slight_moves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>

#include "tensor/blas.h"

namespace iuf {
namespace {

// What a picture is fitted by: an offset, the usual picture, and how it changes with each of five moves.
enum Term : size_t { kOffset, kUsual, kAcross, kDown, kTurn, kZoom, kLens, kTerms };
using Terms = std::array<double, kTerms>;

constexpr int kPasses = 3;
constexpr double kUsed = 0.95;                           // of the cells: those that fit best
constexpr double kRidge = 1e-6;                          // of the mean of the diagonal
constexpr double kLeastFit = 0.3;                        // of the usual picture's contrast
constexpr double kTurns[] = {0, -4, 4, -8, 8, -12, 12};  // degrees, around which the first order is taken
constexpr double kMostTurn = 15, kMostLens = 0.2;

// The change of a picture I(p) = U(p - d(p)) with each move d: -dU/dx d_x - dU/dy d_y.
std::vector<Terms> terms_of(const std::vector<double>& usual, int columns) {
  const int rows = static_cast<int>(usual.size()) / columns;
  const double middle_x = 0.5 * (columns - 1), middle_y = 0.5 * (rows - 1);
  const double corner = middle_x * middle_x + middle_y * middle_y;
  const auto at = [&](int x, int y) { return usual[static_cast<size_t>(y * columns + x)]; };
  std::vector<Terms> all;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const int left = std::max(column - 1, 0), right = std::min(column + 1, columns - 1);
      const int above = std::max(row - 1, 0), below = std::min(row + 1, rows - 1);
      const double across = (at(right, row) - at(left, row)) / (right - left);
      const double down = (at(column, below) - at(column, above)) / (below - above);
      const double x = column - middle_x, y = row - middle_y, outwards = -(x * across + y * down);
      all.push_back(
          {1, at(column, row), -across, -down, y * across - x * down, outwards, (x * x + y * y) / corner * outwards});
    }
  return all;
}

double dot(const Terms& a, const Terms& b) {
  double sum = 0;
  for (size_t k = 0; k < kTerms; ++k) sum += a[k] * b[k];
  return sum;
}

// Least squares of the cells of weight 1.
Terms fitted(const std::vector<Terms>& terms, const std::vector<double>& cells, const std::vector<char>& used) {
  constexpr auto n = static_cast<int64_t>(kTerms);
  std::vector<double> normal(kTerms * kTerms);
  Terms right{};
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!used[i]) continue;
    for (size_t r = 0; r < kTerms; ++r) {
      right[r] += terms[i][r] * cells[i];
      for (size_t c = 0; c < kTerms; ++c) normal[r * kTerms + c] += terms[i][r] * terms[i][c];
    }
  }
  Terms scale{};  // of each term, so that they weigh alike
  for (size_t k = 0; k < kTerms; ++k) scale[k] = 1 / std::sqrt(std::max(normal[k * kTerms + k], 1e-12));
  for (size_t r = 0; r < kTerms; ++r)
    for (size_t c = 0; c < kTerms; ++c)
      normal[r * kTerms + c] = normal[r * kTerms + c] * scale[r] * scale[c] + (r == c ? kRidge : 0);
  const std::vector<double> lower = kernel::inverse_cholesky(normal, n).inverse_lower;
  Terms half{}, result{};
  for (size_t r = 0; r < kTerms; ++r)
    for (size_t c = 0; c <= r; ++c) half[r] += lower[r * kTerms + c] * scale[c] * right[c];
  for (size_t c = 0; c < kTerms; ++c)
    for (size_t r = c; r < kTerms; ++r) result[c] += lower[r * kTerms + c] * half[r] * scale[c];
  return result;
}

// A picture turned clockwise around its middle, linear between cells; what is beyond the border is as the border.
std::vector<double> turned(const std::vector<double>& cells, int columns, double degrees) {
  const int rows = static_cast<int>(cells.size()) / columns;
  const double middle_x = 0.5 * (columns - 1), middle_y = 0.5 * (rows - 1);
  const double cosine = std::cos(degrees * std::numbers::pi / 180), sine = std::sin(degrees * std::numbers::pi / 180);
  const auto at = [&](int x, int y) { return cells[static_cast<size_t>(y * columns + x)]; };
  std::vector<double> result;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const double u = column - middle_x, v = row - middle_y;
      const double x = std::clamp(middle_x + cosine * u + sine * v, 0.0, columns - 1.0);
      const double y = std::clamp(middle_y + cosine * v - sine * u, 0.0, rows - 1.0);
      const int left = std::min(static_cast<int>(x), columns - 2), top = std::min(static_cast<int>(y), rows - 2);
      const double right = x - left, below = y - top;
      result.push_back((1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
                       below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1)));
    }
  return result;
}

// A fit by the usual picture in one position.
struct Fit {
  Terms terms{};
  double left = 0;  // root mean square of what remains of the cells that count
};

Fit fit_of(const std::vector<double>& cells, const std::vector<double>& usual, int columns) {
  const std::vector<Terms> terms = terms_of(usual, columns);
  std::vector<char> used(cells.size(), 1);
  Fit fit;
  for (int pass = 0; pass < kPasses; ++pass) {
    fit.terms = fitted(terms, cells, used);
    std::vector<double> residuals;
    for (size_t i = 0; i < cells.size(); ++i) residuals.push_back(std::abs(cells[i] - dot(terms[i], fit.terms)));
    std::vector<double> ordered = residuals;
    const auto last = ordered.begin() + static_cast<std::ptrdiff_t>(kUsed * static_cast<double>(ordered.size() - 1));
    std::nth_element(ordered.begin(), last, ordered.end());
    fit.left = std::sqrt(std::inner_product(ordered.begin(), last, ordered.begin(), 0.0) /
                         static_cast<double>(std::max<std::ptrdiff_t>(1, last - ordered.begin())));
    for (size_t i = 0; i < cells.size(); ++i) used[i] = residuals[i] <= *last;
  }
  return fit;
}

}  // namespace

SlightMove slight_move(const std::vector<double>& cells, const std::vector<double>& usual, int columns) {
  SlightMove best;
  double least = std::numeric_limits<double>::infinity();
  for (const double degrees : kTurns) {
    const Fit fit = fit_of(cells, degrees == 0 ? usual : turned(usual, columns, degrees), columns);
    if (fit.left >= least) continue;
    least = fit.left;
    const double gain = fit.terms[kUsual];
    best = gain < kLeastFit ? SlightMove{}
                            : SlightMove{.turn = degrees + fit.terms[kTurn] / gain * 180 / std::numbers::pi,
                                         .lens = fit.terms[kLens] / gain};
  }
  return std::abs(best.turn) > kMostTurn || std::abs(best.lens) > kMostLens ? SlightMove{} : best;
}

}  // namespace iuf
