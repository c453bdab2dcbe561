#pragma once

#include <cstddef>
#include <vector>

#include "tensor/tensor.h"

namespace iuf {

/// Of images, by their channel moments (novelty.h), those of a second kind, the smaller one, ascending, where there are
/// two with a clear gap: groups of at least four and a fifth of the images, between which the gap is wider than any
/// within, each of whose images is unlike the other group (NoveltyDetector above 1). Empty otherwise. Of more than 200
/// images so many, spread evenly, are looked at. Moments that are not finite are an Error.
std::vector<size_t> second_kind(const std::vector<Tensor>& images);

}  // namespace iuf
