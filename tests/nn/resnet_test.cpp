#include "nn/resnet.h"

#include <catch2/catch.hpp>

#include "nn/golden_features.h"
#include "tensor/parallel.h"

using namespace iuf;

TEST_CASE("every ResNet gives the features that PyTorch gives for generated weights", "[nn][backbone]") {
  for (const ResNetVariant& v : resnet_variants()) check_generated<ResNet>(v);
}
