#include "nn/optimizer.h"

#include <cmath>
#include <span>

#include "nn/diverged.h"
#include "tensor/elementwise.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

// The moments move, the update is written: u = -lr * (m / c1 / (sqrt(v / c2) + eps)) - lr * decay * theta. rest = 1 -
// beta is rounded from double: in float 1 - 0.999 is wrong by 1e-5.
IUF_SIMD void adamw_row(const real* gradient, const real* theta, real* m, real* v, real* update, int64_t n, real beta1,
                        real rest1, real beta2, real rest2, real rate, real root_correction2, real eps, real decay) {
  for (int64_t i = 0; i < n; ++i) {
    const real g = gradient[i];
    m[i] = beta1 * m[i] + rest1 * g;
    v[i] = beta2 * v[i] + rest2 * g * g;
    update[i] = -(rate * m[i] / (std::sqrt(v[i]) / root_correction2 + eps) + decay * theta[i]);
  }
}

IUF_SIMD void sgd_row(const real* gradient, const real* theta, real* m, real* update, int64_t n, real momentum,
                      real rate, real decay) {
  for (int64_t i = 0; i < n; ++i) {
    const real g = gradient[i] + decay * theta[i];
    m[i] = momentum * m[i] + g;
    update[i] = -rate * m[i];
  }
}

}  // namespace

double clip_gradients(const std::vector<NamedVar>& parameters, double limit) {
  double squares = 0;
  for (const NamedVar& p : parameters)
    if (p.var.grad().defined()) squares += kernel::sum_of_squares(p.var.grad());
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) {
    for (const NamedVar& p : parameters)
      if (p.var.grad().defined() && !kernel::all_finite(p.var.grad()))
        throw Diverged("the gradient of '" + p.name + "' is not finite");
    throw Diverged("the norm of the gradients is not finite");
  }
  const double factor = limit > 0 ? limit / (norm + 1e-6) : 1;
  if (factor < 1)
    for (const NamedVar& p : parameters)
      if (p.var.grad().defined()) {
        Var var = p.var;
        var.set_grad(kernel::scale(p.var.grad(), static_cast<real>(factor)));
      }
  return norm;
}

void Optimizer::step(std::vector<NamedVar>& parameters, double learning_rate, const UpdateFilter& filter) {
  ++steps_;
  const double correction1 = 1 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(options_.beta2, static_cast<double>(steps_));
  for (NamedVar& p : parameters) {
    if (!p.var.grad().defined()) continue;
    Tensor& theta = p.var.mutable_value();
    const Tensor& gradient = p.var.grad();
    Tensor& m = first_[p.name];
    if (!m.defined() || !(m.shape() == theta.shape())) m = Tensor::zeros(theta.shape());
    // An update that nobody filters is added block by block, while it is in cache.
    const bool filtered = filter.wants && filter.wants(p.name);
    Tensor update = filtered ? Tensor(theta.shape()) : Tensor();
    const auto move = [&](int64_t begin, int64_t end, const auto& compute) {
      if (filtered) return compute(update.data() + begin);
      Tensor block({end - begin});
      compute(block.data());
      Tensor values = theta.reshape({theta.size()}).rows(begin, end - begin);
      kernel::add_scaled(values, 1, block);
    };
    if (options_.kind == OptimizerKind::adamw) {
      Tensor& v = second_[p.name];
      if (!v.defined() || !(v.shape() == theta.shape())) v = Tensor::zeros(theta.shape());
      parallel_for(theta.size(), kElementBlock, [&](int64_t b, int64_t e) {
        move(b, e, [&](real* u) {
          adamw_row(gradient.data() + b, theta.data() + b, m.data() + b, v.data() + b, u, e - b,
                    static_cast<real>(options_.beta1), static_cast<real>(1 - options_.beta1),
                    static_cast<real>(options_.beta2), static_cast<real>(1 - options_.beta2),
                    static_cast<real>(learning_rate / correction1), static_cast<real>(std::sqrt(correction2)),
                    static_cast<real>(options_.eps), static_cast<real>(learning_rate * options_.weight_decay));
        });
      });
    } else {
      parallel_for(theta.size(), kElementBlock, [&](int64_t b, int64_t e) {
        move(b, e, [&](real* u) {
          sgd_row(gradient.data() + b, theta.data() + b, m.data() + b, u, e - b, static_cast<real>(options_.momentum),
                  static_cast<real>(learning_rate), static_cast<real>(options_.weight_decay));
        });
      });
    }
    if (filtered) {
      filter.apply(p.name, update);
      kernel::add_scaled(theta, 1, update);
    }
    p.var.clear_grad();
  }
}

void Optimizer::save(SafetensorsWriter& writer, const std::string& prefix) const {
  const int64_t steps[] = {steps_};
  writer.add(prefix + "steps", std::span<const int64_t>(steps));
  for (const auto& [name, tensor] : first_) writer.add(prefix + "first." + name, tensor);
  for (const auto& [name, tensor] : second_) writer.add(prefix + "second." + name, tensor);
}

void Optimizer::load(const TensorFile& file, const std::string& prefix) {
  const std::vector<int64_t> steps = file.integers(prefix + "steps");
  if (steps.size() != 1) fail(file.path(), ": '", prefix, "steps' must hold one number");
  steps_ = steps[0];
  first_.clear();
  second_.clear();
  for (const std::string& name : file.names()) {
    if (name.starts_with(prefix + "first.")) first_[name.substr(prefix.size() + 6)] = file.tensor(name);
    if (name.starts_with(prefix + "second.")) second_[name.substr(prefix.size() + 7)] = file.tensor(name);
  }
}

}  // namespace iuf
