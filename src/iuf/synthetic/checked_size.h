#pragma once

#include <string>

#include "iuf/synthetic/extent.h"

namespace iuf {

/// The size of the photographs of an object when this one is asked for. Throws Error for an unknown object and for a
/// size that its photographs cannot have.
Extent checked_size(const std::string& object, Extent size);

}  // namespace iuf
