#pragma once

#include <filesystem>

namespace iuf {

/// A model file, or the one in a run's folder.
inline std::filesystem::path model_path(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? path / "model.safetensors" : path;
}

}  // namespace iuf
