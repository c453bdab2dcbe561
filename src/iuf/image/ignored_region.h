#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "iuf/image/image.h"

namespace iuf {

/// What is left out of an object's photographs, such as a background, a printed date, a gripper: pixels of the square
/// that all methods see. Every photograph of the object shows one grey there, so that nothing in it can be learned or
/// scored.
class IgnoredRegion {
 public:
  /// side x side, 1: ignored. Throws Error where none or all are.
  IgnoredRegion(int64_t side, std::vector<uint8_t> pixels);
  /// Of a mask (1 channel, 0: not ignored) of a photograph: a pixel of the square is ignored where more than half of it
  /// is. Throws Error where none or all are.
  static IgnoredRegion of(const Image& mask, int64_t side);

  int64_t side() const { return side_; }
  std::span<const uint8_t> pixels() const { return pixels_; }
  bool holds(int64_t pixel) const { return pixels_[static_cast<size_t>(pixel)] != 0; }
  double share() const;  // of the square, between 0 and 1
  uint64_t hash() const { return hash_; }
  /// The same at another size, row-major: a pixel is ignored where the one under its centre is.
  std::vector<uint8_t> at(int64_t width, int64_t height) const;
  /// A photograph (RGB) with this colour in place of what is ignored.
  Image blanked(const Image& photograph, const uint8_t* colour) const;
  bool operator==(const IgnoredRegion& other) const { return side_ == other.side_ && pixels_ == other.pixels_; }

 private:
  int64_t side_;
  std::vector<uint8_t> pixels_;
  uint64_t hash_;
};

/// A mask that a user gives for an object: what is not black is ignored (read_mask() says what counts as black in files
/// that are not exact). Throws Error naming the file where it is no image, none or all of it is ignored, or its
/// sides have another ratio than those of a photograph of the object (width, height; by more than 1 %).
struct IgnoreMask {
  std::filesystem::path file;
  Image mask;

  static IgnoreMask read(const std::filesystem::path& file);
  /// Throws Error naming both files where the mask does not belong to a photograph of this size.
  void require_fit(const std::string& photograph, int width, int height) const;
  IgnoredRegion region(int64_t side) const;
};

}  // namespace iuf
