#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "iuf/features/progress.h"
#include "nn/tensor_file.h"

namespace iuf {

/// The backbones that this program knows: name, native_size, channels, weights.
nlohmann::json backbones_json();

/// What a model file holds: kind, method, profile, backbone, steps, bytes, objects, image_auroc and pixel_auroc
/// ([step][object], null where not measured), settings and tensors. What is not known of an object is null. Throws as
/// Model::load.
nlohmann::json model_json(const std::filesystem::path& path, const TensorFile& file, const Progress& progress);

/// What a file of weights holds: kind, tensors (name, dtype, shape, bytes) and metadata.
nlohmann::json weights_json(const TensorFile& file);

}  // namespace iuf
