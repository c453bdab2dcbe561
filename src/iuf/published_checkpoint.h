#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/model.h"

namespace iuf {

/// What the tensors of an official IUF or UniAD checkpoint say about its network, over `base`: hidden, feed-forward,
/// layers, grid (and the image size of 16 pixels a token), stem, with or without the discriminator. The number of
/// heads, the backbone and the size of UniAD's neighbour masks (7 unless `base` says otherwise) are not in it. Throws
/// Error when these are not such weights.
Settings settings_of_checkpoint(const TensorFile& checkpoint, const Settings& base);

struct AdoptOptions {
  std::filesystem::path checkpoint;
  std::string profile = "released";
  Settings settings;                                      // of the model, see settings_of_checkpoint()
  std::vector<std::string> objects;                       // in the order of the class labels
  std::optional<std::filesystem::path> backbone_weights;  // default: those in the checkpoint, or those in the program
  std::optional<std::filesystem::path> normal;            // a data set with the objects' normal images
  std::filesystem::path cache;                            // of their features
};

struct Adopted {
  Model model;
  std::vector<std::string> unknown;  // tensors of the checkpoint that the model has no place for
};

/// A model of this program with the network of an official IUF or UniAD checkpoint. Its raw anomaly maps are the
/// published model's. Thresholds, Gaussians and the old objects' channel space (Eq. 10) are not in a checkpoint: they
/// come from normal images, of which a share is held out for the thresholds; without images the model scores but gives
/// no verdict, and later steps are held back by Eq. 9 alone. Throws Error listing all tensors that are missing or
/// misshapen.
Adopted adopt_checkpoint(const AdoptOptions& options, const StepContext& context);

}  // namespace iuf
