#pragma once

#include <algorithm>

#include "tensor/conv/options.h"
#include "tensor/parallel.h"
#include "tensor/row_kernels.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// The sizes of a convolution or a pooling with gradients: what its kernels share.
struct Geometry {
  int64_t batch, height, width, channels;  // of the input
  int64_t kernel_height, kernel_width, stride, top, left;
  int64_t out_height, out_width;

  int64_t pixels() const { return out_height * out_width; }
  int64_t patch() const { return kernel_height * kernel_width * channels; }
};

/// Of windows kernel_height x kernel_width over maps x: B x H x W x C. Throws an Error of `who` when they do not fit.
Geometry geometry(const char* who, const Shape& x, int64_t kernel_height, int64_t kernel_width, const ConvOptions& o);
/// Throws an Error of `who` unless dy has the shape of an output with these channels.
void need_gradient(const char* who, const Shape& dy, const Geometry& g, int64_t outputs);
/// Throws an Error of `who` unless the bias is undefined or has a value for each output channel.
void need_bias(const char* who, const Tensor& bias, int64_t outputs);

/// Calls visit(offset in a patch, offset in the image, elements) for what of the patch under output pixel p lies inside
/// the image: one run of pixels for each row.
template <class Run>
void visit_patch(const Geometry& g, int64_t p, Run&& visit) {
  const int64_t y = p / g.out_width * g.stride - g.top, x = p % g.out_width * g.stride - g.left;
  const int64_t from = std::max<int64_t>(0, -x), to = std::min(g.kernel_width, g.width - x);
  if (from >= to) return;
  for (int64_t k = std::max<int64_t>(0, -y); k < std::min(g.kernel_height, g.height - y); ++k)
    visit((k * g.kernel_width + from) * g.channels, ((y + k) * g.width + x + from) * g.channels,
          (to - from) * g.channels);
}

/// The sum of work(images [begin, end), sum) over the batch, in a few parts that depend on its size alone.
template <class Work>
Tensor sum_over_images(int64_t batch, const Shape& shape, Work&& work) {
  constexpr int64_t kPartialSums = 16;  // at most
  const int64_t block = std::max<int64_t>(1, (batch + kPartialSums - 1) / kPartialSums),
                parts = (batch + block - 1) / block;
  Tensor sums = Tensor::zeros({std::max<int64_t>(parts, 1), shape.size()});
  parallel_for(batch, block,
               [&](int64_t begin, int64_t end) { work(begin, end, sums.data() + begin / block * shape.size()); });
  for (int64_t i = 1; i < parts; ++i) add_row(sums.data(), sums.data() + i * shape.size(), shape.size());
  return sums.rows(0, 1).reshape(shape);
}

}  // namespace iuf::kernel
