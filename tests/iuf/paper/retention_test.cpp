#include "iuf/paper/retention.h"

#include <catch2/catch.hpp>

using namespace iuf;

TEST_CASE("the pull moves every weight by eta towards its old value", "[iuf][eq9]") {
  std::vector<NamedVar> tensors{{"w", Var(Tensor({2}, std::vector<real>{1, 3}), RequiresGrad::yes)}};
  const OldWeights old(tensors);
  tensors[0].var.mutable_value().data()[0] = 11;
  old.pull(tensors, 0.25);
  CHECK(tensors[0].var.value().data()[0] == real(8.5));
  CHECK(tensors[0].var.value().data()[1] == real(3));
}

TEST_CASE("rows that were added for new objects are not pulled", "[iuf][eq9]") {
  std::vector<NamedVar> before{{"fc", Var(Tensor::full({1, 2}, 1), RequiresGrad::yes)}};
  const OldWeights old(before);
  std::vector<NamedVar> grown{{"fc", Var(Tensor::full({2, 2}, 5), RequiresGrad::yes)}};
  old.pull(grown, 0.5);
  CHECK(grown[0].var.value().data()[1] == real(3));
  CHECK(grown[0].var.value().data()[2] == real(5));
}
