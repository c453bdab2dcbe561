#include "tensor/conv.h"

#include <algorithm>
#include <limits>

#include "tensor/error.h"
#include "tensor/panels.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

IUF_INLINE real gelu(real x) {
  return x * real(0.5) * (1 + simd::erf(x * real(0.70710678118654752)));
}

struct ConvJob {
  const ConvRow* rows;
  int64_t count;
  const real *weight, *bias;
  int64_t height, length, panels, panel_step;  // length of a weight row; elements from one panel to the next
  ConvSteps steps;
  Activation activation;
  const NextRows* next = nullptr;                    // to fetch; null: nothing
  bool clamp = false, silu = false, curved = false;  // set_limits()
  real low = 0, high = 0;
  // Set by conv() of the level: elements from one fetch to the next, of the next tile's input or of both matrices of
  // `next`; how many of the latter's rows a tile brings (32 bits of fraction) and how many tiles there are in a row of
  // them.
  int64_t soon_steps[2] = {}, next_rows = 0, tiles_in_row = 0;
};

struct DepthwiseJob {
  const real *weight, *bias;
  const real* const* inputs;
  real *output, *sums;
  int64_t pixels, step, size, stride;
  Activation activation;
  bool clamp = false, silu = false, curved = false;  // set_limits()
  real low = 0, high = 0;
};

// A register holds 16 sums of one pixel (AVX-512: 32 registers), 8 (AVX2: 16 registers) or 4 (any x86-64).
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace v4 {
constexpr int kVectorBytes = 64, kTileRows = 14, kTilePanels = 2;
#include "tensor/conv_kernels.h"
}  // namespace v4
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace v3 {
constexpr int kVectorBytes = 32, kTileRows = 6, kTilePanels = 1;
#include "tensor/conv_kernels.h"
}  // namespace v3
#pragma GCC pop_options
namespace v1 {
constexpr int kVectorBytes = 16, kTileRows = 3, kTilePanels = 1;
#include "tensor/conv_kernels.h"
}  // namespace v1

template <class Job>
void set_limits(Job& job) {
  job.clamp = job.activation == Activation::relu || job.activation == Activation::relu6;
  job.silu = job.activation == Activation::silu;
  job.curved = !job.clamp && !job.silu && job.activation != Activation::none;
  job.low = 0;
  job.high = job.activation == Activation::relu6 ? real(6) : std::numeric_limits<real>::infinity();
}

void need(bool good, const char* who, const Tensor& weight, std::span<const real> scale, std::span<const real> bias) {
  if (good && scale.size() == bias.size() && static_cast<int64_t>(scale.size()) == weight.dim(0)) return;
  fail(who, ": weight ", weight.shape(), " with ", scale.size(), " scales and ", bias.size(), " biases");
}

// From rows of 16 to rows of 16, row i multiplied by factors[i].
IUF_SIMD void scale_rows(const real* from, const real* factors, int64_t rows, real* to) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t c = 0; c < kChannelGroup; ++c) to[i * kChannelGroup + c] = from[i * kChannelGroup + c] * factors[i];
}

}  // namespace

CpuLevel cpu_level() {
  static const CpuLevel level = __builtin_cpu_supports("x86-64-v4")   ? CpuLevel::v4
                                : __builtin_cpu_supports("x86-64-v3") ? CpuLevel::v3
                                                                      : CpuLevel::v1;
  return level;
}

ConvFilter pack_conv(const Tensor& weight, std::span<const real> scale, std::span<const real> bias) {
  need(weight.rank() == 4, "pack_conv", weight, scale, bias);
  ConvFilter f{.inputs = weight.dim(1), .outputs = weight.dim(0), .height = weight.dim(2), .width = weight.dim(3)};
  const int64_t padded = round_to_group(f.outputs), length = f.width * f.inputs;
  f.weight = Tensor::zeros({padded / kChannelGroup, f.height, length, kChannelGroup});
  f.bias = Tensor::zeros({padded});
  std::copy(bias.begin(), bias.end(), f.bias.data());
  for (int64_t o = 0; o < f.outputs; ++o)
    for (int64_t i = 0; i < f.inputs; ++i)
      for (int64_t y = 0; y < f.height; ++y)
        for (int64_t x = 0; x < f.width; ++x) {
          const int64_t row = (o / kChannelGroup * f.height + y) * length + x * f.inputs + i;
          f.weight.data()[row * kChannelGroup + o % kChannelGroup] =
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
  const int64_t size = filter.inputs * kChannelGroup;
  for (int64_t at = 0; at < filter.weight.size(); at += size)
    scale_rows(filter.weight.data() + at, scale, filter.inputs, into.weight.data() + at);
}

namespace {

void run_conv(ConvJob& job, CpuLevel level) {
  set_limits(job);
  switch (level) {
    case CpuLevel::v4:
      return v4::conv(job);
    case CpuLevel::v3:
      return v3::conv(job);
    case CpuLevel::v1:
      return v1::conv(job);
  }
}

}  // namespace

void conv_rows(const ConvFilter& filter, std::span<const ConvRow> rows, const ConvSteps& steps, Activation activation,
               CpuLevel level) {
  const int64_t length = filter.width * filter.inputs;
  ConvJob job{.rows = rows.data(),
              .count = static_cast<int64_t>(rows.size()),
              .weight = filter.weight.data(),
              .bias = filter.bias.data(),
              .height = filter.height,
              .length = length,
              .panels = round_to_group(filter.outputs) / kChannelGroup,
              .panel_step = filter.height * length * kChannelGroup,
              .steps = steps,
              .activation = activation};
  run_conv(job, level);
}

void multiply_panels(const real* panels, int64_t inputs, int64_t outputs, const real* bias, const LeftSide& x,
                     real* out, int64_t out_step, Activation activation, bool add, const NextRows* next) {
  const ConvRow row{.inputs = &x.data, .output = out, .residual = add ? out : nullptr};
  ConvJob job{.rows = &row,
              .count = 1,
              .weight = panels,
              .bias = bias,
              .height = 1,
              .length = inputs,
              .panels = round_to_group(outputs) / kChannelGroup,
              .panel_step = inputs * kChannelGroup,
              .steps = {x.rows, x.row_step, out_step, x.element_step},
              .activation = activation,
              .next = next};
  run_conv(job, cpu_level());
}

void turn_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels) {
  const CpuLevel level = cpu_level();
  for (int64_t r = 0; r < rows; r += kChannelGroup, panels += columns * kChannelGroup) {
    const real* from = matrix + r * step;
    if (const int64_t count = rows - r; count < kChannelGroup) {
      std::fill_n(panels, columns * kChannelGroup, real(0));
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t i = 0; i < count; ++i) panels[j * kChannelGroup + i] = from[i * step + j];
    } else if (level == CpuLevel::v4) {
      v4::turn_panel(from, columns, step, panels);
    } else if (level == CpuLevel::v3) {
      v3::turn_panel(from, columns, step, panels);
    } else {
      v1::turn_panel(from, columns, step, panels);
    }
  }
}

DepthwiseFilter pack_depthwise(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                               int64_t stride) {
  need(weight.rank() == 4 && weight.dim(1) == 1 && weight.dim(2) == weight.dim(3) &&
           (weight.dim(2) == 3 || weight.dim(2) == 5) && (stride == 1 || stride == 2),
       "pack_depthwise", weight, scale, bias);
  DepthwiseFilter f{.channels = weight.dim(0), .size = weight.dim(2), .stride = stride};
  const int64_t padded = round_to_group(f.channels), taps = f.size * f.size;
  f.weight = Tensor::zeros({padded / kChannelGroup, f.size, f.size, kChannelGroup});
  f.bias = Tensor::zeros({padded});
  std::copy(bias.begin(), bias.end(), f.bias.data());
  for (int64_t c = 0; c < f.channels; ++c)
    for (int64_t t = 0; t < taps; ++t)
      f.weight.data()[(c / kChannelGroup * taps + t) * kChannelGroup + c % kChannelGroup] =
          weight.data()[c * taps + t] * scale[static_cast<size_t>(c)];
  return f;
}

void depthwise_row(const DepthwiseFilter& filter, const real* const* inputs, int64_t pixels, real* output,
                   Activation activation, real* sums, CpuLevel level) {
  const int64_t step = round_to_group(filter.channels);
  if (activation == Activation::gelu || activation == Activation::sigmoid)
    fail("depthwise_row: there is no kernel for this activation");
  DepthwiseJob job{.weight = filter.weight.data(),
                   .bias = filter.bias.data(),
                   .inputs = inputs,
                   .output = output,
                   .sums = sums,
                   .pixels = pixels,
                   .step = step,
                   .size = filter.size,
                   .stride = filter.stride,
                   .activation = activation};
  set_limits(job);
  switch (level) {
    case CpuLevel::v4:
      return v4::depthwise_any(job);
    case CpuLevel::v3:
      return v3::depthwise_any(job);
    case CpuLevel::v1:
      return v1::depthwise_any(job);
  }
}

}  // namespace iuf
