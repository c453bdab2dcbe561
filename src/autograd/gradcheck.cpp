#include "autograd/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "autograd/ops.h"
#include "tensor/random.h"
#include "tensor/reduce.h"

namespace iuf {

Gradcheck gradcheck(const std::function<Var(std::span<const Var>)>& f, const std::vector<Tensor>& inputs, double eps,
                    int64_t most) {
  Tensor weights;
  // Leaves with their gradients; the `frozen` one, if any, needs none.
  const auto differentiate = [&](size_t frozen) {
    std::vector<Var> leaves;
    for (size_t i = 0; i < inputs.size(); ++i)
      leaves.emplace_back(inputs[i].clone(), i == frozen ? RequiresGrad::no : RequiresGrad::yes);
    const Var y = f(leaves);
    if (!weights.defined()) {
      weights = Tensor(y.shape());
      fill_uniform(weights, real(0.5), real(1.5), 11);
    }
    if (y.requires_grad()) backward(sum(mul(y, Var(weights))));
    return leaves;
  };
  const std::vector<Var> leaves = differentiate(inputs.size());

  Gradcheck worst;
  for (size_t frozen = 0; frozen < inputs.size(); ++frozen) {
    const std::vector<Var> others = differentiate(frozen);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Tensor &grad = others[i].grad(), &full = leaves[i].grad();
      const bool same = i == frozen
                            ? !grad.defined()
                            : grad.defined() == full.defined() &&
                                  (!full.defined() || std::equal(full.data(), full.data() + full.size(), grad.data()));
      if (!same)
        worst = {HUGE_VAL, "input " + std::to_string(i) + ": another gradient when input " + std::to_string(frozen) +
                               " needs none"};
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int64_t count = std::min(inputs[i].size(), most);
    for (int64_t n = 0; n < count; ++n) {
      const int64_t j = count == 1 ? 0 : n * (inputs[i].size() - 1) / (count - 1);  // the first and the last one too
      const auto value_at = [&](double shift) {
        std::vector<Var> moved;
        for (size_t other = 0; other < inputs.size(); ++other)
          moved.emplace_back(other == i ? inputs[other].clone() : inputs[other]);
        moved[i].mutable_value().data()[j] += static_cast<real>(shift);
        return kernel::sum(kernel::mul(f(moved).value(), weights));
      };
      const double numeric = (value_at(eps) - value_at(-eps)) / (2 * eps);
      const Tensor& grad = leaves[i].grad();
      const double analytic = grad.defined() ? static_cast<double>(grad.data()[j]) : 0;
      const double error = std::abs(analytic - numeric) / std::max(1.0, std::abs(numeric));
      if (!(error <= worst.error)) {
        std::ostringstream where;
        where << "input " << i << ' ' << inputs[i].shape() << " element " << j << ": analytic " << analytic
              << ", numeric " << numeric;
        worst = {std::isnan(error) ? HUGE_VAL : error, where.str()};
      }
    }
  }
  return worst;
}

}  // namespace iuf
