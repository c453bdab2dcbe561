#pragma once

#include <vector>

#include "iuf/learn/trainer.h"
#include "nn/tensor_file.h"

namespace iuf {

/// A network as a golden file describes it by its tensors and metadata, and its training as `iuf train` would do it.
struct GoldenModel {
  explicit GoldenModel(const TensorFile& golden);

  const TensorFile& file;
  Reconstruction network;  // dropout and jitter are off
  Tensor image, feature;   // B x H x W x 3, B x T x C
  std::vector<int64_t> labels;
  double value_tolerance = 0, gradient_tolerance = 0;

  /// B x T x C as B x C x h x w.
  Tensor as_map(const Tensor& tokens) const;
  /// On all images, in evaluation mode.
  Reconstruction::Output evaluate();

  /// What the metadata say of the losses, the clipping and AdamW: one batch of this size an epoch, a constant learning
  /// rate. An Error where they cannot be said by settings.
  Settings settings(int64_t batch, int64_t iterations) const;
  /// Trains the network by train() of learn/trainer.h; `batches` are the images of one iteration each. Returns an entry
  /// for each. Errors: an image that is not there.
  std::vector<LogEntry> train(const std::vector<std::vector<int64_t>>& batches, const Settings& settings,
                              Retention& retention);

 private:
  int64_t layers(const std::string& stack) const;
  void set_tolerances();
  double kink_tolerance() const;
};

}  // namespace iuf
