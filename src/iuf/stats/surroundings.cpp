#include "iuf/stats/surroundings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "iuf/stats/surroundings_known.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/linear.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"
#include "tensor/row_kernels.h"

namespace iuf {
namespace {

// How a tensor is kept without a loss. Earlier versions kept all digits.
DType narrowest(const Tensor& tensor) {
  const auto is_half = [](real v) {
    return static_cast<real>(half_to_float(float_to_half(static_cast<float>(v)))) == v;
  };
  return std::ranges::all_of(tensor.span(), is_half) ? DType::f16 : kRealDType;
}

constexpr std::array<std::pair<int64_t, int64_t>, 8> kDirections = {
    {{-1, -1}, {-1, 0}, {-1, 1}, {0, -1}, {0, 1}, {1, -1}, {1, 0}, {1, 1}}};

}  // namespace

Tensor on_grid(const Tensor& map, int64_t rows, int64_t columns) {
  const int64_t height = map.dim(0), width = map.dim(1), channels = map.dim(2);
  const Tensor fine =
      height == rows && width == columns
          ? map
          : kernel::resize_bilinear(map.reshape({1, height, width, channels}), rows, columns, kernel::Align::edges);
  return fine.reshape({rows * columns, channels});
}

Tensor Surroundings::deviations(const Tensor& local) const {
  const int64_t positions = rows * columns, channels = mean.dim(2), components = basis.dim(0);
  if (local.rank() != 2 || local.dim(0) != positions || local.dim(1) != channels)
    fail("surroundings: features ", local.shape(), " of an image, the normal ones had ", Shape{positions, channels});
  const Tensor y = kernel::sub(local, on_grid(mean, rows, columns)),
               components_of_y = kernel::linear(y, basis, Tensor());
  const int64_t width = channels + 8 * components;
  const real share = 1 / static_cast<real>(farthest - nearest + 1);
  Tensor joined = Tensor::zeros({positions, width});
  parallel_for(positions, 64, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      real* row = joined.data() + p * width;
      std::copy_n(y.data() + p * channels, channels, row);
      real* context = row + channels;
      for (const auto& [down, right] : kDirections) {
        for (int64_t r = nearest; r <= farthest; ++r) {
          const int64_t i = std::clamp<int64_t>(p / columns + r * down, 0, rows - 1);
          const int64_t j = std::clamp<int64_t>(p % columns + r * right, 0, columns - 1);
          kernel::add_scaled_row(context, share, components_of_y.data() + (i * columns + j) * components, components);
        }
        context += components;
      }
    }
  });
  return joined;
}

Tensor Surroundings::unexplained(const Tensor& local) const {
  return kernel::linear(deviations(local), weight, Tensor());
}

Tensor Surroundings::distance(const Tensor& local) const {
  const Tensor rest = unexplained(local), spread = on_grid(variance, rows, columns);
  const int64_t channels = rest.dim(1);
  Tensor distance({rest.dim(0)});
  parallel_for(rest.dim(0), 64, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const real* e = rest.data() + p * channels;
      const real* v = spread.data() + p * channels;
      real sum = 0;
      for (int64_t c = 0; c < channels; ++c) sum += e[c] * e[c] / v[c];
      distance.data()[p] = std::sqrt(sum);
    }
  });
  return distance.reshape({rows, columns});
}

void Surroundings::save(SafetensorsWriter& writer, const std::string& prefix) const {
  writer.add(prefix + "mean", mean, narrowest(mean));
  writer.add(prefix + "variance", variance, narrowest(variance));
  writer.add(prefix + "basis", basis);
  writer.add(prefix + "weight", weight);
  writer.add(prefix + "cells", std::vector<int64_t>{rows, columns, nearest, farthest});
}

Surroundings Surroundings::load(const TensorFile& file, const std::string& prefix) {
  Surroundings s{.mean = file.tensor(prefix + "mean"),
                 .variance = file.tensor(prefix + "variance"),
                 .basis = file.tensor(prefix + "basis"),
                 .weight = file.tensor(prefix + "weight")};
  std::vector<int64_t> cells = file.integers(prefix + "cells");
  if (cells.size() == 3) cells.insert(cells.begin(), cells[0]);  // of earlier versions, with square grids
  constexpr int64_t kMost = 1 << 12;                             // cells a side of the largest image
  const auto within = [](int64_t v, int64_t low, int64_t high) { return low <= v && v <= high; };
  if (cells.size() != 4 || !within(cells[0], 1, kMost) || !within(cells[1], 1, kMost) || !within(cells[2], 0, kMost) ||
      !within(cells[3], cells[2], kMost))
    fail(file.path(), ": '", prefix, "cells' is no grid with distances on it; the file is damaged");
  s.rows = cells[0];
  s.columns = cells[1];
  s.nearest = cells[2];
  s.farthest = cells[3];
  const auto refuse = [&] {
    fail(file.path(), ": '", prefix, "' holds means ", s.mean.shape(), ", variances ", s.variance.shape(), ", a basis ",
         s.basis.shape(), " and weights ", s.weight.shape(), " that do not fit a grid of ", Shape{s.rows, s.columns});
  };
  if (s.mean.rank() != 3 || s.basis.rank() != 2) refuse();
  const int64_t channels = s.mean.dim(2), components = s.basis.dim(0);
  if (!within(s.mean.dim(0), 1, s.rows) || !within(s.mean.dim(1), 1, s.columns) || channels < 1 ||
      s.variance.rank() != 3 || !within(s.variance.dim(0), 1, s.rows) || !within(s.variance.dim(1), 1, s.columns) ||
      s.variance.dim(2) != channels || !(s.basis.shape() == Shape{components, channels}) ||
      !within(components, 1, channels) || !(s.weight.shape() == Shape{channels, channels + 8 * components}))
    refuse();
  for (const real v : s.variance.span())
    if (!(v > 0))
      fail(file.path(), ": '", prefix, "variance' holds ", v, ", which no image gives; the file is damaged");
  return s;
}

}  // namespace iuf
