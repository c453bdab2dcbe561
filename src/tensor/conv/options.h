#pragma once

#include <cstdint>

namespace iuf::kernel {

/// Pixels added around a map: rows above and below it, or columns left and right of it.
struct Padding {
  int64_t before = 0, after = 0;
};

/// Of convolutions and max pooling with gradients.
struct ConvOptions {
  int64_t stride = 1;
  Padding rows = {}, columns = {};  // zeros; max_pool: -infinity

  /// For a kernel of size x size: half of it on every side, so that stride 1 keeps the map's size.
  static ConvOptions centred(int64_t size, int64_t stride = 1) {
    return {stride, {size / 2, size / 2}, {size / 2, size / 2}};
  }
};

}  // namespace iuf::kernel
