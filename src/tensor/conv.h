#pragma once

#include <cstdint>
#include <span>

#include "tensor/activation.h"
#include "tensor/tensor.h"

namespace iuf {

/// Convolutions for inference. Maps are channels-last; the kernels work on rows of pixels that the caller points to, so
/// that padding is a matter of where a row lies and whole blocks of layers can be computed a few rows at a time.
/// An output pixel is summed in one order, whatever rows are computed with it: results never depend on how the work is
/// cut.

/// The instruction sets that kernels exist for: AVX-512, AVX2 with FMA, any x86-64. Results differ between them in
/// rounding.
enum class CpuLevel { v1, v3, v4 };
/// The best one this CPU has.
CpuLevel cpu_level();

/// Kernels compute channels in groups of this many.
constexpr int64_t kChannelGroup = 16;
inline int64_t round_to_group(int64_t channels) {
  return (channels + kChannelGroup - 1) / kChannelGroup * kChannelGroup;
}

/// The weights of a convolution as the kernel reads them: [output group][row][column and input channel][16].
struct ConvFilter {
  int64_t inputs = 0, outputs = 0, height = 0, width = 0;
  Tensor weight{};  // outputs / 16 rounded up x height x (width * inputs) x 16, zeros behind the last output
  Tensor bias{};    // outputs rounded up
};
/// weight: O x I x height x width as checkpoints store it, each output multiplied by its `scale`; bias: O.
ConvFilter pack_conv(const Tensor& weight, std::span<const real> scale, std::span<const real> bias);
/// The same filter with each input channel multiplied by `scale`; only for 1 x 1 filters. Reuses the memory of `into`.
void scale_inputs(const ConvFilter& filter, const real* scale, ConvFilter& into);

/// One row of output pixels: out[x] = activation(residual[x] + bias + sum over i of weight row i with inputs[i] from
/// pixel x on). Strides are distances in elements from one output pixel to the next.
struct ConvRow {
  const real* const* inputs;       // `height` pointers, each to width * inputs consecutive elements for output pixel 0
  real* output;                    // room for the outputs rounded up to groups, at every pixel
  const real* residual = nullptr;  // laid out as the output
};
struct ConvSteps {
  int64_t pixels;  // output pixels in a row
  int64_t input_stride, output_stride;
  int64_t input_step = 1;  // from one of the consecutive elements to the next: another one reads a transposed matrix
};
void conv_rows(const ConvFilter& filter, std::span<const ConvRow> rows, const ConvSteps& steps, Activation activation,
               CpuLevel level = cpu_level());

/// The weights of a depthwise convolution: [channel group][row][column][16].
struct DepthwiseFilter {
  int64_t channels = 0, size = 0, stride = 1;
  Tensor weight{}, bias{};
};
/// weight: C x 1 x size x size, each channel multiplied by its `scale`; size is 3 or 5, stride 1 or 2.
DepthwiseFilter pack_depthwise(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                               int64_t stride);

/// One row of output pixels of a depthwise convolution. inputs: `size` rows with padding in place, starting at the
/// first pixel under output pixel 0. Pixels of input and output lie round_to_group(channels) apart. activation: none,
/// relu, relu6 or silu. sums, if any, receives the sum of the output row per channel.
void depthwise_row(const DepthwiseFilter& filter, const real* const* inputs, int64_t pixels, real* output,
                   Activation activation, real* sums = nullptr, CpuLevel level = cpu_level());

}  // namespace iuf
