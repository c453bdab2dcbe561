#include "iuf/stats/surroundings_known.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

namespace {

constexpr int64_t kGrid = 8, kWide = 5;

// Images of one object, from number `first` on: places with a look of their own, neighbours that are alike. `lamp` is
// added to a channel.
std::vector<Tensor> drawn_known(size_t first, size_t images, real lamp = 0) {
  std::vector<Tensor> all;
  Tensor place({kGrid * kGrid, kWide});
  fill_normal(place, 1, 1, 17);
  for (size_t n = first; n < first + images; ++n) {
    Tensor x({kGrid * kGrid, kWide}), common({kWide});
    fill_normal(x, 0, 1, 2 * n + 100);
    fill_normal(common, 0, 1, 2 * n + 101);
    for (int64_t i = 0; i < x.size(); ++i) {
      x.data()[i] += common.data()[i % kWide] + place.data()[i] + (i % kWide == 2 ? lamp : 0);
      if (i % kWide > 0) x.data()[i] += x.data()[i - 1] / 2;
    }
    all.push_back(x);
  }
  return all;
}

SurroundingsInput input_of(const std::vector<Tensor>& images) {
  return {.images = images.size(),
          .local = [&images](size_t i) { return images[i]; },
          .options = {.components = 3, .half = false}};
}

Surroundings fitted_known(const std::vector<Tensor>& images) {
  return fit_surroundings(input_of(images));
}

Surroundings extended(const Surroundings& known, size_t count, const std::vector<Tensor>& images) {
  SurroundingsInput input = input_of(images);
  input.known = &known;
  input.known_images = static_cast<int64_t>(count);
  return fit_surroundings(input);
}

std::vector<Tensor> operator+(std::vector<Tensor> a, const std::vector<Tensor>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The mean, over the images' positions, of how far the distances of two fits are apart, as a part of the second's.
double apart(const Surroundings& a, const Surroundings& b, const std::vector<Tensor>& images) {
  double sum = 0, count = 0;
  for (const Tensor& image : images) {
    const Tensor x = a.distance(image), y = b.distance(image);
    for (int64_t p = 0; p < x.size(); ++p, ++count)
      sum += std::abs(static_cast<double>(x.data()[p]) / static_cast<double>(y.data()[p]) - 1);
  }
  return sum / count;
}

}  // namespace

TEST_CASE("the sums that surroundings were fitted_known to are found again in them", "[iuf][surroundings][known]") {
  const std::vector<Tensor> images = drawn_known(0, 30);
  const Surroundings s = fitted_known(images);
  const int64_t c = kWide, k = 8 * s.basis.dim(0), n = c + k, positions = kGrid * kGrid;
  std::vector<double> moment(static_cast<size_t>(n * n)), context(static_cast<size_t>(k * k));
  const double rows = static_cast<double>(positions) * static_cast<double>(images.size());
  for (const Tensor& image : images) {
    const Tensor x = s.deviations(image);
    kernel::add_second_moment(moment, {x.data(), x.data() + x.size()}, positions, n);
  }
  double largest = 0;
  for (double& v : moment) largest = std::max(largest, std::abs(v /= rows));
  for (int64_t i = 0; i < k; ++i)
    for (int64_t j = 0; j < k; ++j)
      context[static_cast<size_t>(i * k + j)] = moment[static_cast<size_t>((i + c) * n + j + c)];
  const SurroundingsOptions options = input_of(images).options;
  const KnownSurroundings known(s, context, options);
  // The weights are rounded; inverting A once and multiplying by it twice loses its condition's square.
  double norm = 0, inverse_norm = 0;
  std::vector<double> a;
  for (int64_t i = 0; i < c; ++i)
    for (int64_t j = 0; j < c; ++j) a.push_back(static_cast<double>(s.weight.data()[i * n + j]));
  for (const double v : a) norm += v * v;
  for (const double v : kernel::inverse_triangle(a, c)) inverse_norm += v * v;
  const double tolerance = 4 * static_cast<double>(n) * static_cast<double>(std::numeric_limits<real>::epsilon()) *
                           norm * inverse_norm * largest;
  CHECK(tolerance < 0.05 * largest);
  for (size_t i = 0; i < moment.size(); ++i) CHECK(std::abs(known.moment()[i] - moment[i]) <= tolerance);
  const std::vector<double> square = known.square();
  std::vector<double> expected(static_cast<size_t>(c * c));
  for (const Tensor& image : images)
    kernel::add_second_moment(expected, {image.data(), image.data() + image.size()}, positions, c);
  for (size_t i = 0; i < square.size(); ++i)
    CHECK(square[i] == Approx(expected[i] / static_cast<double>(images.size()))
                           .epsilon(1e-3)
                           .margin(static_cast<double>(positions) * tolerance));
}

TEST_CASE("surroundings that more images join are nearly those of all images at once", "[iuf][surroundings][known]") {
  const std::vector<Tensor> test = drawn_known(5000, 20), warm = drawn_known(6000, 20, 2);
  for (const size_t more : {size_t{4}, size_t{20}, size_t{60}})
    for (const real lamp : {real(0), real(2)}) {
      CAPTURE(more, lamp);
      const std::vector<Tensor> old = drawn_known(0, 30), further = drawn_known(1000, more, lamp);
      const Surroundings before = fitted_known(old), all = fitted_known(old + further),
                         joined = extended(before, 30, further);
      const double error = apart(joined, all, test + warm);
      // Another draw of as many images is farther off, and so is what they join.
      const double other = apart(fitted_known(drawn_known(2000, 30) + drawn_known(3000, more, lamp)), all, test + warm);
      CHECK(error < other);
      CHECK(error < apart(before, all, test + warm) / (more < 20 ? 1 : 2));
    }
}

TEST_CASE("images that join surroundings are judged without themselves", "[iuf][surroundings][known]") {
  const std::vector<Tensor> old = drawn_known(0, 30), further = drawn_known(1000, 6);
  const Surroundings before = fitted_known(old);
  SurroundingsInput input = input_of(further);
  input.known = &before;
  input.known_images = 30;
  input.folds = {0, 0, 1, 1, 2, 2};
  std::vector<Tensor> unseen(further.size());
  input.unseen = [&](size_t i, const Tensor& distance) { unseen[i] = distance; };
  const Surroundings joined = fit_surroundings(input);
  double own = 0, learned = 0, without = 0;  // sums of distances
  for (size_t i = 0; i < further.size(); ++i) {
    std::vector<Tensor> others = old;
    for (size_t j = 0; j < further.size(); ++j)
      if (input.folds[j] != input.folds[i]) others.push_back(further[j]);
    const Tensor seen = joined.distance(further[i]), expected = fitted_known(others).distance(further[i]);
    for (int64_t p = 0; p < expected.size(); ++p) {
      own += static_cast<double>(unseen[i].data()[p]);
      learned += static_cast<double>(seen.data()[p]);
      without += static_cast<double>(expected.data()[p]);
    }
  }
  CHECK(own > learned);
  CHECK(own == Approx(without).epsilon(0.05));
}

TEST_CASE("images on another grid do not join surroundings", "[iuf][surroundings][known]") {
  const Surroundings before = fitted_known(drawn_known(0, 10));
  std::vector<Tensor> others = drawn_known(1000, 2);
  for (Tensor& image : others) image = image.rows(0, 49).clone();
  CHECK_THROWS_WITH(extended(before, 10, others), Contains("join others of"));
}
