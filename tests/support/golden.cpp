#include "support/golden.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <sstream>

#include "nn/safetensors.h"

namespace iuf {
namespace {

std::string index_text(const Shape& shape, int64_t flat) {
  std::vector<int64_t> index(static_cast<size_t>(shape.rank()));
  for (int axis = shape.rank(); axis-- > 0;) {
    index[static_cast<size_t>(axis)] = flat % shape.dim(axis);
    flat /= shape.dim(axis);
  }
  std::ostringstream text;
  text << "[";
  for (size_t i = 0; i < index.size(); ++i) text << (i ? ", " : "") << index[i];
  text << "]";
  return text.str();
}

}  // namespace

TensorFile golden(const std::string& name) {
  std::filesystem::path path = std::filesystem::path(IUF_SOURCE_DIR) / "tests/golden" / name;
  if (!path.has_extension()) path += ".safetensors";
  return read_safetensors(path);
}

WorstElement worst_element(const Tensor& got, const Tensor& expected) {
  WorstElement worst{.error = 0, .scale = 1e-30, .index = 0};
  for (const real value : expected.span()) {
    if (std::isfinite(value)) worst.scale = std::max(worst.scale, std::abs(static_cast<double>(value)));
  }
  for (int64_t i = 0; i < got.size(); ++i) {
    const auto a = static_cast<double>(got.data()[i]), b = static_cast<double>(expected.data()[i]);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    double error = std::abs(a - b);
    if (!std::isfinite(error)) error = std::numeric_limits<double>::infinity();
    if (error > worst.error) worst.error = error, worst.index = i;
  }
  return worst;
}

void check_close(const std::string& what, const Tensor& got, const Tensor& expected, double tolerance, double floor) {
  INFO(what << ": got " << got.shape() << ", expected " << expected.shape());
  REQUIRE(got.shape() == expected.shape());
  const WorstElement worst = worst_element(got, expected);
  if (worst.error > 0) {
    UNSCOPED_INFO("worst at " << index_text(got.shape(), worst.index) << ": got " << got.data()[worst.index]
                              << ", expected " << expected.data()[worst.index] << "; error / max |expected| = "
                              << worst.error / worst.scale << ", tolerance " << tolerance);
  }
  CHECK(worst.error <= tolerance * worst.scale + floor);
}

}  // namespace iuf
