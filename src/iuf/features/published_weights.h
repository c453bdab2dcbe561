#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nn/backbone.h"
#include "nn/pth.h"

// How weights that others published are named: what training code wraps around a model, and what the checkpoints of IUF
// and UniAD hold besides.
namespace iuf {

/// Of each linear2 layer the token means of its outputs (images x channels): IUF's memory of old objects (Eq. 10). The
/// key in published checkpoints; here the tensors are called kTokenMeans + "." + layer.
constexpr const char* kTokenMeans = "feature_metrix";

/// Weights as read_weights() gives them, with the wrappers taken off the names: "module.", "reconstruction." (IUF,
/// UniAD), and "net." where all share it. Behind them come the tensors under kTokenMeans. Throws Error when two names
/// become one.
WeightsFile read_published_weights(const std::filesystem::path& path);

/// A backbone with the weights in a file (.pth or .safetensors), or without a file the embedded ones. Throws Error
/// saying which file is needed when there are none for this name.
Backbone load_backbone(const std::string& name, const std::optional<std::filesystem::path>& weights);

}  // namespace iuf
