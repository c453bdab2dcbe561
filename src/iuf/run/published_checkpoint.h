#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/learn/model.h"

namespace iuf {

/// What the tensors of an official IUF or UniAD checkpoint say about its network, over `base`: hidden, feed-forward,
/// layers, grid (and the image size of 16 pixels a token), stem, with or without the discriminator; without it UniAD's
/// own settings. The number of heads and the backbone are not in it. Throws Error when these are not such weights.
Settings settings_of_checkpoint(const TensorFile& checkpoint, const Settings& base);
/// "iuf", or "uniad" for a network without the discriminator.
std::string method_of_checkpoint(const TensorFile& checkpoint);

struct AdoptOptions {
  std::filesystem::path checkpoint;
  std::string profile = "released";
  Settings settings;                                      // of the model, see settings_of_checkpoint()
  std::vector<std::string> objects;                       // in the order of the class labels
  std::optional<std::filesystem::path> backbone_weights;  // default: those in the checkpoint, or those in the program
  std::optional<std::filesystem::path> normal;            // a data set with the objects' normal images
  CachePlace cache = {};                                  // of their features
};

struct Adopted {
  Model model;
  std::vector<std::string> unknown;  // tensors that the model has no place for, but for the backbone's later layers
  int64_t spare_classes = 0;         // outputs of the discriminator beyond the named objects: left out
  bool old_space = false;            // IUF: whether the old objects' channel space (Eq. 10) is known
};

/// A model of this program with the network of an official IUF or UniAD checkpoint. Its raw anomaly maps are the
/// published model's. Thresholds and Gaussians are not in a checkpoint: they come from normal images, of which a share
/// is held out for the thresholds; without images the model scores but gives no verdict. The old objects' channel space
/// comes from the same images, or else from the token means that IUF's checkpoints may hold. Throws Error listing the
/// tensors that are missing or misshapen.
Adopted adopt_checkpoint(const AdoptOptions& options, const StepContext& context);

}  // namespace iuf
