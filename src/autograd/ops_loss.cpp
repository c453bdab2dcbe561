#include <algorithm>
#include <cmath>
#include <vector>

#include "autograd/ops.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"

namespace iuf {

Var sum(const Var& x) {
  return record("sum", Tensor::scalar(static_cast<real>(kernel::sum(x.value()))), {x},
                [x](const Tensor& dy) { x.accumulate(Tensor::full(x.shape(), dy.item())); });
}

Var mean_axis(const Var& x, int axis) {
  const real factor = 1 / static_cast<real>(x.dim(axis));
  return record("mean_axis", kernel::scale(kernel::sum_axis(x.value(), axis), factor), {x},
                [x, axis, factor](const Tensor& dy) {
                  Shape kept = x.shape();
                  kept.set(axis, 1);
                  x.accumulate(kernel::broadcast_to(kernel::scale(dy, factor).reshape(kept), x.shape()));
                });
}

Var mse(const Var& x, const Var& y) {
  if (!(x.shape() == y.shape())) fail("mse: ", x.shape(), " and ", y.shape(), ": shapes differ");
  const double n = static_cast<double>(x.value().size());
  const double value = kernel::sum_of_squared_differences(x.value(), y.value()) / n;
  return record("mse", Tensor::scalar(static_cast<real>(value)), {x, y}, [x, y, n](const Tensor& dy) {
    const real factor = static_cast<real>(2 / n) * dy.item();
    const Tensor gradient = kernel::scale(kernel::sub(x.value(), y.value()), factor);
    x.accumulate(gradient);
    if (y.requires_grad()) y.accumulate(kernel::scale(gradient, -1));
  });
}

Var cross_entropy(const Var& logits, const std::vector<int64_t>& labels) {
  if (logits.value().rank() != 2) fail("cross_entropy: logits ", logits.shape(), " need two axes, [B, N]");
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  if (static_cast<int64_t>(labels.size()) != rows)
    fail("cross_entropy: ", labels.size(), " labels for logits ", logits.shape());
  Tensor probability(logits.shape());
  double loss = 0;
  for (int64_t r = 0; r < rows; ++r) {
    const real* x = logits.value().data() + r * classes;
    real* p = probability.data() + r * classes;
    const int64_t label = labels[static_cast<size_t>(r)];
    if (label < 0 || label >= classes) fail("cross_entropy: label ", label, " with ", classes, " classes");
    const double top = static_cast<double>(*std::max_element(x, x + classes));
    double total = 0;
    for (int64_t c = 0; c < classes; ++c) total += std::exp(static_cast<double>(x[c]) - top);
    for (int64_t c = 0; c < classes; ++c) p[c] = static_cast<real>(std::exp(static_cast<double>(x[c]) - top) / total);
    loss += top + std::log(total) - static_cast<double>(x[label]);
  }
  const real mean = static_cast<real>(loss / static_cast<double>(rows));
  return record("cross_entropy", Tensor::scalar(mean), {logits},
                [logits, labels, probability, rows, classes](const Tensor& dy) {
                  Tensor gradient = probability.clone();
                  for (int64_t r = 0; r < rows; ++r) gradient.data()[r * classes + labels[static_cast<size_t>(r)]] -= 1;
                  logits.accumulate(kernel::scale(gradient, dy.item() / static_cast<real>(rows)));
                });
}

Var focal_loss(const Var& logits, const std::vector<int64_t>& labels, double gamma) {
  const int64_t classes = logits.dim(-1), rows = logits.value().size() / classes;
  if (static_cast<int64_t>(labels.size()) != rows)
    fail("focal_loss: ", labels.size(), " labels for logits ", logits.shape());
  if (gamma < 0) fail("focal_loss: gamma is ", gamma, "; it must not be negative");
  for (int64_t label : labels)
    if (label < 0 || label >= classes) fail("focal_loss: label ", label, " with ", classes, " classes");
  Tensor gradient(logits.shape());
  const double total = parallel_sum(rows, kElementBlock / 16, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t r = begin; r < end; ++r) {
      const real* x = logits.value().data() + r * classes;
      real* g = gradient.data() + r * classes;
      const int64_t label = labels[static_cast<size_t>(r)];
      const double top = static_cast<double>(*std::max_element(x, x + classes));
      double all = 0, others = 0;
      for (int64_t c = 0; c < classes; ++c) {
        const double e = std::exp(static_cast<double>(x[c]) - top);
        g[c] = static_cast<real>(e);
        all += e;
        if (c != label) others += e;
      }
      const double q = others / all,
                   log_p = static_cast<double>(x[label]) - top - std::log(all);  // q = 1 - p without cancellation
      const double weight = std::pow(q, gamma);
      sum -= weight * log_p;
      const double slope = (q > 0 ? gamma * weight / q * (1 - q) * log_p : 0.0) - weight;  // d loss / d log p
      for (int64_t c = 0; c < classes; ++c)
        g[c] =
            static_cast<real>(slope * (c == label ? q : -static_cast<double>(g[c]) / all) / static_cast<double>(rows));
    }
    return sum;
  });
  return record("focal_loss", Tensor::scalar(static_cast<real>(total / static_cast<double>(rows))), {logits},
                [logits, gradient](const Tensor& dy) { logits.accumulate(kernel::scale(gradient, dy.item())); });
}

Var svd_tail(const Var& matrix, int64_t t) {
  if (t < 1) fail("svd_tail: t counts from 1, not ", t);
  const kernel::Svd parts = kernel::svd(matrix.value());
  const int64_t r = parts.s.size(), m = matrix.dim(0), n = matrix.dim(1);
  double value = 0;
  for (int64_t i = t - 1; i < r; ++i) value += static_cast<double>(parts.s.data()[i]);
  return record("svd_tail", Tensor::scalar(static_cast<real>(value)), {matrix},
                [matrix, parts, t, r, m, n](const Tensor& dy) {
                  Tensor gradient = Tensor::zeros(matrix.shape());
                  const int64_t from = std::min(t - 1, r);
                  kernel::gemm(Trans::no, Trans::no, m, n, r - from, dy.item(), parts.u.data() + from, r,
                               parts.vt.data() + from * n, n, 0, gradient.data(), n);
                  matrix.accumulate(gradient);
                });
}

}  // namespace iuf
