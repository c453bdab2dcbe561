#include "iuf/image/resize.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tensor/error.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

constexpr int weight_bits = 32 - 8 - 2;  // a sum of 8-bit values with weights that add up to 1 stays below 2^31
constexpr int32_t half = 1 << (weight_bits - 1);

/// Output element i is the sum over t < count[i] of weights[i * taps + t] * input[first[i] + t].
struct Filter {
  size_t taps;
  std::vector<size_t> first, count;
  std::vector<int32_t> weights;
};

Filter triangle_filter(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double support = std::max(scale, 1.0);
  const size_t taps = static_cast<size_t>(std::ceil(support)) * 2 + 1;
  const size_t size = static_cast<size_t>(out);
  Filter filter{taps, std::vector<size_t>(size), std::vector<size_t>(size), std::vector<int32_t>(size * taps)};
  std::vector<double> weight(taps);
  for (size_t i = 0; i < size; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const int begin = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), in);
    filter.first[i] = static_cast<size_t>(begin);
    filter.count[i] = static_cast<size_t>(end - begin);
    double sum = 0;
    for (size_t t = 0; t < filter.count[i]; ++t) {
      const double distance = std::abs((static_cast<double>(t) + begin - centre + 0.5) * (1.0 / support));
      weight[t] = distance < 1 ? 1 - distance : 0;
      sum += weight[t];
    }
    for (size_t t = 0; t < filter.count[i]; ++t) {
      const double share = sum != 0 ? weight[t] / sum : weight[t];
      filter.weights[i * taps + t] = static_cast<int32_t>(0.5 + share * (1 << weight_bits));
    }
  }
  return filter;
}

uint8_t rounded(int32_t sum) {
  return static_cast<uint8_t>(std::min(sum >> weight_bits, 255));
}

using Int8 = int32_t __attribute__((vector_size(32)));

/// Two rows at once, as one row alone leaves half of a vector empty. `spread` is scratch of 8 numbers per input pixel:
/// up to four channels of the first row, then of the second.
IUF_SIMD void filter_rows(const Filter& filter, size_t channels, std::array<const uint8_t*, 2> in, Int8* spread,
                          std::array<uint8_t*, 2> out) {
  // Always four values are copied, one load and one store, except for the last pixels, where they would be beyond the
  // row.
  const size_t pixel_count = filter.first.back() + filter.count.back();
  const size_t quick = pixel_count > 3 ? pixel_count - 3 : 0;
  int32_t* to = reinterpret_cast<int32_t*>(spread);
  for (size_t r = 0; r < 2; ++r, to += 4) {
    const uint8_t* from = in[r];
    for (size_t x = 0; x < quick; ++x) {
      for (size_t c = 0; c < 4; ++c) to[8 * x + c] = from[channels * x + c];
    }
    for (size_t x = quick; x < pixel_count; ++x) {
      for (size_t c = 0; c < channels; ++c) to[8 * x + c] = from[channels * x + c];
    }
  }
  for (size_t i = 0; i < filter.first.size(); ++i) {
    const Int8* pixels = spread + filter.first[i];
    const int32_t* weights = &filter.weights[i * filter.taps];
    Int8 sum = {half, half, half, half, half, half, half, half};
    for (size_t t = 0; t < filter.count[i]; ++t) sum += weights[t] * pixels[t];
    sum >>= weight_bits;
    sum = sum > 255 ? Int8{} + 255 : sum;
    for (size_t r = 0; r < 2; ++r) {  // indices known to the compiler keep the sums in a register
      uint8_t* pixel = out[r] + i * channels;
      pixel[0] = static_cast<uint8_t>(sum[4 * r]);
      if (channels == 1) continue;
      pixel[1] = static_cast<uint8_t>(sum[4 * r + 1]);
      pixel[2] = static_cast<uint8_t>(sum[4 * r + 2]);
    }
  }
}

/// One output row from `count` input rows; `sum` is scratch of the row's length.
IUF_SIMD void filter_column(const int32_t* weights, const uint8_t* const* rows, size_t count, size_t length,
                            int32_t* sum, uint8_t* out) {
  std::fill_n(sum, length, half);
  for (size_t t = 0; t < count; ++t) {
    const int32_t weight = weights[t];
    const uint8_t* row = rows[t];
    for (size_t i = 0; i < length; ++i) sum[i] += weight * row[i];
  }
  for (size_t i = 0; i < length; ++i) out[i] = rounded(sum[i]);
}

Image blank_like(const char* who, const Image& image, int width, int height) {
  if (width < 1 || height < 1 || image.width < 1 || image.height < 1) {
    fail(who, ": ", image.width, " x ", image.height, " to ", width, " x ", height, ": no side may be 0");
  }
  Image out{width, height, image.channels, {}};
  out.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(image.channels));
  return out;
}

}  // namespace

Image resize_bilinear(const Image& image, int width, int height) {
  Image out = blank_like("resize_bilinear", image, width, height);
  if (width == image.width && height == image.height) return image;
  const Filter across = triangle_filter(image.width, width), down = triangle_filter(image.height, height);
  const size_t channels = static_cast<size_t>(image.channels);
  const size_t in_bytes = static_cast<size_t>(image.width) * channels,
               out_bytes = static_cast<size_t>(width) * channels;
  const size_t in_rows = static_cast<size_t>(image.height), out_rows = static_cast<size_t>(height);
  const auto in_row = [&](size_t y) { return image.pixels.data() + y * in_bytes; };
  const auto out_row = [&](size_t y) { return out.pixels.data() + y * out_bytes; };
  std::vector<Int8> spread(static_cast<size_t>(image.width));

  // Each pass rounds to 8 bit, so their order counts.
  if (image.height > height && image.height - height > 2 * (int64_t{image.width} - width)) {
    std::vector<const uint8_t*> rows(down.taps);
    std::vector<int32_t> sum(in_bytes);
    std::vector<uint8_t> narrow(2 * in_bytes), spare(out_bytes);
    for (size_t y = 0; y < out_rows; y += 2) {
      const bool pair = y + 1 < out_rows;
      for (size_t r = 0; r <= size_t{pair}; ++r) {
        for (size_t t = 0; t < down.count[y + r]; ++t) rows[t] = in_row(down.first[y + r] + t);
        filter_column(&down.weights[(y + r) * down.taps], rows.data(), down.count[y + r], in_bytes, sum.data(),
                      &narrow[r * in_bytes]);
      }
      filter_rows(across, channels, {&narrow[0], &narrow[in_bytes]}, spread.data(),
                  {out_row(y), pair ? out_row(y + 1) : spare.data()});
    }
    return out;
  }

  // Only the filtered rows that the next output row needs are held: input row y in slot y modulo their number.
  const size_t slots = down.taps + 1;
  std::vector<uint8_t> held(slots * out_bytes);
  std::vector<const uint8_t*> rows(slots);
  std::vector<int32_t> sum(out_bytes);
  const auto slot = [&](size_t y) { return held.data() + y % slots * out_bytes; };
  for (size_t y = 0, done = 0; y < out_rows; ++y) {
    for (; done < down.first[y] + down.count[y]; done += 2) {
      filter_rows(across, channels, {in_row(done), in_row(std::min(done + 1, in_rows - 1))}, spread.data(),
                  {slot(done), slot(done + 1)});
    }
    for (size_t t = 0; t < down.count[y]; ++t) rows[t] = slot(down.first[y] + t);
    filter_column(&down.weights[y * down.taps], rows.data(), down.count[y], out_bytes, sum.data(), out_row(y));
  }
  return out;
}

Image fitted(const Image& image, int most) {
  const int side = std::max(image.width, image.height);
  if (side <= most) return image;
  const auto shrunk = [&](int pixels) { return static_cast<int>(std::max(int64_t{1}, int64_t{pixels} * most / side)); };
  return resize_bilinear(image, shrunk(image.width), shrunk(image.height));
}

Image resize_nearest(const Image& image, int width, int height) {
  Image out = blank_like("resize_nearest", image, width, height);
  // Positions are summed step by step, not multiplied: that is how the reference rounds.
  const auto positions = [](int in, int size) {
    std::vector<size_t> from(static_cast<size_t>(size));
    const double step = static_cast<double>(in) / size;
    double at = step * 0.5;
    for (size_t& position : from) {
      position = static_cast<size_t>(std::min(static_cast<int>(at), in - 1));
      at += step;
    }
    return from;
  };
  const std::vector<size_t> xs = positions(image.width, width), ys = positions(image.height, height);
  const size_t channels = static_cast<size_t>(image.channels);
  uint8_t* to = out.pixels.data();
  for (size_t y : ys) {
    const uint8_t* row = image.row(static_cast<int>(y));
    for (size_t x : xs) to = std::copy_n(row + x * channels, channels, to);
  }
  return out;
}

}  // namespace iuf
