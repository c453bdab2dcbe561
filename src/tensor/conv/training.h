#pragma once

#include "tensor/conv/options.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Convolutions with gradients, for networks that are trained (those that only run: inference.h). Maps are
/// B x H x W x C, weights lie as checkpoints store them. Work is cut into blocks that depend on the sizes alone and
/// sums over blocks are added in order: equal bits for every thread count.

/// x: B x H x W x I, weight: O x I x h x w, bias: O or undefined; B x H' x W' x O with H' = (H + padding - h) / stride
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

/// The slow twins of both kinds, one product at a time, in double; depthwise where I is 1 and O is C.
Tensor conv_naive(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options);
Tensor conv_backward_input_naive(const Tensor& dy, const Tensor& weight, const Shape& x, const ConvOptions& options);
Tensor conv_backward_weight_naive(const Tensor& dy, const Tensor& x, const Shape& weight, const ConvOptions& options);

}  // namespace iuf::kernel
