#include "tensor/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/row_kernels.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

enum class Binary { add, sub, sub_from, mul };  // sub_from: b - a

IUF_SIMD void binary_row(Binary op, const real* a, const real* b, real* y, int64_t n) {
  switch (op) {
    case Binary::add:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
      break;
    case Binary::sub:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] - b[i];
      break;
    case Binary::sub_from:
      for (int64_t i = 0; i < n; ++i) y[i] = b[i] - a[i];
      break;
    case Binary::mul:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
      break;
  }
}

// One operand is a single value along the innermost axis.
IUF_SIMD void binary_row_scalar(Binary op, const real* a, real b, real* y, int64_t n) {
  switch (op) {
    case Binary::add:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] + b;
      break;
    case Binary::sub:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] - b;
      break;
    case Binary::sub_from:
      for (int64_t i = 0; i < n; ++i) y[i] = b - a[i];
      break;
    case Binary::mul:
      for (int64_t i = 0; i < n; ++i) y[i] = a[i] * b;
      break;
  }
}

// Element strides of `shape` seen as `out`: 0 along broadcast axes.
std::array<int64_t, Shape::kMaxRank> broadcast_strides(const Shape& shape, const Shape& out) {
  std::array<int64_t, Shape::kMaxRank> strides{};
  int64_t stride = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<size_t>(i + out.rank() - shape.rank())] = shape.dim(i) == 1 ? 0 : stride;
    stride *= shape.dim(i);
  }
  return strides;
}

// Calls row(offset_a, offset_b, offset_out) for every run of the innermost axis.
template <class Row>
void for_rows(const Shape& out, const std::array<int64_t, Shape::kMaxRank>& sa,
              const std::array<int64_t, Shape::kMaxRank>& sb, Row&& row) {
  const int rank = out.rank();
  const int64_t inner = rank ? out.dim(-1) : 1;
  const int64_t rows = inner ? out.size() / inner : 0;
  parallel_for(rows, std::max<int64_t>(1, kElementBlock / std::max<int64_t>(inner, 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   int64_t rest = r, a = 0, b = 0;
                   for (int i = rank - 2; i >= 0; --i) {
                     const int64_t index = rest % out.dim(i);
                     rest /= out.dim(i);
                     a += index * sa[static_cast<size_t>(i)];
                     b += index * sb[static_cast<size_t>(i)];
                   }
                   row(a, b, r * inner);
                 }
               });
}

Tensor binary(Binary op, const Tensor& a, const Tensor& b) {
  if (a.shape() == b.shape()) {
    Tensor y(a.shape());
    parallel_for(a.size(), kElementBlock, [&](int64_t begin, int64_t end) {
      binary_row(op, a.data() + begin, b.data() + begin, y.data() + begin, end - begin);
    });
    return y;
  }
  const Shape shape = broadcast_shape(a.shape(), b.shape());
  Tensor y(shape);
  const auto sa = broadcast_strides(a.shape(), shape), sb = broadcast_strides(b.shape(), shape);
  const auto last = static_cast<size_t>(shape.rank() - 1);
  const int64_t inner = shape.dim(-1);
  for_rows(shape, sa, sb, [&](int64_t oa, int64_t ob, int64_t oy) {
    const real *pa = a.data() + oa, *pb = b.data() + ob;
    real* py = y.data() + oy;
    if (inner > 1 && sb[last] == 0) {
      binary_row_scalar(op, pa, *pb, py, inner);
    } else if (inner > 1 && sa[last] == 0) {
      binary_row_scalar(op == Binary::sub ? Binary::sub_from : op, pb, *pa, py, inner);
    } else {
      binary_row(op, pa, pb, py, inner);
    }
  });
  return y;
}

IUF_SIMD void activate_row(Activation kind, const real* x, real* y, int64_t n) {
  switch (kind) {
    case Activation::none:
      for (int64_t i = 0; i < n; ++i) y[i] = x[i];
      break;
    case Activation::relu:
      for (int64_t i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
      break;
    case Activation::relu6:
      for (int64_t i = 0; i < n; ++i) y[i] = x[i] > 6 ? 6 : (x[i] > 0 ? x[i] : 0);
      break;
    case Activation::silu:
      for (int64_t i = 0; i < n; ++i) y[i] = x[i] * simd::sigmoid(x[i]);
      break;
    case Activation::gelu:
      for (int64_t i = 0; i < n; ++i) y[i] = simd::gelu(x[i]);
      break;
    case Activation::sigmoid:
      for (int64_t i = 0; i < n; ++i) y[i] = simd::sigmoid(x[i]);
      break;
  }
}

IUF_SIMD void activate_backward_row(Activation kind, const real* x, const real* dy, real* dx, int64_t n) {
  switch (kind) {
    case Activation::none:
      for (int64_t i = 0; i < n; ++i) dx[i] = dy[i];
      break;
    case Activation::relu:
      for (int64_t i = 0; i < n; ++i) dx[i] = x[i] > 0 ? dy[i] : 0;
      break;
    case Activation::relu6:
      for (int64_t i = 0; i < n; ++i) dx[i] = x[i] > 0 && x[i] < 6 ? dy[i] : 0;
      break;
    case Activation::silu:
      for (int64_t i = 0; i < n; ++i) {
        const real s = simd::sigmoid(x[i]);
        dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
      }
      break;
    case Activation::gelu: {
      constexpr real density = std::numbers::inv_sqrtpi_v<real> * std::numbers::sqrt2_v<real> / 2;
      for (int64_t i = 0; i < n; ++i)
        dx[i] = dy[i] * (simd::normal_cdf(x[i]) + x[i] * density * simd::exp(real(-0.5) * x[i] * x[i]));
      break;
    }
    case Activation::sigmoid:
      for (int64_t i = 0; i < n; ++i) {
        const real s = simd::sigmoid(x[i]);
        dx[i] = dy[i] * s * (1 - s);
      }
      break;
  }
}

IUF_SIMD void positive_backward_row(const real* y, const real* dy, real factor, real* dx, int64_t n) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) dx[i] = y[i] > 0 ? dy[i] * factor : 0;
}

IUF_SIMD void drop(const simd::DropoutRow& d, uint32_t offset, const real* x, real* y, int64_t n) {
  simd::apply_dropout(d, offset, x, y, n);
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  return binary(Binary::add, a, b);
}
Tensor sub(const Tensor& a, const Tensor& b) {
  return binary(Binary::sub, a, b);
}
Tensor mul(const Tensor& a, const Tensor& b) {
  return binary(Binary::mul, a, b);
}

Tensor scale(const Tensor& x, real factor) {
  Tensor y(x.shape());
  parallel_for(x.size(), kElementBlock,
               [&](int64_t begin, int64_t end) { scale_row(x.data() + begin, factor, y.data() + begin, end - begin); });
  return y;
}

void add_scaled(Tensor& y, real factor, const Tensor& x) {
  if (y.size() != x.size()) fail("add_scaled: ", y.shape(), " += ", x.shape(), ": sizes differ");
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    add_scaled_row(y.data() + begin, factor, x.data() + begin, end - begin);
  });
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (!(broadcast_shape(shape, x.shape()) == x.shape())) fail("sum_to: ", x.shape(), " is no broadcast of ", shape);
  Tensor y = x;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const int own = axis - (x.rank() - shape.rank());
    if ((own < 0 || shape.dim(own) == 1) && x.dim(axis) != 1) {
      Shape kept = y.shape();
      kept.set(axis, 1);
      y = sum_axis(y, axis).reshape(kept);
    }
  }
  return y.reshape(shape);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (!(broadcast_shape(x.shape(), shape) == shape)) fail("broadcast_to: ", x.shape(), " does not fit ", shape);
  return add(x, Tensor::zeros(shape));
}

Tensor activate(Activation kind, const Tensor& x) {
  Tensor y(x.shape());
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    activate_row(kind, x.data() + begin, y.data() + begin, end - begin);
  });
  return y;
}

Tensor activate_backward(Activation kind, const Tensor& x, const Tensor& dy) {
  Tensor dx(x.shape());
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    activate_backward_row(kind, x.data() + begin, dy.data() + begin, dx.data() + begin, end - begin);
  });
  return dx;
}

Tensor positive_backward(const Tensor& y, const Tensor& dy, real factor) {
  Tensor dx(y.shape());
  parallel_for(y.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    positive_backward_row(y.data() + begin, dy.data() + begin, factor, dx.data() + begin, end - begin);
  });
  return dx;
}

void positive_backward_in_place(const real* y, real factor, real* dy, int64_t n) {
  positive_backward_row(y, dy, factor, dy, n);
}

simd::DropoutRow dropout_row(const Dropout& dropout) {
  if (!(dropout.rate >= 0 && dropout.rate < 1)) fail("dropout: the rate ", dropout.rate, " is not in [0, 1)");
  const uint32_t threshold = std::min<uint32_t>(65535, static_cast<uint32_t>(dropout.rate * 65536 + real(0.5)));
  return {dropout.stream, threshold, static_cast<real>(65536.0 / (65536 - threshold))};
}

Tensor dropout(const Tensor& x, real rate, uint64_t stream) {
  const simd::DropoutRow row = dropout_row({rate, stream});
  Tensor y(x.shape());
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    drop(row, static_cast<uint32_t>(begin), x.data() + begin, y.data() + begin, end - begin);
  });
  return y;
}

void dropout_in_place(real* x, int64_t n, const simd::DropoutRow& row, uint32_t offset) {
  drop(row, offset, x, x, n);
}

bool all_finite(const Tensor& x) {
  return parallel_sum(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
           int64_t bad = 0;
           for (int64_t i = begin; i < end; ++i) bad += !std::isfinite(x.data()[i]);
           return static_cast<double>(bad);
         }) == 0;
}

}  // namespace iuf::kernel
