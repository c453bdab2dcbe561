#pragma once

#include "tensor/tensor.h"

namespace iuf::kernel {

/// Convolutions with gradients, for networks that are trained; those that only run use tensor/conv.h. Maps are
/// B x H x W x C, weights lie as checkpoints store them. Work is cut into blocks that depend on the sizes alone and
/// sums over blocks are added in order: equal bits for every thread count.

/// Rows above and below a map, or columns left and right of it.
struct Border {
  int64_t before = 0, after = 0;
};
struct ConvOptions {
  int64_t stride = 1;
  Border rows = {}, columns = {};  // zeros around the map; max_pool: -infinity

  /// For a kernel of size x size: half of it on every side, so that stride 1 keeps the map's size.
  static ConvOptions centred(int64_t size, int64_t stride = 1) {
    return {stride, {size / 2, size / 2}, {size / 2, size / 2}};
  }
};

/// x: B x H x W x I, weight: O x I x h x w, bias: O or undefined; B x H' x W' x O with H' = (H + border - h) / stride
/// + 1. Patches are gathered (im2col) into a buffer of bounded size and multiplied.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options);
Tensor conv2d_backward_input(const Tensor& dy, const Tensor& weight, const Shape& x, const ConvOptions& options);
Tensor conv2d_backward_weight(const Tensor& dy, const Tensor& x, const Shape& weight, const ConvOptions& options);

/// x: B x H x W x C, weight: C x 1 x h x w, one filter a channel.
Tensor depthwise_conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options);
Tensor depthwise_conv2d_backward_input(const Tensor& dy, const Tensor& weight, const Shape& x,
                                       const ConvOptions& options);
Tensor depthwise_conv2d_backward_weight(const Tensor& dy, const Tensor& x, const Shape& weight,
                                        const ConvOptions& options);

/// The largest value of each window of size x size.
Tensor max_pool(const Tensor& x, int64_t size, const ConvOptions& options);
/// The gradient goes to the first largest value of a window, row by row.
Tensor max_pool_backward(const Tensor& dy, const Tensor& x, const Tensor& y, int64_t size, const ConvOptions& options);

}  // namespace iuf::kernel
