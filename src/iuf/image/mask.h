#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// A ground-truth mask as it is compared with a map.
struct Mask {
  Image image;                            // 1 channel: 255 where the defect is, else 0
  std::vector<std::string> values = {};   // where several count as defects: those that fill areas, as "1", "#ff0000"
  std::vector<std::string> remarks = {};  // what is unusual, each the same words for every mask; see Findings
};

/// The photograph that a mask belongs to, upright.
struct MaskedPhoto {
  int width = 0, height = 0;
  int orientation = 1;  // by which it was turned
};

/// A pixel shows a defect where any colour value is above 0 (above 127 where values are not exact: in a JPEG, and a
/// WebP or TIFF that is lossy as well), but:
/// - where the colours tell nothing, being above 0 everywhere or nowhere, and the transparency differs: where it is
///   not transparent;
/// - where small values stand beside high ones like the noise of a JPEG that became a PNG: above half of the highest.
/// Classes are numbered from 0, the ground; all others are defects. Throws Error where this cannot be told: no pixel is
/// black though they differ, or one of those has dark areas; and for what cannot be read.
/// It is turned upright by what its own file notes, as a photograph is.
Mask read_mask(const std::filesystem::path& path);
/// The same for this photograph: a mask that fits it only as it is stored is turned with it. Throws Error also for one
/// of another size.
Mask read_mask(const std::filesystem::path& path, const MaskedPhoto& photo);

}  // namespace iuf
