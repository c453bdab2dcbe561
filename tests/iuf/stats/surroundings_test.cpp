#include "iuf/stats/surroundings.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "iuf/stats/gaussian.h"
#include "support/golden.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/resize.h"

using namespace iuf;
using Catch::Contains;

namespace {

using Rows = std::vector<std::vector<double>>;

Rows zeros(size_t n, size_t m) {
  return Rows(n, std::vector<double>(m));
}

// A B
Rows times(const Rows& a, const Rows& b) {
  Rows c = zeros(a.size(), b[0].size());
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < b[0].size(); ++j)
      for (size_t k = 0; k < b.size(); ++k) c[i][j] += a[i][k] * b[k][j];
  return c;
}

Rows transposed(const Rows& a) {
  Rows t = zeros(a[0].size(), a.size());
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  return t;
}

// A^T A / rows + ridge I
Rows second_moment(const Rows& a, double ridge) {
  Rows s = times(transposed(a), a);
  for (size_t i = 0; i < s.size(); ++i)
    for (size_t j = 0; j < s.size(); ++j) s[i][j] = s[i][j] / static_cast<double>(a.size()) + (i == j ? ridge : 0);
  return s;
}

// A^-1 B by elimination.
Rows solved(Rows a, Rows b) {
  for (size_t i = 0; i < a.size(); ++i)
    for (size_t k = 0; k < a.size(); ++k) {
      if (k == i) continue;
      const double factor = a[k][i] / a[i][i];
      for (size_t j = 0; j < a.size(); ++j) a[k][j] -= factor * a[i][j];
      for (size_t j = 0; j < b[0].size(); ++j) b[k][j] -= factor * b[i][j];
    }
  for (size_t i = 0; i < a.size(); ++i)
    for (double& v : b[i]) v /= a[i][i];
  return b;
}

// L^-T with L L^T = A, column by column.
Rows whitening(const Rows& a) {
  Rows l = zeros(a.size(), a.size()), unit = l;
  for (size_t i = 0; i < a.size(); ++i) {
    unit[i][i] = 1;
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
    }
  }
  return transposed(solved(l, unit));
}

/// The slow twin, step by step as the header's equations, in double; all images at once.
class Naive {
 public:
  Naive(const std::vector<Tensor>& images, const SurroundingsOptions& options)
      : o_(options), n_(images.size()), t_(static_cast<size_t>(images[0].dim(0))) {
    g_ = std::llround(std::sqrt(static_cast<double>(t_)));
    const Rows x = rows_of(images);
    channels(x);
    place_ = map_mean(x, o_.largest_map);
    const Rows d = times(deviations(x), w_), c = context(deviations(x));
    Rows r = times(transposed(c), d);
    for (auto& row : r)
      for (double& v : row) v /= static_cast<double>(c.size());
    t_matrix_ = solved(second_moment(c, o_.context_ridge), r);
    const Rows e = rest(x);
    w2_ = whitening(second_moment(e, o_.residual_ridge));
    Rows squares = times(e, w2_);
    for (auto& row : squares)
      for (double& v : row) v *= v;
    variance_ = map_mean(squares, o_.largest_variance_map);
    for (auto& row : variance_)
      for (double& v : row) v = o_.shrink + (1 - o_.shrink) * v;
  }
  std::vector<double> distance(const Tensor& image) const {
    const Rows e = times(rest(rows_of({image})), w2_);
    std::vector<double> d;
    for (size_t p = 0; p < e.size(); ++p) {
      double sum = 0;
      for (size_t i = 0; i < e[p].size(); ++i) sum += e[p][i] * e[p][i] / variance_[p][i];
      d.push_back(std::sqrt(sum));
    }
    return d;
  }

 private:
  static Rows rows_of(const std::vector<Tensor>& images) {
    Rows x;
    for (const Tensor& image : images)
      for (int64_t p = 0; p < image.dim(0); ++p)
        x.emplace_back(image.data() + p * image.dim(1), image.data() + (p + 1) * image.dim(1));
    return x;
  }
  void channels(const Rows& x) {
    const size_t c = x[0].size();
    std::vector<double> mean(c), s(c);
    Rows z = x;
    for (const auto& row : x)
      for (size_t i = 0; i < c; ++i) mean[i] += row[i] / static_cast<double>(x.size());
    for (const auto& row : x)
      for (size_t i = 0; i < c; ++i) s[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / static_cast<double>(x.size());
    for (auto& row : z)
      for (size_t i = 0; i < c; ++i) row[i] = (row[i] - mean[i]) / std::sqrt(s[i]);
    w_ = whitening(second_moment(z, o_.ridge));
    const Rows correlation = second_moment(z, 0);
    std::vector<double> flat;
    for (const auto& row : correlation) flat.insert(flat.end(), row.begin(), row.end());
    const kernel::Eigen eigen = kernel::eigen_symmetric(flat, static_cast<int64_t>(c));
    b_ = zeros(c, static_cast<size_t>(o_.components));
    for (size_t i = 0; i < c; ++i) {
      for (size_t k = 0; k < b_[0].size(); ++k) b_[i][k] = eigen.vectors[k * c + i] / std::sqrt(s[i] * eigen.values[k]);
      for (double& v : w_[i]) v /= std::sqrt(s[i]);
    }
  }
  // The mean over the images, on the coarser grid and back where there is one.
  Rows map_mean(const Rows& x, int64_t largest) const {
    Tensor map({1, g_, g_, static_cast<int64_t>(x[0].size())});
    for (size_t p = 0; p < t_; ++p)
      for (size_t i = 0; i < x[0].size(); ++i) {
        double sum = 0;
        for (size_t n = 0; n < n_; ++n) sum += x[n * t_ + p][i];
        map.data()[p * x[0].size() + i] = static_cast<real>(sum / static_cast<double>(n_));
      }
    if (g_ > largest)
      map = kernel::resize_bilinear_naive(kernel::pool_area_naive(map, largest, largest), g_, g_, kernel::Align::edges);
    return rows_of({map.reshape({g_ * g_, map.dim(3)})});
  }
  Rows deviations(const Rows& x) const {
    Rows y = x;
    for (size_t r = 0; r < y.size(); ++r)
      for (size_t i = 0; i < y[r].size(); ++i) y[r][i] -= place_[r % t_][i];
    return y;
  }
  Rows context(const Rows& y) const {
    const Rows by = times(y, b_);
    Rows c(y.size());
    for (size_t r = 0; r < y.size(); ++r)
      for (int64_t down = -1; down <= 1; ++down)
        for (int64_t right = -1; right <= 1; ++right)
          for (size_t k = 0; k < by[0].size() && (down != 0 || right != 0); ++k) {
            const auto p = static_cast<int64_t>(r % t_);
            double sum = 0;
            for (int64_t far = o_.nearest; far <= o_.farthest; ++far) {
              const int64_t i = std::min(std::max<int64_t>(p / g_ + far * down, 0), g_ - 1);
              const int64_t j = std::min(std::max<int64_t>(p % g_ + far * right, 0), g_ - 1);
              sum += by[r - r % t_ + static_cast<size_t>(i * g_ + j)][k];
            }
            c[r].push_back(sum / static_cast<double>(o_.farthest - o_.nearest + 1));
          }
    return c;
  }
  Rows rest(const Rows& x) const {
    Rows e = times(deviations(x), w_);
    const Rows explained = times(context(deviations(x)), t_matrix_);
    for (size_t r = 0; r < e.size(); ++r)
      for (size_t i = 0; i < e[r].size(); ++i) e[r][i] -= explained[r][i];
    return e;
  }

  SurroundingsOptions o_;
  size_t n_, t_;
  int64_t g_ = 0;
  Rows w_, b_, place_, t_matrix_, w2_, variance_;
};

// Correlated channels, places with a look of their own, neighbours that are alike.
std::vector<Tensor> drawn(size_t images, int64_t grid, int64_t channels) {
  std::vector<Tensor> all;
  Tensor place({grid * grid, channels});
  fill_normal(place, 1, 1, 17);
  for (size_t n = 0; n < images; ++n) {
    Tensor x({grid * grid, channels}), common({channels});
    fill_normal(x, 0, 1, 2 * n + 100);
    fill_normal(common, 0, 1, 2 * n + 101);
    for (int64_t i = 0; i < x.size(); ++i) {
      x.data()[i] += common.data()[i % channels] + place.data()[i];
      if (i % channels > 0) x.data()[i] += x.data()[i - 1] / 2;
    }
    all.push_back(x);
  }
  return all;
}

Surroundings fitted(const std::vector<Tensor>& images, const SurroundingsOptions& options = {}) {
  return fit_surroundings({.images = images.size(), .local = [&](size_t i) { return images[i]; }, .options = options});
}

std::vector<std::byte> bytes(const Surroundings& s) {
  SafetensorsWriter writer;
  s.save(writer, "s.");
  return writer.bytes();
}

// The position of the largest distance.
int64_t worst(const Tensor& distance) {
  return std::max_element(distance.data(), distance.data() + distance.size()) - distance.data();
}

Gaussian plain(const std::vector<Tensor>& images) {
  GaussianFit fit(images[0].dim(1));
  for (const Tensor& image : images) fit.add(image);
  return fit.finish(0.01);
}

}  // namespace

TEST_CASE("surroundings are what their equations say, step by step in double", "[iuf][surroundings]") {
  for (const auto& options :
       {SurroundingsOptions{.components = 2, .nearest = 1, .farthest = 2, .half = false},
        SurroundingsOptions{.components = 3, .half = false},
        SurroundingsOptions{
            .components = 2, .shrink = 0.2, .largest_map = 3, .largest_variance_map = 2, .half = false}}) {
    CAPTURE(options.components, options.largest_map);
    const std::vector<Tensor> images = drawn(40, 6, 4);
    const Surroundings s = fitted(images, options);
    CHECK(s.mean.dim(0) == std::min<int64_t>(6, options.largest_map));
    const Naive naive(images, options);
    const Tensor other = drawn(41, 6, 4).back();
    const Tensor got = s.distance(other);
    const std::vector<double> expected = naive.distance(other);
    // An element of V e is a sum of C + 8 K products, of rounded weights with values no larger than these.
    double largest = 0, weights = 0, least = 1;
    for (const Tensor& values : {other, s.mean, s.deviations(other)})
      for (const real v : values.span()) largest = std::max(largest, std::abs(static_cast<double>(v)));
    for (const real w : s.weight.span()) weights += static_cast<double>(w) * static_cast<double>(w);
    for (const real v : s.variance.span()) least = std::min(least, static_cast<double>(v));
    const auto terms = static_cast<double>(s.weight.dim(1));
    const double tolerance = 4 * (terms + 2) * static_cast<double>(std::numeric_limits<real>::epsilon()) * largest *
                             std::sqrt(weights * terms) / std::sqrt(least);
    CHECK(tolerance < 0.02);
    for (size_t p = 0; p < expected.size(); ++p)
      CHECK(std::abs(static_cast<double>(got.data()[p]) - expected[p]) <= tolerance);
  }
}

namespace {

// Turns the first channel of position 44: the surroundings find it, the Gaussian does not. image(n): 100 x 3.
template <class MakeImage>
void check_that_a_turned_position_is_found(const MakeImage& image) {
  std::vector<Tensor> images;
  for (size_t n = 0; n < 40; ++n) images.push_back(image(n));
  Tensor wrong = image(1000);
  wrong.data()[3 * 44] = -wrong.data()[3 * 44];
  const Surroundings s = fitted(images);
  const Tensor found = s.distance(wrong), normal = s.distance(image(1001));
  CHECK(worst(found) == 44);
  CHECK(found.data()[44] > 3 * normal.data()[worst(normal)]);
  CHECK(worst(plain(images).distance(wrong)) != 44);
}

}  // namespace

TEST_CASE("a pattern that goes on wrongly is found by its surroundings alone", "[iuf][surroundings]") {
  // Every image shows one of two looks, everywhere the same: at no place is either of them unusual.
  const auto image = [](size_t n) {
    Tensor x({100, 3});
    fill_normal(x, 0, real(0.1), n + 1);
    for (int64_t p = 0; p < 100; ++p) x.data()[3 * p] += n % 2 ? real(1) : real(-1);
    return x;
  };
  check_that_a_turned_position_is_found(image);
}

TEST_CASE("what is usual elsewhere is found by its place alone", "[iuf][surroundings]") {
  Tensor look({100, 3});
  fill_normal(look, 0, 1, 5);
  const auto image = [&](size_t n) {
    Tensor x({100, 3});
    fill_normal(x, 0, real(0.1), n + 10);
    for (int64_t p = 0; p < 100; ++p) x.data()[3 * p] += look.data()[3 * p] > 0 ? real(1) : real(-1);
    return x;
  };
  check_that_a_turned_position_is_found(image);
}

TEST_CASE("surroundings do not depend on the number of threads and survive a file, bit for bit",
          "[iuf][surroundings]") {
  const std::vector<Tensor> images = drawn(35, 9, 5);
  for (const int64_t largest : {28, 4}) {
    const SurroundingsOptions options{.largest_map = largest};
    const int threads = thread_count();
    set_thread_count(2);
    const std::vector<std::byte> two = bytes(fitted(images, options));
    set_thread_count(1);
    const Surroundings alone = fitted(images, options);
    set_thread_count(threads);
    CHECK(bytes(alone) == two);
    const Surroundings copy = Surroundings::load(parse_safetensors(two, "stored"), "s.");
    CHECK(bytes(copy) == two);
    CHECK(equal(copy.distance(images[3]), alone.distance(images[3])));
  }
}

TEST_CASE("maps of half precision change distances by less than a hundredth", "[iuf][surroundings]") {
  const std::vector<Tensor> images = drawn(20, 9, 5);
  const Tensor other = drawn(21, 9, 5).back();
  const Tensor rounded = fitted(images).distance(other), exact = fitted(images, {.half = false}).distance(other);
  for (int64_t p = 0; p < exact.size(); ++p) CHECK(rounded.data()[p] == Approx(exact.data()[p]).epsilon(0.01));
  // Maps of all digits, as earlier versions kept them, stay what they are.
  const std::vector<std::byte> all = bytes(fitted(images, {.half = false}));
  CHECK(bytes(Surroundings::load(parse_safetensors(all, "stored"), "s.")) == all);
}

TEST_CASE("an object's surroundings stay small", "[iuf][surroundings]") {
  for (const int64_t grid : {28, 40}) {
    const Surroundings s = fitted(drawn(2, grid, 152));
    CHECK(bytes(s).size() < 800'000);
    CHECK(s.mean.shape() == Shape{28, 28, 152});
    CHECK(s.distance(drawn(3, grid, 152).back()).size() == grid * grid);
  }
}

TEST_CASE("one image, constant channels and images that are all alike have surroundings too", "[iuf][surroundings]") {
  const auto finite = [](const Surroundings& s, const Tensor& image) {
    const Tensor d = s.distance(image);
    return std::ranges::all_of(d.span(), [](real v) { return std::isfinite(v) && v < 1e4f; });
  };
  std::vector<Tensor> images = drawn(6, 7, 4);
  const Tensor other = drawn(7, 7, 4).back();
  const std::vector<Tensor> one = {images[0]};
  CHECK(finite(fitted(one), other));
  CHECK(fitted(one).distance(images[0]).data()[worst(fitted(one).distance(images[0]))] > 0.1);
  CHECK(finite(fitted({images[0], images[0], images[0]}), other));
  for (Tensor& image : images)
    for (int64_t p = 0; p < 49; ++p) image.data()[4 * p + 2] = 3;
  CHECK(finite(fitted(images), other));
  CHECK(finite(fitted({Tensor::full({49, 4}, 2), Tensor::full({49, 4}, 2)}), other));
}

TEST_CASE("features of another grid, of other channels or that are not finite are refused", "[iuf][surroundings]") {
  std::vector<Tensor> images = drawn(5, 6, 4);
  const Surroundings s = fitted(images);
  CHECK_THROWS_WITH(s.distance(drawn(1, 7, 4)[0]), Contains("49") && Contains("36"));
  CHECK_THROWS_WITH(s.distance(drawn(1, 6, 3)[0]), Contains("surroundings"));
  images.push_back(drawn(1, 5, 4)[0]);
  CHECK_THROWS_WITH(fitted(images), Contains("of every image"));
  CHECK_THROWS_WITH(fitted({Tensor::zeros({35, 4})}), Contains("one grid"));
  CHECK_THROWS_WITH(fitted({}), Contains("no images"));
  images.back() = Tensor::full({36, 4}, std::numeric_limits<real>::quiet_NaN());
  CHECK_THROWS_WITH(fitted(images), Contains("not finite"));
}

TEST_CASE("a file whose surroundings make no sense is refused by name", "[iuf][surroundings]") {
  const Surroundings s = fitted(drawn(5, 6, 4));
  const auto complaint = [](const Surroundings& stored) -> std::string {
    try {
      const std::vector<std::byte> file = bytes(stored);
      Surroundings::load(parse_safetensors(file, "stored"), "s.");
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  CHECK(complaint(s).empty());
  for (int fault = 0; fault < 8; ++fault) {
    CAPTURE(fault);
    Surroundings wrong = s;
    if (fault == 0) wrong.rows = 5;
    if (fault == 1) wrong.columns = 0;
    if (fault == 2) wrong.nearest = 4;
    if (fault == 3) wrong.farthest = int64_t{1} << 40;
    if (fault == 4) wrong.mean = Tensor::zeros({7, 6, 4});
    if (fault == 5) wrong.variance = Tensor::zeros({6, 6, 4});
    if (fault == 6) wrong.basis = Tensor::zeros({3, 4});
    if (fault == 7) wrong.weight = Tensor::zeros({4, 35});
    CHECK_THAT(complaint(wrong), Contains("stored") && Contains("s."));
  }
}

TEST_CASE("a grid may be wider than high, and its positions keep their neighbours", "[iuf][surroundings]") {
  // Of a square image, the rows of the upper half are as good as an image of their own, but for the lower border.
  constexpr int64_t kRows = 9, kColumns = 14, kChannels = 5;
  const auto drawn_wide = [](size_t n) {
    Tensor x({kRows * kColumns, kChannels});
    fill_normal(x, 0, 1, n);
    return x;
  };
  const Surroundings s = fit_surroundings(
      {.images = 30, .rows = kRows, .columns = kColumns, .local = [&](size_t i) { return drawn_wide(i); }});
  CHECK(s.mean.shape() == Shape{kRows, kColumns, kChannels});
  Tensor odd = drawn_wide(1000);
  const int64_t at = 4 * kColumns + 11;
  for (int64_t c = 0; c < kChannels; ++c) odd.data()[at * kChannels + c] += c % 2 == 0 ? real(9) : real(-9);
  const Tensor distance = s.distance(odd);
  CHECK(distance.shape() == Shape{kRows, kColumns});
  CHECK(worst(distance) == at);
  // The transposed images on the transposed grid give the transposed distances.
  const auto turned = [](const Tensor& x) {
    Tensor y(x.shape());
    for (int64_t i = 0; i < kRows; ++i)
      for (int64_t j = 0; j < kColumns; ++j)
        std::copy_n(x.data() + (i * kColumns + j) * kChannels, kChannels, y.data() + (j * kRows + i) * kChannels);
    return y;
  };
  const Surroundings t = fit_surroundings(
      {.images = 30, .rows = kColumns, .columns = kRows, .local = [&](size_t i) { return turned(drawn_wide(i)); }});
  const Tensor other = t.distance(turned(odd));
  for (int64_t i = 0; i < kRows; ++i)
    for (int64_t j = 0; j < kColumns; ++j)
      CHECK(other.data()[j * kRows + i] == Approx(distance.data()[i * kColumns + j]).epsilon(1e-3));
  CHECK_THROWS_WITH(s.distance(drawn_wide(1).rows(0, 100)), Contains("126"));
}

TEST_CASE("the maps of a wide grid keep its aspect and their number of positions", "[iuf][surroundings]") {
  Tensor x({20 * 90, 2});
  fill_normal(x, 0, 1, 3);
  const Surroundings s = fit_surroundings({.images = 2,
                                           .rows = 20,
                                           .columns = 90,
                                           .local =
                                               [&](size_t i) {
                                                 Tensor y = x.clone();
                                                 fill_normal(y, 0, 1, i);
                                                 return y;
                                               },
                                           .options = {.largest_map = 14}});
  CHECK(s.mean.dim(1) > 4 * s.mean.dim(0));
  CHECK(s.mean.dim(0) * s.mean.dim(1) == Approx(14 * 14).epsilon(0.1));
}

TEST_CASE("surroundings of earlier versions, with one number for a square grid, are read", "[iuf][surroundings]") {
  const Surroundings s = fitted(drawn(4, 6, 4), {.components = 4});
  SafetensorsWriter writer;
  writer.add("s.mean", s.mean);
  writer.add("s.variance", s.variance);
  writer.add("s.basis", s.basis);
  writer.add("s.weight", s.weight);
  writer.add("s.cells", std::vector<int64_t>{s.rows, s.nearest, s.farthest});
  const auto held = std::make_shared<std::vector<std::byte>>(writer.bytes());
  CHECK(bytes(Surroundings::load(parse_safetensors(*held, "stored", held), "s.")) == bytes(s));
}
