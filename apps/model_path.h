#pragma once

#include <filesystem>

#include "tensor/error.h"

namespace iuf {

/// A model file, or the one in a run's folder. Throws Error for a run that has none yet.
inline std::filesystem::path model_path(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const std::filesystem::path model = path / "model.safetensors";
  if (!std::filesystem::exists(model) && std::filesystem::exists(path / "run.json"))
    fail(path.string(), ": this run has not ended its first step; the same `iuf train` goes on with it");
  return model;
}

}  // namespace iuf
