#include "nn/embedded_weights.h"

// Set by weights/embedded.S.
extern "C" {
extern const std::byte iuf_embedded_lite0[];
extern const std::byte iuf_embedded_lite0_end[];
}

namespace iuf {

std::span<const std::byte> embedded_lite0() {
  return {iuf_embedded_lite0, iuf_embedded_lite0_end};
}

}  // namespace iuf
