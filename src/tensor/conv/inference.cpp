#include "tensor/conv/inference.h"

#include <algorithm>

#include "tensor/conv/check.h"
#include "tensor/error.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

// From one panel to another, row i multiplied by factors[i].
IUF_SIMD void scale_panel(const real* from, const real* factors, int64_t rows, real* to) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t c = 0; c < kPanelWidth; ++c) to[i * kPanelWidth + c] = from[i * kPanelWidth + c] * factors[i];
}

}  // namespace

ConvFilter pack_conv(const Tensor& weight, std::span<const real> scale, std::span<const real> bias) {
  check_filter("pack_conv", weight, scale, bias);
  ConvFilter f{.inputs = weight.dim(1), .outputs = weight.dim(0), .height = weight.dim(2), .width = weight.dim(3)};
  const int64_t padded = round_to_panel(f.outputs), length = f.width * f.inputs;
  f.weight = Tensor::zeros({padded / kPanelWidth, f.height, length, kPanelWidth});
  f.bias = Tensor::zeros({padded});
  std::copy(bias.begin(), bias.end(), f.bias.data());
  for (int64_t o = 0; o < f.outputs; ++o)
    for (int64_t i = 0; i < f.inputs; ++i)
      for (int64_t y = 0; y < f.height; ++y)
        for (int64_t x = 0; x < f.width; ++x) {
          const int64_t row = (o / kPanelWidth * f.height + y) * length + x * f.inputs + i;
          f.weight.data()[row * kPanelWidth + o % kPanelWidth] =
              weight.data()[((o * f.inputs + i) * f.height + y) * f.width + x] * scale[static_cast<size_t>(o)];
        }
  return f;
}

void scale_inputs(const ConvFilter& filter, const real* scale, ConvFilter& into) {
  if (filter.height * filter.width != 1) fail("scale_inputs: the filter is not 1 x 1");
  if (!into.weight.defined() || !(into.weight.shape() == filter.weight.shape()))
    into.weight = Tensor(filter.weight.shape());
  into.inputs = filter.inputs, into.outputs = filter.outputs, into.height = into.width = 1;
  into.bias = filter.bias;
  const int64_t size = filter.inputs * kPanelWidth;
  for (int64_t at = 0; at < filter.weight.size(); at += size)
    scale_panel(filter.weight.data() + at, scale, filter.inputs, into.weight.data() + at);
}

void conv_rows(const ConvFilter& filter, std::span<const ConvRow> rows, const ConvRowShape& shape,
               Activation activation, CpuLevel level) {
  const PackedView b = {filter.weight.data(), filter.bias.data(), filter.height * filter.width * filter.inputs,
                        filter.outputs};
  gemm_indirect(rows, {shape.pixels, shape.input_stride, shape.output_stride}, filter.height, b, activation, level);
}

}  // namespace iuf::kernel
