#include "autograd/op_cases.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "nn/safetensors.h"
#include "support/golden.h"
#include "tensor/parallel.h"

using namespace iuf;

namespace {

/// Calls use(case, prefix of its tensors in the file, inputs) for every operation's cases.
template <class Use>
void for_each_case(const TensorFile& references, const Use& use) {
  const std::vector<OpCase> cases = op_cases();
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string prefix = op_case_prefix(i, cases[i]);
    INFO(prefix);
    std::vector<Tensor> inputs;
    for (size_t k = 0; k < cases[i].shapes.size(); ++k)
      inputs.push_back(references.tensor(prefix + "input" + std::to_string(k)));
    use(cases[i], prefix, inputs);
  }
}

bool finite(const Tensor& x) {
  return std::ranges::all_of(x.span(), [](real value) { return std::isfinite(value); });
}

/// Rounding errors of n terms add up like a random walk, sqrt(n) eps; a few steps follow one another in an operation.
double case_rounding(const OpCase& c, const std::vector<Tensor>& inputs) {
  int64_t terms = 1;
  for (const Tensor& input : inputs) terms = std::max(terms, input.size());
  return 8 * c.gain * static_cast<double>(std::numeric_limits<real>::epsilon()) * std::sqrt(static_cast<double>(terms));
}

}  // namespace

TEST_CASE("every operation gives finite values and gradients, as in double up to rounding", "[autograd][op_cases]") {
  const TensorFile references = read_safetensors(IUF_OP_REFERENCES);
  for_each_case(references, [&](const OpCase& c, const std::string& prefix, const std::vector<Tensor>& inputs) {
    const OpResult result = run_op_case(c, inputs, references.tensor(prefix + "weights"));
    const double tolerance = case_rounding(c, inputs);
    CHECK(finite(result.value));
    check_close(prefix + "value", result.value, references.tensor(prefix + "value"), tolerance, tolerance);
    for (size_t k = 0; k < inputs.size(); ++k) {
      const std::string name = prefix + "gradient" + std::to_string(k);
      CHECK(result.gradients[k].defined() == references.contains(name));
      if (!result.gradients[k].defined()) continue;
      CHECK(finite(result.gradients[k]));
      check_close(name, result.gradients[k], references.tensor(name), tolerance, tolerance);
    }
  });
}

TEST_CASE("every operation gives equal bits for every number of threads", "[autograd][op_cases]") {
  const TensorFile references = read_safetensors(IUF_OP_REFERENCES);
  const int before = thread_count();
  for_each_case(references, [&](const OpCase& c, const std::string& prefix, const std::vector<Tensor>& inputs) {
    const Tensor weights = references.tensor(prefix + "weights");
    set_thread_count(1);
    const OpResult one = run_op_case(c, inputs, weights);
    for (const int threads : {2, 3}) {
      set_thread_count(threads);
      const OpResult several = run_op_case(c, inputs, weights);
      CHECK(equal(several.value, one.value));
      for (size_t k = 0; k < inputs.size(); ++k) {
        REQUIRE(several.gradients[k].defined() == one.gradients[k].defined());
        if (one.gradients[k].defined()) CHECK(equal(several.gradients[k], one.gradients[k]));
      }
    }
  });
  set_thread_count(before);
}

TEST_CASE("no operation writes into its inputs", "[autograd][op_cases]") {
  const TensorFile references = read_safetensors(IUF_OP_REFERENCES);
  for_each_case(references, [&](const OpCase& c, const std::string& prefix, const std::vector<Tensor>& inputs) {
    const Tensor weights = references.tensor(prefix + "weights");
    run_op_case(c, inputs, weights);
    for (size_t k = 0; k < inputs.size(); ++k)
      CHECK(equal(inputs[k], references.tensor(prefix + "input" + std::to_string(k))));
    CHECK(equal(weights, references.tensor(prefix + "weights")));
  });
}
