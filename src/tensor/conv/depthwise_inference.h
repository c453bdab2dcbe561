#pragma once

#include <cstdint>
#include <span>

#include "tensor/activation.h"
#include "tensor/gemm/cpu_level.h"
#include "tensor/gemm/packed_matrix.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// The weights of a depthwise convolution: [channel group][row][column][16].
struct DepthwiseFilter {
  int64_t channels = 0, size = 0, stride = 1;
  Tensor weight{}, bias{};
};
/// weight: C x 1 x size x size, each channel multiplied by its `scale`; size is 3 or 5, stride 1 or 2.
DepthwiseFilter pack_depthwise(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                               int64_t stride);

/// One row of output pixels of a depthwise convolution. inputs: `size` rows with padding in place, starting at the
/// first pixel under output pixel 0. The pixel stride of input and output is round_to_panel(channels). activation:
/// none, relu, relu6 or silu. sums, if any, receives the sum of the output row per channel.
void depthwise_row(const DepthwiseFilter& filter, const real* const* inputs, int64_t pixels, real* output,
                   Activation activation, real* sums = nullptr, CpuLevel level = cpu_level());

/// The slow twin, from the weights as checkpoints store them, in double; the same rows and the same result.
void depthwise_row_naive(const Tensor& weight, std::span<const real> scale, std::span<const real> bias, int64_t stride,
                         const real* const* inputs, int64_t pixels, real* output, Activation activation,
                         real* sums = nullptr);

}  // namespace iuf::kernel
