#pragma once

#include <cstdint>

#include "tensor/tensor.h"

namespace iuf::kernel {

/// Resizing and smoothing of maps of numbers (images in 8 bit: iuf/image/image.h). All of it is spread over the
/// threads; no value depends on how many there are.

/// What of two grids of pixels coincides: the centres of the corner pixels, or the outer edges. PyTorch's
/// align_corners.
enum class Align { corners, edges };

/// map: B x h x w x C; returns B x height x width x C, as PyTorch's interpolate without antialiasing.
Tensor resize_bilinear(const Tensor& map, int64_t height, int64_t width, Align align);
/// The slow twin, in double.
Tensor resize_bilinear_naive(const Tensor& map, int64_t height, int64_t width, Align align);
/// Its transpose: the gradient of a map of height x width from that of the resized one.
Tensor resize_bilinear_backward(const Tensor& gradient, int64_t height, int64_t width, Align align);

/// The mean over the area that falls on each output pixel: PyTorch's adaptive_avg_pool2d. B x h x w x C.
Tensor pool_area(const Tensor& map, int64_t height, int64_t width);
/// The slow twin, in double.
Tensor pool_area_naive(const Tensor& map, int64_t height, int64_t width);

/// The mean over kernel x kernel pixels, padding counted as zeros: PyTorch's avg_pool2d. B x h x w x C.
Tensor average_pool(const Tensor& map, int64_t kernel, int64_t stride, int64_t padding);
/// The slow twin, in double.
Tensor average_pool_naive(const Tensor& map, int64_t kernel, int64_t stride, int64_t padding);

/// Gaussian smoothing of maps B x h x w, cut off at four deviations, mirrored at the borders (d c b a | a b c d):
/// scipy.ndimage.gaussian_filter. sigma in pixels; 0 copies.
Tensor gaussian_blur(const Tensor& map, real sigma);
/// The slow twin, in double, both axes at once.
Tensor gaussian_blur_naive(const Tensor& map, real sigma);

}  // namespace iuf::kernel
