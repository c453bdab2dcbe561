#include "tensor/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/row_kernels.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

void need_map(const char* who, const Tensor& map, int rank) {
  if (map.rank() == rank && (map.size() > 0 || map.dim(0) == 0)) return;
  fail(who, ": needs maps of shape ", rank == 4 ? "[B, H, W, C]" : "[B, H, W]", " with at least one pixel, not ",
       map.shape());
}
void need_size(const char* who, int64_t height, int64_t width) {
  if (height < 1 || width < 1) fail(who, ": cannot make maps of ", height, " x ", width, " pixels");
}

// Where an output pixel reads: (1 - weight) * in[low] + weight * in[high].
struct Sample {
  int64_t low, high;
  real weight;
};
std::vector<Sample> bilinear_samples(int64_t in, int64_t out, Align align) {
  std::vector<Sample> samples;
  for (int64_t i = 0; i < out; ++i) {
    const auto from = static_cast<double>(in), to = static_cast<double>(out), at = static_cast<double>(i);
    const double x = align == Align::corners ? (out > 1 ? at * (from - 1) / (to - 1) : 0.0)
                                             : std::max(0.0, (at + 0.5) * from / to - 0.5);
    const int64_t low = std::min(static_cast<int64_t>(x), in - 1);
    samples.push_back({low, std::min(low + 1, in - 1), static_cast<real>(x - static_cast<double>(low))});
  }
  return samples;
}

IUF_SIMD void bilinear_row(const real* top, const real* bottom, real weight, const Sample* samples, int64_t width,
                           int64_t channels, real* out) {
  for (int64_t x = 0; x < width; ++x) {
    const int64_t low = samples[x].low * channels, high = samples[x].high * channels;
    const real w = samples[x].weight;
    for (int64_t c = 0; c < channels; ++c) {
      const real above = top[low + c] + w * (top[high + c] - top[low + c]);
      const real below = bottom[low + c] + w * (bottom[high + c] - bottom[low + c]);
      out[x * channels + c] = above + weight * (below - above);
    }
  }
}

// The transpose of bilinear_row: adds the gradient `out` to those of top and bottom.
IUF_SIMD void bilinear_row_backward(const real* out, real weight, const Sample* samples, int64_t width,
                                    int64_t channels, real* top, real* bottom) {
  for (int64_t x = 0; x < width; ++x) {
    const int64_t low = samples[x].low * channels, high = samples[x].high * channels;
    const real w = samples[x].weight;
    for (int64_t c = 0; c < channels; ++c) {
      const real below = weight * out[x * channels + c], above = out[x * channels + c] - below;
      top[low + c] += (1 - w) * above;
      bottom[low + c] += (1 - w) * below;
      top[high + c] += w * above;
      bottom[high + c] += w * below;
    }
  }
}

// The pixels [begin, end) of an axis and what one of them counts.
struct Window {
  int64_t begin, end;
  real weight;
};

// Output pixel = the weighted sum of its window.
Tensor pool(const Tensor& map, const std::vector<Window>& down, const std::vector<Window>& across) {
  const int64_t h = map.dim(1), w = map.dim(2), channels = map.dim(3);
  const auto height = static_cast<int64_t>(down.size()), width = static_cast<int64_t>(across.size());
  Tensor out = Tensor::zeros({map.dim(0), height, width, channels});
  parallel_for(map.dim(0) * height, 1, [&](int64_t row, int64_t) {
    const Window& v = down[static_cast<size_t>(row % height)];
    for (int64_t x = 0; x < width; ++x) {
      const Window& u = across[static_cast<size_t>(x)];
      real* sum = out.data() + (row * width + x) * channels;
      for (int64_t i = v.begin; i < v.end; ++i)
        for (int64_t j = u.begin; j < u.end; ++j)
          add_row(sum, map.data() + ((row / height * h + i) * w + j) * channels, channels);
      scale_row(sum, u.weight * v.weight, sum, channels);
    }
  });
  return out;
}

// Mirrored with the border pixel repeated, as often as it takes.
int64_t mirrored(int64_t i, int64_t n) {
  i = (i % (2 * n) + 2 * n) % (2 * n);
  return i < n ? i : 2 * n - 1 - i;
}

}  // namespace

Tensor resize_bilinear(const Tensor& map, int64_t height, int64_t width, Align align) {
  need_map("resize_bilinear", map, 4);
  need_size("resize_bilinear", height, width);
  const int64_t h = map.dim(1), w = map.dim(2), channels = map.dim(3);
  const std::vector<Sample> down = bilinear_samples(h, height, align), across = bilinear_samples(w, width, align);
  Tensor out({map.dim(0), height, width, channels});
  parallel_for(map.dim(0) * height, 1, [&](int64_t row, int64_t) {
    const Sample& s = down[static_cast<size_t>(row % height)];
    const real* image = map.data() + row / height * h * w * channels;
    bilinear_row(image + s.low * w * channels, image + s.high * w * channels, s.weight, across.data(), width, channels,
                 out.data() + row * width * channels);
  });
  return out;
}

Tensor resize_bilinear_backward(const Tensor& gradient, int64_t height, int64_t width, Align align) {
  need_map("resize_bilinear", gradient, 4);
  need_size("resize_bilinear", height, width);
  const int64_t h = gradient.dim(1), w = gradient.dim(2), channels = gradient.dim(3);
  const std::vector<Sample> down = bilinear_samples(height, h, align), across = bilinear_samples(width, w, align);
  Tensor out = Tensor::zeros({gradient.dim(0), height, width, channels});
  parallel_for(gradient.dim(0), 1, [&](int64_t b, int64_t) {
    real* image = out.data() + b * height * width * channels;
    for (int64_t y = 0; y < h; ++y) {
      const Sample& s = down[static_cast<size_t>(y)];
      bilinear_row_backward(gradient.data() + (b * h + y) * w * channels, s.weight, across.data(), w, channels,
                            image + s.low * width * channels, image + s.high * width * channels);
    }
  });
  return out;
}

Tensor pool_area(const Tensor& map, int64_t height, int64_t width) {
  need_map("pool_area", map, 4);
  need_size("pool_area", height, width);
  const auto windows = [](int64_t in, int64_t out) {
    std::vector<Window> all;
    for (int64_t i = 0; i < out; ++i) {
      const int64_t begin = i * in / out, end = ((i + 1) * in + out - 1) / out;
      all.push_back({begin, end, real(1) / static_cast<real>(end - begin)});
    }
    return all;
  };
  return pool(map, windows(map.dim(1), height), windows(map.dim(2), width));
}

Tensor average_pool(const Tensor& map, int64_t kernel, int64_t stride, int64_t padding) {
  need_map("average_pool", map, 4);
  if (kernel < 1) fail("average_pool: kernel ", kernel, "; it must be at least 1");
  if (stride < 1) fail("average_pool: stride ", stride, "; it must be at least 1");
  if (padding < 0 || padding > kernel / 2)
    fail("average_pool: padding ", padding, "; it must be from 0 to half of the kernel ", kernel);
  if (std::min(map.dim(1), map.dim(2)) + 2 * padding < kernel)
    fail("average_pool: kernel ", kernel, " is larger than maps of ", map.shape(), " with padding ", padding);
  const auto windows = [&](int64_t in) {
    std::vector<Window> all;
    for (int64_t begin = -padding; begin + kernel <= in + padding; begin += stride)
      all.push_back({std::max<int64_t>(begin, 0), std::min(begin + kernel, in), real(1) / static_cast<real>(kernel)});
    return all;
  };
  return pool(map, windows(map.dim(1)), windows(map.dim(2)));
}

Tensor gaussian_blur(const Tensor& map, real sigma) {
  need_map("gaussian_blur", map, 3);
  if (!(sigma >= 0) || sigma > 10000) fail("gaussian_blur: sigma is ", sigma, "; it must be from 0 to 10000 pixels");
  const auto radius = static_cast<int64_t>(4.0 * static_cast<double>(sigma) + 0.5);
  if (radius == 0) return map.clone();
  std::vector<double> exact;
  double sum = 0;
  for (int64_t i = -radius; i <= radius; ++i) {
    const double x = static_cast<double>(i) / static_cast<double>(sigma);
    exact.push_back(std::exp(-0.5 * x * x));
    sum += exact.back();
  }
  std::vector<real> weights;
  for (double w : exact) weights.push_back(static_cast<real>(w / sum));

  const int64_t h = map.dim(1), w = map.dim(2);
  Tensor out = Tensor::zeros(map.shape());
  parallel_for(map.dim(0) * h, 4, [&](int64_t begin, int64_t end) {
    std::vector<real> padded(static_cast<size_t>(w + 2 * radius));
    real* row = padded.data() + radius;
    for (int64_t r = begin; r < end; ++r) {
      const real* image = map.data() + r / h * h * w;
      std::fill_n(row, w, real(0));
      for (int64_t k = -radius; k <= radius; ++k)
        add_scaled_row(row, weights[static_cast<size_t>(k + radius)], image + mirrored(r % h + k, h) * w, w);
      for (int64_t x = 1; x <= radius; ++x) {
        row[-x] = row[mirrored(-x, w)];
        row[w - 1 + x] = row[mirrored(w - 1 + x, w)];
      }
      for (int64_t k = -radius; k <= radius; ++k)
        add_scaled_row(out.data() + r * w, weights[static_cast<size_t>(k + radius)], row + k, w);
    }
  });
  return out;
}

}  // namespace iuf::kernel
