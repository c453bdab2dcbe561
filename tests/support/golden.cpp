#include "support/golden.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "iuf/selfcheck/comparison.h"
#include "nn/safetensors.h"

namespace iuf {

TensorFile golden(const std::string& name) {
  std::filesystem::path path = std::filesystem::path(IUF_SOURCE_DIR) / "tests/golden" / name;
  if (!path.has_extension()) path += ".safetensors";
  return read_safetensors(path);
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.data(), a.data() + a.size(), b.data());
}

void check_close(const std::string& what, const Tensor& got, const Tensor& expected, double tolerance, double floor) {
  INFO(what << ": got " << got.shape() << ", expected " << expected.shape());
  REQUIRE(got.shape() == expected.shape());
  const WorstElement worst = worst_element(got, expected);
  if (worst.error > 0) {
    UNSCOPED_INFO("worst at " << element_text(got, expected, worst.index) << "; error / max |expected| = "
                              << worst.error / worst.scale << ", tolerance " << tolerance);
  }
  CHECK(worst.error <= tolerance * worst.scale + floor);
}

}  // namespace iuf
