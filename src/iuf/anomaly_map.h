#pragma once

#include "iuf/settings.h"
#include "tensor/tensor.h"

namespace iuf {

/// Scores on a token grid (T = h * w values) as a map of size x size: bilinear, corners aligned; blurred if asked.
Tensor upsample_scores(const Tensor& scores, int64_t height, int64_t width, int64_t size);

/// The score of an image from its map (size x size): max over 16 x 16 averages by default.
double image_score(const Tensor& map, Pooling pooling);

}  // namespace iuf
