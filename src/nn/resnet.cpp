#include "nn/resnet.h"

#include <algorithm>
#include <array>

#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

constexpr double kEpsilon = 1e-5;  // of every batch norm
constexpr int64_t kStemChannels = 64;
constexpr int64_t kBlockPixels = 112;  // output pixels computed with one reading of the weights

// Basic blocks end with the width of their 3 x 3 convolutions, bottlenecks with four times ResNet-50's.
int64_t output_channels(const ResNetVariant& v, size_t layer) {
  return (v.bottleneck ? 256 : 64) << layer;
}

int64_t output_size(int64_t size, int64_t kernel, int64_t stride) {
  return (size + kernel / 2 * 2 - kernel) / stride + 1;
}

BorderedMap make_map(int64_t height, int64_t width, int64_t channels, int64_t border) {
  const int64_t line = width + 2 * border;
  BorderedMap map{.values = Tensor({height + 2 * border, line, channels}),
                  .height = height,
                  .width = width,
                  .channels = channels,
                  .border = border};
  std::fill_n(map.values.data(), border * line * channels, real(0));
  std::fill_n(map.row(height) - border * channels, border * line * channels, real(0));
  for (int64_t y = 0; y < height; ++y) {
    std::fill_n(map.row(y) - border * channels, border * channels, real(0));
    std::fill_n(map.row(y) + width * channels, border * channels, real(0));
  }
  return map;
}

BorderedMap bordered_image(const Tensor& image, int64_t index, int64_t border) {
  BorderedMap map = make_map(image.dim(1), image.dim(2), image.dim(3), border);
  const int64_t line = map.width * map.channels;
  for (int64_t y = 0; y < map.height; ++y)
    std::copy_n(image.data() + (index * map.height + y) * line, line, map.row(y));
  return map;
}

void copy_to(const BorderedMap& map, real* to) {
  const int64_t line = map.width * map.channels;
  for (int64_t y = 0; y < map.height; ++y) std::copy_n(map.row(y), line, to + y * line);
}

// Rows of blocks that keep every thread busy; a pixel's value does not depend on them.
int64_t row_block(int64_t height, int64_t width) {
  const int64_t share = in_parallel() ? height : (height + thread_count() - 1) / thread_count();
  return std::clamp<int64_t>(kBlockPixels / width, 1, std::max<int64_t>(1, share));
}

IUF_SIMD void max_row(const real* const* rows, int64_t pixels, int64_t channels, real* out) {
  for (int64_t x = 0; x < pixels; ++x)
    for (int64_t c = 0; c < channels; ++c) {
      real most = rows[0][2 * x * channels + c];
      for (int y = 0; y < 3; ++y)
        for (int i = 0; i < 3; ++i) {
          const real v = rows[y][(2 * x + i) * channels + c];
          most = v > most ? v : most;
        }
      out[x * channels + c] = most;
    }
}

// 3 x 3, stride 2, of values that are not negative: so the border of zeros is as good as none.
BorderedMap max_pool(const BorderedMap& input) {
  BorderedMap out = make_map(output_size(input.height, 3, 2), output_size(input.width, 3, 2), input.channels, 1);
  parallel_for(out.height, 4, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      std::array<const real*, 3> rows{};
      for (int64_t k = 0; k < 3; ++k) rows[static_cast<size_t>(k)] = input.row(2 * y - 1 + k) - input.channels;
      max_row(rows.data(), out.width, out.channels, out.row(y));
    }
  });
  return out;
}

}  // namespace

std::span<const ResNetVariant> resnet_variants() {
  static const std::array<ResNetVariant, 4> variants = {{
      {"resnet18", {2, 2, 2}, 64, false, "resnet18-f37072fd.pth"},
      {"resnet34", {3, 4, 6}, 64, false, "resnet34-b627a593.pth"},
      {"resnet50", {3, 4, 6}, 64, true, "resnet50-0676ba61.pth"},
      {"wide_resnet50_2", {3, 4, 6}, 128, true, "wide_resnet50_2-95faca4d.pth"},
  }};
  return variants;
}

namespace {

// A pixel of a map at stride s is one of s * s pixels of the image.
double operations(const ResNetVariant& v) {
  double pixels = 0.25;
  auto sum = pixels * 3 * 7 * 7 * kStemChannels;
  int64_t inputs = kStemChannels;
  pixels /= 4;  // the pooling
  for (size_t layer = 0; layer < v.blocks.size(); ++layer) {
    const int64_t width = v.width << layer, outputs = output_channels(v, layer);
    for (int b = 0; b < v.blocks[layer]; ++b) {
      const double before = pixels;
      if (layer > 0 && b == 0) pixels /= 4;
      sum += v.bottleneck ? before * static_cast<double>(inputs * width) +
                                pixels * static_cast<double>(9 * width * width + width * outputs)
                          : pixels * static_cast<double>(9 * (inputs + outputs) * outputs);
      if (b == 0 && (layer > 0 || inputs != outputs)) sum += pixels * static_cast<double>(inputs * outputs);
      inputs = outputs;
    }
  }
  return sum;
}

}  // namespace

BackboneInfo describe(const ResNetVariant& v) {
  return {.name = v.name,
          .native_size = 224,
          .mean = kImageNetMean,
          .deviation = kImageNetDeviation,
          .strides = {2, 4, 8, 16},
          .channels = {kStemChannels, output_channels(v, 0), output_channels(v, 1), output_channels(v, 2)},
          .operations = operations(v),
          .weights_hint = v.file + " from torchvision's model downloads, or the same tensors as .safetensors"};
}

ResNet::ResNet(const ResNetVariant& v, WeightReader& weights)
    : stem_{weights.take_conv("conv1", "bn1", {kStemChannels, 3, 7, 7}, kEpsilon), 2} {
  int64_t inputs = kStemChannels;
  for (size_t layer = 0; layer < v.blocks.size(); ++layer) {
    layers_.emplace_back();
    const int64_t width = v.width << layer, outputs = output_channels(v, layer);
    for (int b = 0; b < v.blocks[layer]; ++b) {
      const std::string name = "layer" + std::to_string(layer + 1) + "." + std::to_string(b) + ".";
      const int64_t stride = layer > 0 && b == 0 ? 2 : 1;
      Block block;
      const auto add = [&](const Shape& shape, int64_t conv_stride) {
        const std::string index = std::to_string(block.convs.size() + 1);
        block.convs.push_back(
            {weights.take_conv(name + "conv" + index, name + "bn" + index, shape, kEpsilon), conv_stride});
      };
      if (v.bottleneck) {
        add({width, inputs, 1, 1}, 1);
        add({width, width, 3, 3}, stride);
        add({outputs, width, 1, 1}, 1);
      } else {
        add({width, inputs, 3, 3}, stride);
        add({width, width, 3, 3}, 1);
      }
      if (stride != 1 || inputs != outputs)
        block.downsample = Conv{
            weights.take_conv(name + "downsample.0", name + "downsample.1", {outputs, inputs, 1, 1}, kEpsilon), stride};
      layers_.back().push_back(std::move(block));
      inputs = outputs;
    }
  }
}

BorderedMap ResNet::apply(const Conv& conv, const BorderedMap& input, const BorderedMap* residual,
                          Activation activation) {
  const kernel::ConvFilter& f = conv.filter;
  BorderedMap out = make_map(output_size(input.height, f.height, conv.stride),
                             output_size(input.width, f.width, conv.stride), f.outputs, 1);
  parallel_for(out.height, row_block(out.height, out.width), [&](int64_t begin, int64_t end) {
    std::vector<const real*> inputs;
    inputs.reserve(static_cast<size_t>((end - begin) * f.height));
    std::vector<kernel::ConvRow> rows;
    for (int64_t y = begin; y < end; ++y) {
      rows.push_back({.inputs = inputs.data() + inputs.size(),
                      .output = out.row(y),
                      .residual = residual ? residual->row(y) : nullptr});
      for (int64_t k = 0; k < f.height; ++k)
        inputs.push_back(input.row(y * conv.stride + k - f.height / 2) - f.width / 2 * input.channels);
    }
    kernel::conv_rows(f, rows, {out.width, conv.stride * input.channels, out.channels}, activation);
  });
  return out;
}

std::vector<Tensor> ResNet::features(const Tensor& image, size_t) const {  // it has no others
  const int64_t batch = image.dim(0);
  std::vector<Tensor> features;
  const auto add_level = [&](int64_t height, int64_t width, int64_t channels) {
    features.emplace_back(Shape{batch, height, width, channels});
  };
  add_level(output_size(image.dim(1), 7, 2), output_size(image.dim(2), 7, 2), kStemChannels);
  for (const std::vector<Block>& layer : layers_)
    add_level(output_size(features.back().dim(1), 3, 2), output_size(features.back().dim(2), 3, 2),
              layer.back().convs.back().filter.outputs);

  const auto run = [&](int64_t b) {
    const auto keep = [&](size_t level, const BorderedMap& map) {
      copy_to(map, features[level].data() + b * map.height * map.width * map.channels);
    };
    BorderedMap x = apply(stem_, bordered_image(image, b, 3), nullptr, Activation::relu);
    keep(0, x);
    x = max_pool(x);
    for (size_t layer = 0; layer < layers_.size(); ++layer) {
      for (const Block& block : layers_[layer]) {
        const BorderedMap residual = block.downsample ? apply(*block.downsample, x, nullptr, Activation::none) : x;
        for (size_t c = 0; c < block.convs.size(); ++c)
          x = apply(block.convs[c], x, c + 1 == block.convs.size() ? &residual : nullptr, Activation::relu);
      }
      keep(layer + 1, x);
    }
  };
  for_images(batch, run);
  return features;
}

}  // namespace iuf
