#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nn/backbone.h"

namespace iuf {

/// One quantity compared with what the reference computed.
struct Check {
  std::string file, quantity;
  double error = 0;  // the largest |got - expected| as a share of the largest |expected| (gradients: by their 2-norms);
                     // infinite: not comparable
  double tolerance = 0;     // 0: equal bit for bit
  std::string detail = {};  // the worst element with both values, or what is wrong with the file
  bool ok() const { return error <= tolerance; }
};

/// Compares this program with every golden file of a folder, as PyTorch, scikit-learn and Pillow computed them: models
/// (the forward pass, losses, gradients, one step of both optimisers), training replays, backbones, metrics, images,
/// the projection's linear algebra, checkpoints. Losses, gradients, steps and replays are those of the trainer that
/// `iuf train` runs. What a file is and all sizes are read from its tensors and metadata. A file that cannot be used is
/// a failed check and does not end the others. Throws Error when the folder has no golden file.
std::vector<Check> selfcheck(const std::filesystem::path& folder);

/// Numbers in [0, 1) with 24 bits that every language computes alike: splitmix64 of (FNV-1a of the name) + i. Goldens
/// of networks with many weights store none, only what comes out.
Tensor generated_values(const std::string& name, const Shape& shape);
/// A backbone with weights of that kind.
Backbone generated_backbone(const std::string& name);

}  // namespace iuf
