#pragma once

#include "iuf/image/image.h"

namespace iuf {

/// Both return an image of `width` x `height` with the channels of `image`, equal to Pillow's Image.resize bit for bit.
/// Throw Error for an empty image or size.

/// A triangle filter, widened by the ratio when shrinking so that every input pixel counts (Pillow's BILINEAR): two
/// passes with 22-bit weights, each rounded to 8 bit, along rows first, or along columns first where the height loses
/// more than twice as many pixels as the width (Pillow 13; older versions do rows first there too and differ by a
/// level).
Image resize_bilinear(const Image& image, int width, int height);
/// Shrunk by resize_bilinear() so that no side is longer than `most` pixels; a smaller image as it is.
Image fitted(const Image& image, int most);
/// The input pixel under each output pixel's centre (Pillow's NEAREST); for masks.
Image resize_nearest(const Image& image, int width, int height);

}  // namespace iuf
