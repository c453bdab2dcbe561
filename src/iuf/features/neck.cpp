#include "iuf/features/neck.h"

#include <vector>

#include "tensor/error.h"
#include "tensor/permute.h"
#include "tensor/resize.h"

namespace iuf {

Tensor normalised_image(const BackboneInfo& backbone, std::span<const uint8_t> pixels, int64_t height, int64_t width) {
  if (static_cast<int64_t>(pixels.size()) != height * width * 3)
    fail("normalised_image: ", pixels.size(), " values for ", width, " x ", height, " RGB");
  Tensor x({1, height, width, 3});
  real table[3][256];
  for (size_t c = 0; c < 3; ++c)
    for (size_t v = 0; v < 256; ++v)
      table[c][v] =
          (static_cast<real>(v) - static_cast<real>(backbone.mean[c])) / static_cast<real>(backbone.deviation[c]);
  for (size_t i = 0; i < pixels.size(); i += 3)
    for (size_t c = 0; c < 3; ++c) x.data()[i + c] = table[c][pixels[i + c]];
  return x;
}

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
