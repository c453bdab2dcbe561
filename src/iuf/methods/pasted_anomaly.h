#pragma once

#include <cstdint>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// Anomalies to learn from without any defect at hand (Zavrtanik et al. 2021, DRAEM): a texture shows through a mask of
/// thresholded Perlin noise. Everything is a pure function of the stream.

/// Perlin's gradient noise on size x size pixels, about [-1, 1], of `cells_x` by `cells_y` lattice cells turned by
/// `turn` (in turns).
std::vector<float> perlin_noise(int size, int cells_x, int cells_y, float turn, uint64_t stream);

/// A colour image of stripes, spots, cells or clouds: size x size x 3.
Image procedural_texture(int size, uint64_t stream);

struct PastedAnomaly {
  Image image;
  std::vector<uint8_t> mask;  // 1 where the texture shows; all 0 in about every second image, which stays as it is
};
/// image and texture: square, RGB, of one size. The texture is mirrored, recoloured and mixed with the image at random.
PastedAnomaly paste_anomaly(const Image& image, const Image& texture, uint64_t stream);

}  // namespace iuf
