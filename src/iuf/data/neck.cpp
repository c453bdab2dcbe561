#include "iuf/data/neck.h"

#include <vector>

#include "tensor/permute.h"
#include "tensor/resize.h"

namespace iuf {

Tensor aligned_tokens(std::span<const Tensor> maps, int64_t grid, Align align) {
  std::vector<Tensor> parts;
  for (const Tensor& map : maps) {
    // Averaging only makes sense downwards; a coarser map is interpolated either way.
    const bool pool = align == Align::area && map.dim(1) >= grid && map.dim(2) >= grid;
    parts.push_back(pool ? kernel::pool_area(map, grid, grid)
                         : kernel::resize_bilinear(map, grid, grid, kernel::Align::corners));
  }
  const Tensor joined = kernel::concat(parts, 3);
  return joined.reshape({joined.dim(0), grid * grid, joined.dim(3)});
}

Tensor local_tokens(const Tensor& stride8, const Tensor& stride16) {
  const int64_t height = stride8.dim(1), width = stride8.dim(2);
  const Tensor parts[] = {stride8, kernel::resize_bilinear(stride16, height, width, kernel::Align::edges)};
  const Tensor joined = kernel::average_pool(kernel::concat(parts, 3), 3, 1, 1);
  return joined.reshape({joined.dim(0), height * width, joined.dim(3)});
}

}  // namespace iuf
