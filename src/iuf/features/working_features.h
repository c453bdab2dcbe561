#pragma once

#include <utility>
#include <vector>

#include "iuf/image/image.h"
#include "nn/backbone.h"

namespace iuf {

/// The pixels to which a photograph is resized before the backbone sees it a second time, with its own aspect and
/// closer than the square image of all methods.
struct WorkingSize {
  int64_t height = 0, width = 0;

  int64_t rows(int64_t stride) const { return (height + stride - 1) / stride; }
  int64_t columns(int64_t stride) const { return (width + stride - 1) / stride; }
  bool operator==(const WorkingSize&) const = default;
};

/// For photographs of these sizes (width and height of each, at least one): the aspect of the most common one, both
/// sides a multiple of the coarsest stride. The area is its own, or that of a square of twice `image_size` a side where
/// it is smaller; but at most what is seen within budget_ms on two cores, by the operations it takes. Photographs of
/// more than a megapixel (1024 x 1024) have as much for each, up to three times.
WorkingSize working_size(const std::vector<std::pair<int64_t, int64_t>>& photographs, const BackboneInfo& backbone,
                         int64_t image_size, double budget_ms);

/// Local features at a working size: rows * columns x C each.
struct WorkingFeatures {
  static constexpr int64_t kFineStride = 8, kDeepStride = 16;
  Tensor fine;  // of strides 8 and 16, on the grid of stride 8 (local_tokens in neck.h)
  Tensor deep;  // of strides 16 and 32, on the grid of stride 16; undefined where the backbone is not deep
};
/// Channels of both.
int64_t fine_channels(const BackboneInfo& backbone);
int64_t deep_channels(const BackboneInfo& backbone);

/// Of an RGB image as it is. An image of more than kTile pixels a side is seen in tiles that overlap by kTileOverlap
/// pixels, where their features pass into each other linearly: memory does not grow with the image, and there is no
/// seam.
WorkingFeatures working_features(const Backbone& backbone, const Image& image);
constexpr int64_t kTile = 1024, kTileOverlap = 192;

}  // namespace iuf
