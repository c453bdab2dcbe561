#pragma once

#include <string_view>

#include "iuf/synthetic/scene.h"

// What several products are painted with.
namespace iuf::synthetic {

/// What things lie on.
Texel mat(Vec2 at, Color color, float grain, uint32_t key);

/// Printed text, centred on the origin and `height` high: the ink at p, 0 to 1, with dots run together.
float ink(Vec2 p, std::string_view text, float height);

}  // namespace iuf::synthetic
