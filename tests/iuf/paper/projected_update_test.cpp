#include "iuf/paper/projected_update.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "support/golden.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

/// Rows of M^ that the moments of "layer" are of, as the model file has them.
int64_t rows_of(const OldBasis& basis) {
  SafetensorsWriter writer;
  basis.save(writer, "basis.");
  const std::vector<std::byte> bytes = writer.bytes();
  return parse_safetensors(bytes, "basis").integers("basis.layer.count").at(0);
}

}  // namespace

TEST_CASE("the gate leaves the strongest old channel unchanged and the weakest free", "[iuf][eq11]") {
  const Tensor gate = channel_gate(256);
  CHECK(gate.data()[0] == 0);
  CHECK(gate.data()[255] == 1);
  for (int64_t c = 1; c < 256; ++c) CHECK(gate.data()[c] > gate.data()[c - 1]);
  CHECK(static_cast<double>(gate.data()[15]) == Approx(0.5).epsilon(1e-6));  // log 16 / log 256
}

TEST_CASE("moments of several steps add up to those of all rows", "[iuf][eq10][golden]") {
  const TensorFile file = golden("linalg");
  for (const std::string name : {"tall", "wide", "deficient"}) {
    INFO(name);
    const Tensor x = file.tensor(name + ".x");
    const int64_t half = x.dim(0) / 2, channels = x.dim(1);
    OldBasis together, basis;
    together.add("layer", x.reshape({x.dim(0), 1, channels}));
    basis.add("layer", x.rows(0, half).reshape({half, 1, channels}));
    basis.add("layer", x.rows(half, x.dim(0) - half).reshape({x.dim(0) - half, 1, channels}));
    CHECK(rows_of(basis) == x.dim(0));
    // Rows are defined up to their sign, so what they do to an update is compared.
    const Tensor delta = file.tensor(name + ".delta"), gate = channel_gate(channels);
    check_close("projected", project_update(delta, basis.basis("layer"), gate),
                project_update(delta, together.basis("layer"), gate), 1e-5);
  }
}

TEST_CASE("token means of every image enter the basis once", "[iuf][eq5]") {
  Tensor output({2, 3, 2});
  fill_uniform(output, -1, 1, 5);
  OldBasis basis;
  basis.add("layer", output);
  Tensor means({2, 1, 2});
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t c = 0; c < 2; ++c) {
      real sum = 0;
      for (int64_t t = 0; t < 3; ++t) sum += output.data()[(b * 3 + t) * 2 + c];
      means.data()[b * 2 + c] = sum / 3;
    }
  OldBasis expected;
  expected.add("layer", means);
  Tensor update({2, 4});
  fill_uniform(update, -1, 1, 6);
  check_close("projected", project_update(update, basis.basis("layer"), channel_gate(2)),
              project_update(update, expected.basis("layer"), channel_gate(2)), 1e-5);
  CHECK(rows_of(basis) == 2);
}

TEST_CASE("an update of a weight or a bias is damped inside the old space and free outside of it", "[iuf][eq12]") {
  // Old images see channels 2 and 0 of four, in that order of importance.
  Tensor basis = Tensor::zeros({2, 4});
  basis.data()[2] = basis.data()[4] = 1;
  const Tensor gate = channel_gate(4);
  for (const Shape& shape : {Shape{4, 3}, Shape{4}}) {
    INFO(shape);
    Tensor update(shape);
    fill_uniform(update, -1, 1, 9);
    Tensor expected = update.clone();
    const int64_t width = update.size() / 4;
    for (int64_t w = 0; w < width; ++w) {
      expected.data()[2 * width + w] *= gate.data()[0];
      expected.data()[w] *= gate.data()[1];
    }
    check_close("projected", project_update(update, basis, gate), expected, 1e-6);
    check_close("without directions", project_update(update, Tensor({0, 4}), gate), update, 0);
  }
  CHECK_THROWS_WITH(project_update(Tensor::zeros({3, 2}), basis, gate),
                    Catch::Contains("[3, 2]") && Catch::Contains("[2, 4]"));
}

TEST_CASE("only the linear2 parameters that the basis knows are projected", "[iuf][eq13]") {
  OldBasis basis;
  Tensor output({4, 1, 3});
  fill_uniform(output, -1, 1, 1);
  basis.add("encoder.layers.0.linear2", output);
  std::vector<NamedVar> parameters;
  for (const char* name : {"encoder.layers.0.linear2.weight", "encoder.layers.0.linear2.bias"})
    parameters.push_back({name, Var(Tensor::zeros({3}), true)});
  for (const char* name : {"encoder.layers.0.linear1.weight", "encoder.layers.1.linear2.weight", "norm"})
    parameters.push_back({name, Var(Tensor::zeros({3}), true)});
  const ProjectedUpdate projected(basis, parameters);
  const UpdateFilter filter = projected.filter();
  CHECK(filter.wants("encoder.layers.0.linear2.weight"));
  CHECK(filter.wants("encoder.layers.0.linear2.bias"));
  CHECK_FALSE(filter.wants("encoder.layers.0.linear1.weight"));
  CHECK_FALSE(filter.wants("encoder.layers.1.linear2.weight"));
  CHECK_FALSE(filter.wants("norm"));
}
