#include "tensor/conv_backward.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/linear.h"
#include "tensor/parallel.h"
#include "tensor/permute.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

constexpr int64_t kPatchBuffer = 1 << 16;  // elements of gathered patches: they stay in the second-level cache
constexpr int64_t kPartialSums = 16;       // of a weight's gradient, at most
constexpr int64_t kLanes = 64;             // elements that one inner loop should have

struct Geometry {
  int64_t batch, height, width, channels;  // of the input
  int64_t kernel_height, kernel_width, stride, top, left;
  int64_t out_height, out_width;

  int64_t pixels() const { return out_height * out_width; }
  int64_t patch() const { return kernel_height * kernel_width * channels; }
};

Geometry geometry(const char* who, const Shape& x, int64_t kernel_height, int64_t kernel_width, const ConvOptions& o) {
  if (x.rank() != 4) fail(who, ": needs maps of shape [B, H, W, C], not ", x);
  const int64_t spare_rows = x[1] + o.rows.before + o.rows.after - kernel_height;
  const int64_t spare_columns = x[2] + o.columns.before + o.columns.after - kernel_width;
  if (o.stride < 1 || std::min({kernel_height, kernel_width, spare_rows + 1, spare_columns + 1}) < 1 ||
      std::min({o.rows.before, o.rows.after, o.columns.before, o.columns.after}) < 0)
    fail(who, ": a kernel of ", kernel_height, " x ", kernel_width, " with stride ", o.stride, " does not fit maps of ",
         x, " with ", o.rows.before, " + ", o.rows.after, " rows and ", o.columns.before, " + ", o.columns.after,
         " columns around them");
  return {x[0],
          x[1],
          x[2],
          x[3],
          kernel_height,
          kernel_width,
          o.stride,
          o.rows.before,
          o.columns.before,
          spare_rows / o.stride + 1,
          spare_columns / o.stride + 1};
}

Geometry conv_geometry(const char* who, const Shape& x, const Shape& weight, const ConvOptions& o) {
  if (x.rank() != 4 || weight.rank() != 4 || weight[1] != x[3])
    fail(who, ": weight ", weight, " does not suit maps ", x, ": it needs [O, C, h, w]");
  return geometry(who, x, weight[2], weight[3], o);
}

Geometry depthwise_geometry(const char* who, const Shape& x, const Shape& weight, const ConvOptions& o) {
  if (x.rank() != 4 || weight.rank() != 4 || weight[0] != x[3] || weight[1] != 1)
    fail(who, ": weight ", weight, " does not suit maps ", x, ": it needs [C, 1, h, w]");
  return geometry(who, x, weight[2], weight[3], o);
}

void need_gradient(const char* who, const Shape& dy, const Geometry& g, int64_t outputs) {
  if (!(dy == Shape{g.batch, g.out_height, g.out_width, outputs}))
    fail(who, ": gradient ", dy, " for an output of [", g.batch, ", ", g.out_height, ", ", g.out_width, ", ", outputs,
         "]");
}

void need_bias(const char* who, const Tensor& bias, int64_t outputs) {
  if (bias.defined() && !(bias.shape() == Shape{outputs}))
    fail(who, ": bias ", bias.shape(), " for ", outputs, " outputs");
}

bool pointwise(const Geometry& g) {
  return g.kernel_height == 1 && g.kernel_width == 1 && g.stride == 1 && g.out_height == g.height &&
         g.out_width == g.width;
}

// Calls visit(offset in a patch, offset in the image, elements) for what of the patch under output pixel p lies inside
// the image: one run of pixels for each row.
template <class Run>
void visit_patch(const Geometry& g, int64_t p, Run&& visit) {
  const int64_t y = p / g.out_width * g.stride - g.top, x = p % g.out_width * g.stride - g.left;
  const int64_t from = std::max<int64_t>(0, -x), to = std::min(g.kernel_width, g.width - x);
  if (from >= to) return;
  for (int64_t k = std::max<int64_t>(0, -y); k < std::min(g.kernel_height, g.height - y); ++k)
    visit((k * g.kernel_width + from) * g.channels, ((y + k) * g.width + x + from) * g.channels,
          (to - from) * g.channels);
}

// The patches under the output pixels [begin, end), a row each: kernel row, kernel column, channel.
void gather(const Geometry& g, const real* image, int64_t begin, int64_t end, real* patches) {
  for (int64_t p = begin; p < end; ++p) {
    real* patch = patches + (p - begin) * g.patch();
    int64_t done = 0;
    visit_patch(g, p, [&](int64_t to, int64_t from, int64_t n) {
      std::fill(patch + done, patch + to, real(0));
      std::copy_n(image + from, n, patch + to);
      done = to + n;
    });
    std::fill(patch + done, patch + g.patch(), real(0));
  }
}

IUF_SIMD void add_to(real* sum, const real* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) sum[i] += x[i];
}

int64_t pixels_at_once(const Geometry& g) {
  return std::clamp<int64_t>(kPatchBuffer / g.patch(), 16, g.pixels() < 16 ? 16 : g.pixels());
}

// O x I x h x w as O rows in the order of a patch, and back.
Tensor patch_order(const Tensor& weight) {
  const int order[] = {0, 2, 3, 1};
  return permute(weight, order);
}
Tensor checkpoint_order(const Tensor& rows, const Shape& weight) {
  const int order[] = {0, 3, 1, 2};
  return permute(rows.reshape({weight[0], weight[2], weight[3], weight[1]}), order);
}

// The sum of work(images [begin, end), sum) over the batch, in a few parts that depend on its size alone.
template <class Work>
Tensor sum_over_images(int64_t batch, const Shape& shape, Work&& work) {
  const int64_t block = std::max<int64_t>(1, (batch + kPartialSums - 1) / kPartialSums),
                parts = (batch + block - 1) / block;
  Tensor sums = Tensor::zeros({std::max<int64_t>(parts, 1), shape.size()});
  parallel_for(batch, block,
               [&](int64_t begin, int64_t end) { work(begin, end, sums.data() + begin / block * shape.size()); });
  for (int64_t i = 1; i < parts; ++i) add_to(sums.data(), sums.data() + i * shape.size(), shape.size());
  return sums.rows(0, 1).reshape(shape);
}

// Depthwise: the output pixels [begin, end) of a row whose tap in kernel column k lies inside the map.
Border inside_row(const Geometry& g, int64_t k) {
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
    const int64_t tap = k * g.kernel_width + j, step = g.stride == 1 ? end - begin : 1;
    for (int64_t x = begin; x < end; x += step)
      visit((x * g.stride - g.left + j) * g.channels, x * g.channels, step * g.channels, tap);
  }
}

IUF_SIMD void take_larger(real* y, const real* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  const Geometry g = conv_geometry("conv2d", x.shape(), weight.shape(), options);
  const int64_t outputs = weight.dim(0);
  need_bias("conv2d", bias, outputs);
  if (pointwise(g)) return linear(x, weight.reshape({outputs, g.channels}), bias);
  const Tensor rows = patch_order(weight);
  Tensor y({g.batch, g.out_height, g.out_width, outputs});
  const int64_t step = pixels_at_once(g), blocks = (g.pixels() + step - 1) / step;
  parallel_for(g.batch * blocks, 1, [&](int64_t i, int64_t) {
    const int64_t image = i / blocks, begin = i % blocks * step, end = std::min(begin + step, g.pixels());
    Tensor patches({end - begin, g.patch()});
    gather(g, x.data() + image * g.height * g.width * g.channels, begin, end, patches.data());
    real* out = y.data() + (image * g.pixels() + begin) * outputs;
    if (bias.defined())
      for (int64_t p = 0; p < end - begin; ++p) std::copy_n(bias.data(), outputs, out + p * outputs);
    gemm(Trans::no, Trans::yes, end - begin, outputs, g.patch(), 1, patches.data(), g.patch(), rows.data(), g.patch(),
         bias.defined() ? real(1) : real(0), out, outputs);
  });
  return y;
}

Tensor conv2d_backward_input(const Tensor& dy, const Tensor& weight, const Shape& x, const ConvOptions& options) {
  const Geometry g = conv_geometry("conv2d", x, weight.shape(), options);
  const int64_t outputs = weight.dim(0);
  need_gradient("conv2d", dy.shape(), g, outputs);
  if (pointwise(g)) return linear_backward_input(dy, weight.reshape({outputs, g.channels}));
  const Tensor rows = patch_order(weight);
  Tensor dx = Tensor::zeros(x);
  const int64_t step = pixels_at_once(g);
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {  // patches overlap, so that an image is one thread's work
    real* out = dx.data() + image * g.height * g.width * g.channels;
    Tensor patches({std::min(step, g.pixels()), g.patch()});
    for (int64_t begin = 0; begin < g.pixels(); begin += step) {
      const int64_t end = std::min(begin + step, g.pixels());
      gemm(Trans::no, Trans::no, end - begin, g.patch(), outputs, 1, dy.data() + (image * g.pixels() + begin) * outputs,
           outputs, rows.data(), g.patch(), 0, patches.data(), g.patch());
      for (int64_t p = begin; p < end; ++p)
        visit_patch(g, p, [&](int64_t from, int64_t to, int64_t n) {
          add_to(out + to, patches.data() + (p - begin) * g.patch() + from, n);
        });
    }
  });
  return dx;
}

Tensor conv2d_backward_weight(const Tensor& dy, const Tensor& x, const Shape& weight, const ConvOptions& options) {
  const Geometry g = conv_geometry("conv2d", x.shape(), weight, options);
  const int64_t outputs = weight[0];
  need_gradient("conv2d", dy.shape(), g, outputs);
  if (pointwise(g)) return linear_backward_weight(dy, x).reshape(weight);
  const int64_t step = pixels_at_once(g);
  const Tensor sum = sum_over_images(g.batch, {outputs, g.patch()}, [&](int64_t first, int64_t last, real* part) {
    Tensor patches({std::min(step, g.pixels()), g.patch()});
    for (int64_t image = first; image < last; ++image)
      for (int64_t begin = 0; begin < g.pixels(); begin += step) {
        const int64_t end = std::min(begin + step, g.pixels());
        gather(g, x.data() + image * g.height * g.width * g.channels, begin, end, patches.data());
        gemm(Trans::yes, Trans::no, outputs, g.patch(), end - begin, 1,
             dy.data() + (image * g.pixels() + begin) * outputs, outputs, patches.data(), g.patch(), 1, part,
             g.patch());
      }
  });
  return checkpoint_order(sum, weight);
}

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

Tensor max_pool(const Tensor& x, int64_t size, const ConvOptions& options) {
  const Geometry g = geometry("max_pool", x.shape(), size, size, options);
  Tensor y = Tensor::full({g.batch, g.out_height, g.out_width, g.channels}, -std::numeric_limits<real>::infinity());
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {
    const real* in = x.data() + image * g.height * g.width * g.channels;
    for (int64_t p = 0; p < g.pixels(); ++p) {
      real* out = y.data() + (image * g.pixels() + p) * g.channels;
      visit_patch(g, p, [&](int64_t, int64_t from, int64_t n) {
        for (int64_t i = 0; i < n; i += g.channels) take_larger(out, in + from + i, g.channels);
      });
    }
  });
  return y;
}

Tensor max_pool_backward(const Tensor& dy, const Tensor& x, const Tensor& y, int64_t size, const ConvOptions& options) {
  const Geometry g = geometry("max_pool", x.shape(), size, size, options);
  need_gradient("max_pool", dy.shape(), g, g.channels);
  Tensor dx = Tensor::zeros(x.shape());
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {
    const int64_t offset = image * g.height * g.width * g.channels;
    std::vector<char> given(static_cast<size_t>(g.channels));
    for (int64_t p = 0; p < g.pixels(); ++p) {
      const int64_t at = (image * g.pixels() + p) * g.channels;
      std::fill(given.begin(), given.end(), char(0));
      visit_patch(g, p, [&](int64_t, int64_t from, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
          const int64_t c = i % g.channels;
          char& done = given[static_cast<size_t>(c)];
          if (done || x.data()[offset + from + i] != y.data()[at + c]) continue;
          dx.data()[offset + from + i] += dy.data()[at + c];
          done = 1;
        }
      });
    }
  });
  return dx;
}

}  // namespace iuf::kernel
