#include <algorithm>
#include <cmath>

#include "tensor/resize.h"

namespace iuf::kernel {
namespace {

double at(const Tensor& map, int64_t b, int64_t y, int64_t x, int64_t c) {
  return static_cast<double>(map.data()[((b * map.dim(1) + y) * map.dim(2) + x) * map.dim(3) + c]);
}

// B x height x width x C of value(b, y, x, c).
template <class Value>
Tensor fill(const Tensor& map, int64_t height, int64_t width, Value&& value) {
  Tensor out({map.dim(0), height, width, map.dim(3)});
  real* to = out.data();
  for (int64_t b = 0; b < out.dim(0); ++b)
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x)
        for (int64_t c = 0; c < out.dim(3); ++c) *to++ = static_cast<real>(value(b, y, x, c));
  return out;
}

}  // namespace

Tensor resize_bilinear_naive(const Tensor& map, int64_t height, int64_t width, Align align) {
  const int64_t h = map.dim(1), w = map.dim(2);
  const auto position = [align](int64_t i, int64_t in, int64_t out) {
    const auto from = static_cast<double>(in), to = static_cast<double>(out), k = static_cast<double>(i);
    if (align == Align::corners) return out == 1 ? 0.0 : k * (from - 1) / (to - 1);
    return std::min(std::max((k + 0.5) * from / to - 0.5, 0.0), from - 1);
  };
  const auto tent = [](double distance) { return std::max(0.0, 1 - std::abs(distance)); };
  return fill(map, height, width, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    const double v = position(y, h, height), u = position(x, w, width);
    double sum = 0;
    for (int64_t i = 0; i < h; ++i)
      for (int64_t j = 0; j < w; ++j)
        if (const double weight = tent(v - static_cast<double>(i)) * tent(u - static_cast<double>(j)); weight > 0)
          sum += weight * at(map, b, i, j, c);
    return sum;
  });
}

Tensor pool_area_naive(const Tensor& map, int64_t height, int64_t width) {
  const int64_t h = map.dim(1), w = map.dim(2);
  return fill(map, height, width, [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    double sum = 0, count = 0;
    for (int64_t i = 0; i < h; ++i)
      for (int64_t j = 0; j < w; ++j)  // pixel i covers [i, i + 1), output y covers [y, y + 1) * h / height
        if ((i + 1) * height > y * h && i * height < (y + 1) * h && (j + 1) * width > x * w &&
            j * width < (x + 1) * w) {
          sum += at(map, b, i, j, c);
          ++count;
        }
    return sum / count;
  });
}

Tensor average_pool_naive(const Tensor& map, int64_t kernel, int64_t stride, int64_t padding) {
  const int64_t h = map.dim(1), w = map.dim(2);
  const auto size = [&](int64_t in) { return (in + 2 * padding - kernel) / stride + 1; };
  return fill(map, size(h), size(w), [&](int64_t b, int64_t y, int64_t x, int64_t c) {
    double sum = 0;
    for (int64_t i = y * stride - padding; i < y * stride - padding + kernel; ++i)
      for (int64_t j = x * stride - padding; j < x * stride - padding + kernel; ++j)
        if (i >= 0 && i < h && j >= 0 && j < w) sum += at(map, b, i, j, c);
    return sum / static_cast<double>(kernel * kernel);
  });
}

Tensor gaussian_blur_naive(const Tensor& map, real sigma) {
  const int64_t h = map.dim(1), w = map.dim(2);
  const auto deviation = static_cast<double>(sigma);
  const auto radius = static_cast<int64_t>(4 * deviation + 0.5);
  const auto weight = [&](int64_t i) {
    const double x = i ? static_cast<double>(i) / deviation : 0;
    return std::exp(-0.5 * x * x);
  };
  const auto mirrored = [](int64_t i, int64_t n) {
    while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
  };
  const Tensor pixels = map.reshape({map.dim(0), h, w, 1});
  return fill(pixels, h, w,
              [&](int64_t b, int64_t y, int64_t x, int64_t c) {
                double sum = 0, total = 0;
                for (int64_t i = -radius; i <= radius; ++i)
                  for (int64_t j = -radius; j <= radius; ++j) {
                    sum += weight(i) * weight(j) * at(pixels, b, mirrored(y + i, h), mirrored(x + j, w), c);
                    total += weight(i) * weight(j);
                  }
                return sum / total;
              })
      .reshape(map.shape());
}

}  // namespace iuf::kernel
