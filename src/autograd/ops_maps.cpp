#include <cmath>

#include "autograd/ops.h"
#include "tensor/conv/max_pool.h"
#include "tensor/conv/training.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

// The Gaussian window of SSIM: 11 pixels, deviation 1.5, sum 1.
constexpr int64_t kWindow = 11;
constexpr double kWindowDeviation = 1.5;
constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

Tensor window(int64_t channels, const Shape& shape) {
  double weight[kWindow], total = 0;
  for (int64_t i = 0; i < kWindow; ++i) {
    const double x = static_cast<double>(i - kWindow / 2) / kWindowDeviation;
    total += weight[i] = std::exp(-0.5 * x * x);
  }
  Tensor w(shape);
  for (int64_t i = 0; i < channels * kWindow; ++i) w.data()[i] = static_cast<real>(weight[i % kWindow] / total);
  return w;
}

// SSIM at one pixel from the windowed means of x, y, x^2, y^2 and xy, and its derivatives with respect to them.
struct Ssim {
  double value, mx, my, xx, yy, xy;
};
Ssim ssim_at(double mx, double my, double xx, double yy, double xy) {
  const double n1 = 2 * mx * my + kC1, n2 = 2 * (xy - mx * my) + kC2;
  const double d1 = mx * mx + my * my + kC1, d2 = xx - mx * mx + yy - my * my + kC2;
  const double s = n1 * n2 / (d1 * d2), both = 2 * (n2 - n1) / (d1 * d2), own = 2 * s * (1 / d2 - 1 / d1);
  return {s, both * my + own * mx, both * mx + own * my, -s / d2, -s / d2, 2 * n1 / (d1 * d2)};
}

Var mean_ssim(const Var& mx, const Var& my, const Var& xx, const Var& yy, const Var& xy) {
  const auto at = [mx, my, xx, yy, xy](int64_t i) {
    const auto value = [i](const Var& v) { return static_cast<double>(v.value().data()[i]); };
    return ssim_at(value(mx), value(my), value(xx), value(yy), value(xy));
  };
  const int64_t n = mx.value().size();
  const double total = parallel_sum(n, kElementBlock / 8, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i) sum += at(i).value;
    return sum;
  });
  return record("ssim", Tensor::scalar(static_cast<real>(total / static_cast<double>(n))), {mx, my, xx, yy, xy},
                [=](const Tensor& dy) {
                  const double factor = static_cast<double>(dy.item()) / static_cast<double>(n);
                  const Var* inputs[] = {&mx, &my, &xx, &yy, &xy};
                  Tensor gradient[5];
                  for (Tensor& g : gradient) g = Tensor(mx.shape());
                  parallel_for(n, kElementBlock / 8, [&](int64_t begin, int64_t end) {
                    for (int64_t i = begin; i < end; ++i) {
                      const Ssim s = at(i);
                      const double parts[] = {s.mx, s.my, s.xx, s.yy, s.xy};
                      for (size_t k = 0; k < 5; ++k) gradient[k].data()[i] = static_cast<real>(factor * parts[k]);
                    }
                  });
                  for (size_t k = 0; k < 5; ++k) inputs[k]->accumulate(gradient[k]);
                });
}

}  // namespace

Var conv2d(const Var& x, const Var& weight, const Var& bias, const kernel::ConvOptions& options) {
  const Tensor y = kernel::conv2d(x.value(), weight.value(), bias.defined() ? bias.value() : Tensor(), options);
  return record("conv2d", y, {x, weight, bias}, [x, weight, bias, options](const Tensor& dy) {
    if (x.requires_grad()) x.accumulate(kernel::conv2d_backward_input(dy, weight.value(), x.shape(), options));
    if (weight.requires_grad())
      weight.accumulate(kernel::conv2d_backward_weight(dy, x.value(), weight.shape(), options));
    if (bias.defined() && bias.requires_grad()) bias.accumulate(kernel::column_sum(dy));
  });
}

Var depthwise_conv2d(const Var& x, const Var& weight, const Var& bias, const kernel::ConvOptions& options) {
  const Tensor y =
      kernel::depthwise_conv2d(x.value(), weight.value(), bias.defined() ? bias.value() : Tensor(), options);
  return record("depthwise_conv2d", y, {x, weight, bias}, [x, weight, bias, options](const Tensor& dy) {
    if (x.requires_grad())
      x.accumulate(kernel::depthwise_conv2d_backward_input(dy, weight.value(), x.shape(), options));
    if (weight.requires_grad())
      weight.accumulate(kernel::depthwise_conv2d_backward_weight(dy, x.value(), weight.shape(), options));
    if (bias.defined() && bias.requires_grad()) bias.accumulate(kernel::column_sum(dy));
  });
}

Var max_pool(const Var& x, int64_t size, const kernel::ConvOptions& options) {
  const Tensor y = kernel::max_pool(x.value(), size, options);
  return record("max_pool", y, {x}, [x, y, size, options](const Tensor& dy) {
    x.accumulate(kernel::max_pool_backward(dy, x.value(), y, size, options));
  });
}

Var upsample(const Var& x, int64_t height, int64_t width) {
  return record("upsample", kernel::resize_bilinear(x.value(), height, width, kernel::Align::corners), {x},
                [x](const Tensor& dy) {
                  x.accumulate(kernel::resize_bilinear_backward(dy, x.dim(1), x.dim(2), kernel::Align::corners));
                });
}

Var ssim(const Var& x, const Var& y) {
  if (!(x.shape() == y.shape())) fail("ssim: ", x.shape(), " and ", y.shape(), ": shapes differ");
  if (x.value().rank() != 4) fail("ssim: needs maps of shape [B, H, W, C], not ", x.shape());
  const int64_t channels = x.dim(3);
  const Var down(window(channels, {channels, 1, kWindow, 1})), across(window(channels, {channels, 1, 1, kWindow}));
  const kernel::Padding half{kWindow / 2, kWindow / 2};
  const auto mean = [&](const Var& v) {
    return depthwise_conv2d(depthwise_conv2d(v, down, Var(), {.rows = half}), across, Var(), {.columns = half});
  };
  return mean_ssim(mean(x), mean(y), mean(x * x), mean(y * y), mean(x * y));
}

}  // namespace iuf
