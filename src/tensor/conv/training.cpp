#include "tensor/conv/training.h"

#include <algorithm>

#include "tensor/blas.h"
#include "tensor/conv/geometry.h"
#include "tensor/error.h"
#include "tensor/linear.h"
#include "tensor/parallel.h"
#include "tensor/permute.h"
#include "tensor/row_kernels.h"

namespace iuf::kernel {
namespace {

constexpr int64_t kPatchBuffer = 1 << 16;  // elements of gathered patches: they stay in the second-level cache

Geometry conv_geometry(const char* who, const Shape& x, const Shape& weight, const ConvOptions& o) {
  if (x.rank() != 4 || weight.rank() != 4 || weight[1] != x[3])
    fail(who, ": weight ", weight, " does not suit maps ", x, ": it needs [O, C, h, w]");
  return geometry(who, x, weight[2], weight[3], o);
}

bool pointwise(const Geometry& g) {
  return g.kernel_height == 1 && g.kernel_width == 1 && g.stride == 1 && g.out_height == g.height &&
         g.out_width == g.width;
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

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  const Geometry g = conv_geometry("conv2d", x.shape(), weight.shape(), options);
  const int64_t outputs = weight.dim(0);
  need_bias("conv2d", bias, outputs);
  if (pointwise(g)) return linear(x, weight.reshape({outputs, g.channels}), bias);
  const Tensor rows = patch_order(weight);
  Tensor y({g.batch, g.out_height, g.out_width, outputs});
  const int64_t block = pixels_at_once(g), blocks = (g.pixels() + block - 1) / block;
  parallel_for(g.batch * blocks, 1, [&](int64_t i, int64_t) {
    const int64_t image = i / blocks, begin = i % blocks * block, end = std::min(begin + block, g.pixels());
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
  const int64_t block = pixels_at_once(g);
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {  // patches overlap, so that an image is one thread's work
    real* out = dx.data() + image * g.height * g.width * g.channels;
    Tensor patches({std::min(block, g.pixels()), g.patch()});
    for (int64_t begin = 0; begin < g.pixels(); begin += block) {
      const int64_t end = std::min(begin + block, g.pixels());
      gemm(Trans::no, Trans::no, end - begin, g.patch(), outputs, 1, dy.data() + (image * g.pixels() + begin) * outputs,
           outputs, rows.data(), g.patch(), 0, patches.data(), g.patch());
      for (int64_t p = begin; p < end; ++p)
        visit_patch(g, p, [&](int64_t from, int64_t to, int64_t n) {
          add_row(out + to, patches.data() + (p - begin) * g.patch() + from, n);
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
  const int64_t block = pixels_at_once(g);
  const Tensor sum = sum_over_images(g.batch, {outputs, g.patch()}, [&](int64_t first, int64_t last, real* part) {
    Tensor patches({std::min(block, g.pixels()), g.patch()});
    for (int64_t image = first; image < last; ++image)
      for (int64_t begin = 0; begin < g.pixels(); begin += block) {
        const int64_t end = std::min(begin + block, g.pixels());
        gather(g, x.data() + image * g.height * g.width * g.channels, begin, end, patches.data());
        gemm(Trans::yes, Trans::no, outputs, g.patch(), end - begin, 1,
             dy.data() + (image * g.pixels() + begin) * outputs, outputs, patches.data(), g.patch(), 1, part,
             g.patch());
      }
  });
  return checkpoint_order(sum, weight);
}

}  // namespace iuf::kernel
