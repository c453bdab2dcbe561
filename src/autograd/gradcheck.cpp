#include "autograd/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "autograd/ops.h"
#include "tensor/random.h"
#include "tensor/reduce.h"

namespace iuf {

Gradcheck gradcheck(const std::function<Var(std::span<const Var>)>& f, const std::vector<Tensor>& inputs, double eps) {
  std::vector<Var> leaves;
  for (const Tensor& input : inputs) leaves.emplace_back(input.clone(), true);
  const Var y = f(leaves);
  Tensor weights(y.shape());
  fill_uniform(weights, real(0.5), real(1.5), 11);
  backward(sum(mul(y, Var(weights))));

  Gradcheck worst;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (int64_t j = 0; j < inputs[i].size(); ++j) {
      const auto value_at = [&](double shift) {
        std::vector<Var> moved;
        for (size_t n = 0; n < inputs.size(); ++n) moved.emplace_back(n == i ? inputs[n].clone() : inputs[n]);
        moved[i].mutable_value().data()[j] += static_cast<real>(shift);
        return kernel::sum(kernel::mul(f(moved).value(), weights));
      };
      const double numeric = (value_at(eps) - value_at(-eps)) / (2 * eps);
      const Tensor& grad = leaves[i].grad();
      const double analytic = grad.defined() ? static_cast<double>(grad.data()[j]) : 0;
      const double error = std::abs(analytic - numeric) / std::max(1.0, std::abs(numeric));
      if (!(error <= worst.error)) {
        std::ostringstream where;
        where << "input " << i << ' ' << inputs[i].shape() << " element " << j << ": analytic " << analytic << ", numeric " << numeric;
        worst = {std::isnan(error) ? HUGE_VAL : error, where.str()};
      }
    }
  }
  return worst;
}

}  // namespace iuf
