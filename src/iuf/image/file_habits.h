#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace iuf {

/// How the program that wrote a file writes pictures, whatever they show.
struct FileHabits {
  std::optional<double> jpeg_quality = {};  // 1 to 100: of libjpeg's tables those that quantise as much
  std::string extras = {};                  // "colour profile + Exif"; "none"
};
/// Of a PNG or JPEG, from its first 256 KiB; without any value for others, and for what cannot be read.
FileHabits habits_of(const std::filesystem::path& file);

}  // namespace iuf
