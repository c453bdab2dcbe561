#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "tensor/conv/depthwise_inference.h"
#include "tensor/conv/inference.h"
#include "tensor/conv/max_pool.h"
#include "tensor/conv/options.h"
#include "tensor/conv/training.h"

namespace iuf::kernel {
namespace {

double product(real a, real b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

}  // namespace

void conv_rows_naive(const Tensor& weight, std::span<const real> scale, std::span<const real> bias,
                     std::span<const ConvRow> rows, const ConvRowShape& shape, Activation activation) {
  const int64_t outputs = weight.dim(0), inputs = weight.dim(1), height = weight.dim(2), width = weight.dim(3);
  for (const ConvRow& row : rows)
    for (int64_t x = 0; x < shape.pixels; ++x)
      for (int64_t o = 0; o < outputs; ++o) {
        double sum = 0;
        for (int64_t i = 0; i < inputs; ++i)
          for (int64_t ky = 0; ky < height; ++ky)
            for (int64_t kx = 0; kx < width; ++kx)
              sum += product(weight.data()[((o * inputs + i) * height + ky) * width + kx],
                             row.inputs[ky][x * shape.input_stride + kx * inputs + i]);
        sum = sum * static_cast<double>(scale[static_cast<size_t>(o)]) +
              static_cast<double>(bias[static_cast<size_t>(o)]);
        const int64_t at = x * shape.output_stride + o;
        if (row.residual) sum += static_cast<double>(row.residual[at]);
        row.output[at] = static_cast<real>(activation_naive(activation, sum));
      }
}

void depthwise_row_naive(const Tensor& weight, std::span<const real> scale, std::span<const real> bias, int64_t stride,
                         const real* const* inputs, int64_t pixels, real* output, Activation activation, real* sums) {
  const int64_t channels = weight.dim(0), size = weight.dim(2), pixel_stride = round_to_panel(channels);
  for (int64_t c = 0; c < channels; ++c) {
    double total = 0;
    for (int64_t x = 0; x < pixels; ++x) {
      double sum = 0;
      for (int64_t ky = 0; ky < size; ++ky)
        for (int64_t kx = 0; kx < size; ++kx)
          sum += product(weight.data()[(c * size + ky) * size + kx], inputs[ky][(x * stride + kx) * pixel_stride + c]);
      sum =
          sum * static_cast<double>(scale[static_cast<size_t>(c)]) + static_cast<double>(bias[static_cast<size_t>(c)]);
      const double value = activation_naive(activation, sum);
      output[x * pixel_stride + c] = static_cast<real>(value);
      total += value;
    }
    if (sums) sums[c] = static_cast<real>(total);
  }
}

namespace {

// The definition, one product at a time: calls visit(x index, weight index, y index) for every product of a convolution
// of x (B x H x W x C) with weight (O x I x h x w); depthwise when I is 1 and O is C.
template <class Visit>
void visit_products(const Shape& x, const Shape& w, const Shape& y, const ConvOptions& o, Visit&& visit) {
  const bool depthwise = w[1] == 1 && w[0] == x[3];
  for (int64_t b = 0; b < y[0]; ++b)
    for (int64_t r = 0; r < y[1]; ++r)
      for (int64_t c = 0; c < y[2]; ++c)
        for (int64_t out = 0; out < y[3]; ++out)
          for (int64_t in = 0; in < w[1]; ++in)
            for (int64_t i = 0; i < w[2]; ++i)
              for (int64_t j = 0; j < w[3]; ++j) {
                const int64_t row = r * o.stride + i - o.rows.before, column = c * o.stride + j - o.columns.before;
                if (row < 0 || row >= x[1] || column < 0 || column >= x[2]) continue;
                visit(((b * x[1] + row) * x[2] + column) * x[3] + (depthwise ? out : in),
                      ((out * w[1] + in) * w[2] + i) * w[3] + j, ((b * y[1] + r) * y[2] + c) * y[3] + out);
              }
}

int64_t output_size(int64_t size, int64_t kernel, int64_t stride, const Padding& padding) {
  return (size + padding.before + padding.after - kernel) / stride + 1;
}

// Sums in double, as a tensor at the end.
class Sums {
 public:
  explicit Sums(const Shape& shape) : shape_(shape), values_(static_cast<size_t>(shape.size())) {}
  double& operator[](int64_t i) { return values_[static_cast<size_t>(i)]; }
  Tensor tensor() const {
    Tensor t(shape_);
    for (size_t i = 0; i < values_.size(); ++i) t.data()[i] = static_cast<real>(values_[i]);
    return t;
  }

 private:
  Shape shape_;
  std::vector<double> values_;
};

}  // namespace

Tensor conv_naive(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& o) {
  const Shape shape{x.dim(0), output_size(x.dim(1), weight.dim(2), o.stride, o.rows),
                    output_size(x.dim(2), weight.dim(3), o.stride, o.columns), weight.dim(0)};
  Sums y(shape);
  if (bias.defined())
    for (int64_t i = 0; i < shape.size(); ++i) y[i] = static_cast<double>(bias.data()[i % weight.dim(0)]);
  visit_products(x.shape(), weight.shape(), shape, o,
                 [&](int64_t in, int64_t tap, int64_t out) { y[out] += product(x.data()[in], weight.data()[tap]); });
  return y.tensor();
}

Tensor conv_backward_input_naive(const Tensor& dy, const Tensor& weight, const Shape& x, const ConvOptions& options) {
  Sums dx(x);
  visit_products(x, weight.shape(), dy.shape(), options,
                 [&](int64_t in, int64_t tap, int64_t out) { dx[in] += product(dy.data()[out], weight.data()[tap]); });
  return dx.tensor();
}

Tensor conv_backward_weight_naive(const Tensor& dy, const Tensor& x, const Shape& weight, const ConvOptions& options) {
  Sums dw(weight);
  visit_products(x.shape(), weight, dy.shape(), options,
                 [&](int64_t in, int64_t tap, int64_t out) { dw[tap] += product(dy.data()[out], x.data()[in]); });
  return dw.tensor();
}

Tensor max_pool_naive(const Tensor& x, int64_t size, const ConvOptions& o) {
  const int64_t h = x.dim(1), w = x.dim(2), channels = x.dim(3);
  const int64_t height = output_size(h, size, o.stride, o.rows), width = output_size(w, size, o.stride, o.columns);
  Tensor y = Tensor::full({x.dim(0), height, width, channels}, -std::numeric_limits<real>::infinity());
  real* out = y.data();
  for (int64_t b = 0; b < x.dim(0); ++b)
    for (int64_t r = 0; r < height; ++r)
      for (int64_t q = 0; q < width; ++q)
        for (int64_t c = 0; c < channels; ++c, ++out)
          for (int64_t i = 0; i < size; ++i)
            for (int64_t j = 0; j < size; ++j) {
              const int64_t row = r * o.stride + i - o.rows.before, column = q * o.stride + j - o.columns.before;
              if (row >= 0 && row < h && column >= 0 && column < w)
                *out = std::max(*out, x.data()[((b * h + row) * w + column) * channels + c]);
            }
  return y;
}

}  // namespace iuf::kernel
