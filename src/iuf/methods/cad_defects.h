#pragma once

#include "iuf/image/image.h"
#include "tensor/random.h"

namespace iuf {

/// A made-up defect, which CAD's classifier learns to see (Li et al. 2021, CutPaste): a piece of an RGB image, its
/// brightness, contrast and saturation changed a little, pasted elsewhere onto the same image.
struct PastedDefect {
  Image image;
  Image mask;  // 1 channel, 255 where the piece lies
};

/// An upright rectangle of 2 to 15 % of the image's area, its sides in a ratio of up to 3.3.
PastedDefect paste_patch(const Image& image, uint64_t stream);
/// A strip of 1 to 6 % by 4 to 10 % of the image's side, turned by up to 45 degrees.
PastedDefect paste_scar(const Image& image, uint64_t stream);

}  // namespace iuf
