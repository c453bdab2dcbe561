#include "nn/safetensors.h"

#include <catch2/catch.hpp>

#include "support/golden.h"
#include "tensor/error.h"

using namespace iuf;

TEST_CASE("golden files open and give values, integers and metadata", "[nn][safetensors]") {
  const TensorFile file = golden("metrics");
  CHECK(file.contains("ties.scores"));
  CHECK(file.shape("ties.scores") == std::vector<int64_t>{5000});
  CHECK(file.integers("ties.labels").size() == 5000);
  CHECK(std::stod(file.metadata("ties.auroc")) > 0.5);
  CHECK_THROWS_WITH(file.at("ties.label"), Catch::Contains("nearest: ties.labels"));
}
