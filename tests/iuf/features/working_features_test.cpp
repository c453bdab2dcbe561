#include "iuf/features/working_features.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/features/neck.h"
#include "support/golden.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

Image noise(int width, int height, uint64_t seed) {
  Image image = blank_image(width, height, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(mix_key(seed, i / 7));
  return image;
}

// A smooth picture, as photographs are.
Image waves(int width, int height) {
  Image image = blank_image(width, height, 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        image.row(y)[3 * x + c] =
            static_cast<uint8_t>(127 + 90 * std::sin(0.11 * x + c) * std::cos(0.07 * y) + 30 * std::sin(0.9 * x));
  return image;
}

double deviation(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double sum = 0, norm = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]);
    sum += d * d;
    norm += static_cast<double>(b.data()[i]) * static_cast<double>(b.data()[i]);
  }
  return std::sqrt(sum / norm);
}

}  // namespace

TEST_CASE("a working size keeps the aspect, and the area within its bounds", "[iuf][working]") {
  const BackboneInfo& lite0 = backbone_info("efficientnet_lite0");
  const auto area = [](const WorkingSize& s) { return static_cast<double>(s.height * s.width); };
  // Small photographs become as large as a square of twice the image size.
  CHECK(working_size({{256, 256}}, lite0, 224, 60) == WorkingSize{448, 448});
  CHECK(working_size({{64, 64}}, lite0, 224, 60) == WorkingSize{448, 448});
  // Large ones as the budget allows; half of it is half of the area, but for sides rounded to steps of 32 of some 500.
  constexpr double kRounded = 2 * 2 * 16.0 / 500;
  const WorkingSize large = working_size({{2448, 2048}}, lite0, 224, 60);
  CHECK(large.width < 2448);
  CHECK(static_cast<double>(large.width) / static_cast<double>(large.height) ==
        Approx(2448.0 / 2048).epsilon(kRounded));
  CHECK(area(working_size({{2448, 2048}}, lite0, 224, 30)) == Approx(area(large) / 2).epsilon(kRounded));
  // Each megapixel has its budget, up to three of them.
  const double one = area(working_size({{1024, 1024}}, lite0, 224, 60)), megapixel = 1024 * 1024;
  CHECK(area(working_size({{1000, 1000}}, lite0, 224, 60)) == Approx(one).epsilon(kRounded));
  CHECK(area(working_size({{2400, 1000}}, lite0, 224, 60)) == Approx(one * 2400 * 1000 / megapixel).epsilon(kRounded));
  for (const double photograph : {area(large), area(working_size({{8000, 2000}}, lite0, 224, 60))})
    CHECK(photograph == Approx(3 * one).epsilon(kRounded));
  // With time enough, their own.
  CHECK(working_size({{2448, 2048}}, lite0, 224, 60000) == WorkingSize{2048, 2464});
  // The most common size counts, and a strip is not lost.
  CHECK(working_size({{100, 900}, {320, 320}, {320, 320}}, lite0, 224, 60) == WorkingSize{448, 448});
  const WorkingSize strip = working_size({{8000, 20}}, lite0, 224, 60);
  CHECK(strip.height == 64);
  CHECK_THROWS_WITH(working_size({}, lite0, 224, 60), Catch::Contains("no photographs"));
}

TEST_CASE("working features are local tokens of both pairs of strides", "[iuf][working]") {
  const Backbone backbone = Backbone::embedded();
  const Image image = noise(96, 64, 3);
  const WorkingFeatures f = working_features(backbone, image);
  const std::vector<Tensor> maps =
      backbone.deep_features(normalised_image(backbone.info(), image.pixels, image.height, image.width));
  CHECK(f.fine.shape() == Shape{8 * 12, fine_channels(backbone.info())});
  CHECK(f.deep.shape() == Shape{4 * 6, deep_channels(backbone.info())});
  const Tensor fine = local_tokens(maps[2], maps[3]), deep = local_tokens(maps[3], maps[4]);
  CHECK(equal(f.fine, fine.reshape(f.fine.shape())));
  CHECK(equal(f.deep, deep.reshape(f.deep.shape())));
  const WorkingFeatures shallow = working_features(backbone.shallow(), image);
  CHECK(equal(shallow.fine, f.fine));
  CHECK_FALSE(shallow.deep.defined());
}

TEST_CASE("tiles give what the whole image gives, without seams", "[iuf][working]") {
  const Backbone backbone = Backbone::embedded();
  const Image image = waves(1312, 1088);
  const WorkingFeatures tiled = working_features(backbone, image);
  const std::vector<Tensor> maps =
      backbone.deep_features(normalised_image(backbone.info(), image.pixels, image.height, image.width));
  const Tensor fine = local_tokens(maps[2], maps[3]), deep = local_tokens(maps[3], maps[4]);
  // What a position sees of the image is larger than the overlap only with little weight.
  CHECK(deviation(tiled.fine, fine.reshape(tiled.fine.shape())) < 0.01);
  CHECK(deviation(tiled.deep, deep.reshape(tiled.deep.shape())) < 0.03);
  // Across the overlap neighbours differ as they do elsewhere.
  const WorkingSize size{image.height, image.width};
  const int64_t columns = size.columns(WorkingFeatures::kFineStride), channels = tiled.fine.dim(1);
  const auto step = [&](const Tensor& x, int64_t column) {
    double sum = 0;
    for (int64_t row = 0; row < size.rows(WorkingFeatures::kFineStride); ++row)
      for (int64_t c = 0; c < channels; ++c) {
        const real* at = x.data() + (row * columns + column) * channels + c;
        sum += std::abs(static_cast<double>(at[channels]) - static_cast<double>(at[0]));
      }
    return sum;
  };
  for (int64_t column = 0; column + 1 < columns; ++column) {
    CAPTURE(column);
    CHECK(step(tiled.fine, column) < 1.1 * step(fine.reshape(tiled.fine.shape()), column));
  }
}
