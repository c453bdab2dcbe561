#include "tensor/conv/depthwise_inference.h"

#include <algorithm>

#include "tensor/conv/check.h"
#include "tensor/error.h"
#include "tensor/gemm/epilogue.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

struct DepthwiseJob {
  const real *weight, *bias;
  const real* const* inputs;
  real *output, *sums;
  int64_t pixels, pixel_stride, size, stride;
  Epilogue epilogue;
};

#define IUF_KERNEL "tensor/conv/depthwise_kernel.h"
#include "tensor/gemm/for_each_cpu_level.h"

}  // namespace

DepthwiseFilter pack_depthwise(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                               int64_t stride) {
  check_filter("pack_depthwise", weight, scale, bias);
  const int64_t size = weight.dim(2);
  if (weight.dim(1) != 1) fail("pack_depthwise: weight ", weight.shape(), ": a channel has one input, [C, 1, h, w]");
  if (weight.dim(3) != size || (size != 3 && size != 5))
    fail("pack_depthwise: weight ", weight.shape(), ": there are kernels for 3 x 3 and 5 x 5");
  if (stride != 1 && stride != 2)
    fail("pack_depthwise: weight ", weight.shape(), " with stride ", stride, ": there are kernels for strides 1 and 2");
  DepthwiseFilter f{.channels = weight.dim(0), .size = size, .stride = stride};
  const int64_t padded = round_to_panel(f.channels), taps = f.size * f.size;
  f.weight = Tensor::zeros({padded / kPanelWidth, f.size, f.size, kPanelWidth});
  f.bias = Tensor::zeros({padded});
  std::copy(bias.begin(), bias.end(), f.bias.data());
  for (int64_t c = 0; c < f.channels; ++c)
    for (int64_t t = 0; t < taps; ++t)
      f.weight.data()[(c / kPanelWidth * taps + t) * kPanelWidth + c % kPanelWidth] =
          weight.data()[c * taps + t] * scale[static_cast<size_t>(c)];
  return f;
}

void depthwise_row(const DepthwiseFilter& filter, const real* const* inputs, int64_t pixels, real* output,
                   Activation activation, real* sums, CpuLevel level) {
  if (activation == Activation::gelu || activation == Activation::sigmoid)
    fail("depthwise_row: there is no kernel for this activation");
  DepthwiseJob job{.weight = filter.weight.data(),
                   .bias = filter.bias.data(),
                   .inputs = inputs,
                   .output = output,
                   .sums = sums,
                   .pixels = pixels,
                   .pixel_stride = round_to_panel(filter.channels),
                   .size = filter.size,
                   .stride = filter.stride,
                   .epilogue = Epilogue(activation)};
  IUF_ON_CPU_LEVEL(level, depthwise_row(job))
}

}  // namespace iuf::kernel
