#pragma once

#include <cstdint>
#include <span>

#include "tensor/activation.h"
#include "tensor/gemm/gemm.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// Convolutions of networks that only run (those that are trained: training.h). Maps are channels-last; the kernels
/// work on rows of pixels that the caller points to, so that padding is a matter of where a row lies and whole blocks
/// of layers can be computed a few rows at a time. An output pixel is summed in one order, whatever rows are computed
/// with it: results never depend on how the work is cut.

/// The weights of a convolution as the right side of an indirect gemm: a filter row is a segment, a column of the
/// filter and an input channel one of its elements, an output channel a column of B.
struct ConvFilter {
  int64_t inputs = 0, outputs = 0, height = 0, width = 0;
  Tensor weight{};  // packed, see packed_matrix.h: (height * width * inputs) x outputs
  Tensor bias{};    // the outputs rounded up to panels
};
/// weight: O x I x height x width as checkpoints store it, each output multiplied by its `scale`; bias: O.
ConvFilter pack_conv(const Tensor& weight, std::span<const real> scale, std::span<const real> bias);
/// The same filter with each input channel multiplied by `scale`; only for 1 x 1 filters. Reuses the memory of `into`.
void scale_inputs(const ConvFilter& filter, const real* scale, ConvFilter& into);

/// One row of output pixels: output[x] = activation(residual[x] + bias + the sum over the filter's rows i of
/// weight[i] * inputs[i][x]). inputs: a pointer for each filter row, to the width * inputs consecutive elements under
/// output pixel 0; the next pixel's begin input_stride elements later.
using ConvRow = GemmBlock;
/// What the rows of a call share: the output pixels of each, and their strides in the input and in the output.
struct ConvRowShape {
  int64_t pixels, input_stride, output_stride;
};
void conv_rows(const ConvFilter& filter, std::span<const ConvRow> rows, const ConvRowShape& shape,
               Activation activation, CpuLevel level = cpu_level());

/// The slow twin of pack_conv and conv_rows, in double. Only the outputs are written, not what rounds them up.
void conv_rows_naive(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                     std::span<const ConvRow> rows, const ConvRowShape& shape, Activation activation);

}  // namespace iuf::kernel
