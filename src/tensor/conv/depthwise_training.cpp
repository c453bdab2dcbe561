#include <algorithm>

#include "tensor/conv/geometry.h"
#include "tensor/conv/training.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

constexpr int64_t kLanes = 64;  // elements that one inner loop should have

Geometry depthwise_geometry(const char* who, const Shape& x, const Shape& weight, const ConvOptions& o) {
  if (x.rank() != 4 || weight.rank() != 4 || weight[0] != x[3] || weight[1] != 1)
    fail(who, ": weight ", weight, " does not suit maps ", x, ": it needs [C, 1, h, w]");
  return geometry(who, x, weight[2], weight[3], o);
}

struct Range {
  int64_t begin, end;
};

// The output pixels [begin, end) of a row whose tap in kernel column k lies inside the map.
Range inside_row(const Geometry& g, int64_t k) {
  const int64_t first = g.left - k, last = g.width - 1 + g.left - k;  // of x * stride
  const int64_t begin = first <= 0 ? 0 : (first + g.stride - 1) / g.stride, end = last < 0 ? 0 : last / g.stride + 1;
  return {begin, std::min(end, g.out_width)};
}

// Few channels are repeated over several pixels, so that inner loops are long enough to be worth vectors.
int64_t repeats(const Geometry& g) {
  return g.stride == 1 ? std::max<int64_t>(1, kLanes / g.channels) : 1;
}

// C x 1 x h x w as a row of channels, repeated, for each tap.
Tensor tap_order(const Tensor& weight, int64_t repeat) {
  const int64_t channels = weight.dim(0), taps = weight.dim(2) * weight.dim(3);
  Tensor rows({taps, repeat * channels});
  for (int64_t t = 0; t < taps; ++t)
    for (int64_t i = 0; i < repeat * channels; ++i)
      rows.data()[t * repeat * channels + i] = weight.data()[i % channels * taps + t];
  return rows;
}

// y[i] += w[i modulo period] * x[i]
IUF_SIMD void multiply_add(real* y, const real* x, const real* w, int64_t n, int64_t period) {
  for (int64_t at = 0; at < n; at += period) {
    const int64_t count = n - at < period ? n - at : period;
    for (int64_t i = 0; i < count; ++i) y[at + i] += w[i] * x[at + i];
  }
}

// sum[i modulo period] += x[i] * y[i]
IUF_SIMD void add_products(real* sum, const real* x, const real* y, int64_t n, int64_t period) {
  for (int64_t at = 0; at < n; at += period) {
    const int64_t count = n - at < period ? n - at : period;
    for (int64_t i = 0; i < count; ++i) sum[i] += x[at + i] * y[at + i];
  }
}

// Calls visit(input offset, output offset, elements, tap) for the runs of pixels that kernel row `k` connects between
// an input row and an output row: the whole run at stride 1, pixel by pixel otherwise.
template <class Run>
void visit_taps(const Geometry& g, int64_t k, Run&& visit) {
  for (int64_t j = 0; j < g.kernel_width; ++j) {
    const auto [begin, end] = inside_row(g, j);
    const int64_t tap = k * g.kernel_width + j, run = g.stride == 1 ? end - begin : 1;
    for (int64_t x = begin; x < end; x += run)
      visit((x * g.stride - g.left + j) * g.channels, x * g.channels, run * g.channels, tap);
  }
}

}  // namespace

Tensor depthwise_conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  const Geometry g = depthwise_geometry("depthwise_conv2d", x.shape(), weight.shape(), options);
  need_bias("depthwise_conv2d", bias, g.channels);
  const int64_t period = repeats(g) * g.channels;
  const Tensor taps = tap_order(weight, repeats(g));
  Tensor y({g.batch, g.out_height, g.out_width, g.channels});
  parallel_for(
      g.batch * g.out_height, std::max<int64_t>(1, 4096 / (g.out_width * g.channels)), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          real* row = y.data() + r * g.out_width * g.channels;
          for (int64_t i = 0; i < g.out_width * g.channels; i += g.channels)
            bias.defined() ? std::copy_n(bias.data(), g.channels, row + i) : std::fill_n(row + i, g.channels, real(0));
          const int64_t from = r % g.out_height * g.stride - g.top;
          for (int64_t k = std::max<int64_t>(0, -from); k < std::min(g.kernel_height, g.height - from); ++k) {
            const real* in = x.data() + (r / g.out_height * g.height + from + k) * g.width * g.channels;
            visit_taps(g, k, [&](int64_t at, int64_t to, int64_t n, int64_t tap) {
              multiply_add(row + to, in + at, taps.data() + tap * period, n, period);
            });
          }
        }
      });
  return y;
}

Tensor depthwise_conv2d_backward_input(const Tensor& dy, const Tensor& weight, const Shape& x,
                                       const ConvOptions& options) {
  const Geometry g = depthwise_geometry("depthwise_conv2d", x, weight.shape(), options);
  need_gradient("depthwise_conv2d", dy.shape(), g, g.channels);
  const int64_t period = repeats(g) * g.channels;
  const Tensor taps = tap_order(weight, repeats(g));
  Tensor dx = Tensor::zeros(x);
  parallel_for(
      g.batch * g.height, std::max<int64_t>(1, 4096 / (g.width * g.channels)), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          real* row = dx.data() + r * g.width * g.channels;
          for (int64_t k = 0; k < g.kernel_height; ++k) {
            const int64_t at = r % g.height + g.top - k;  // the output row times the stride
            if (at < 0 || at % g.stride || at / g.stride >= g.out_height) continue;
            const real* gradient = dy.data() + (r / g.height * g.out_height + at / g.stride) * g.out_width * g.channels;
            visit_taps(g, k, [&](int64_t to, int64_t from, int64_t n, int64_t tap) {
              multiply_add(row + to, gradient + from, taps.data() + tap * period, n, period);
            });
          }
        }
      });
  return dx;
}

Tensor depthwise_conv2d_backward_weight(const Tensor& dy, const Tensor& x, const Shape& weight,
                                        const ConvOptions& options) {
  const Geometry g = depthwise_geometry("depthwise_conv2d", x.shape(), weight, options);
  need_gradient("depthwise_conv2d", dy.shape(), g, g.channels);
  const int64_t period = repeats(g) * g.channels, taps = g.kernel_height * g.kernel_width;
  const Tensor sum = sum_over_images(g.batch, {taps, period}, [&](int64_t first, int64_t last, real* part) {
    for (int64_t r = first * g.out_height; r < last * g.out_height; ++r) {
      const int64_t from = r % g.out_height * g.stride - g.top;
      const real* gradient = dy.data() + r * g.out_width * g.channels;
      for (int64_t k = std::max<int64_t>(0, -from); k < std::min(g.kernel_height, g.height - from); ++k) {
        const real* in = x.data() + (r / g.out_height * g.height + from + k) * g.width * g.channels;
        visit_taps(g, k, [&](int64_t at, int64_t to, int64_t n, int64_t tap) {
          add_products(part + tap * period, in + at, gradient + to, n, period);
        });
      }
    }
  });
  Tensor dw = Tensor::zeros(weight);
  for (int64_t t = 0; t < taps; ++t)
    for (int64_t i = 0; i < period; ++i) dw.data()[i % g.channels * taps + t] += sum.data()[t * period + i];
  return dw;
}

}  // namespace iuf::kernel
