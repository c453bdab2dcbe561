#pragma once

#include <functional>

#include "iuf/learn/method.h"
#include "iuf/learn/training_loop.h"
#include "iuf/paper/reconstruction.h"

namespace iuf {

/// A normal image as the network takes it.
struct Example {
  Tensor image;    // 1 x H x W x 3, normalised, H = W = `image-size`; unused without a discriminator
  Tensor feature;  // T x C
  int64_t label = 0;
};

/// The images of a step.
struct TrainingSet {
  int64_t step = 0;                                               // of the stream; 0: the base step
  int64_t count = 0;                                              // images in an epoch
  std::function<Example(int64_t image)> example = {};             // thread-safe
  std::function<std::vector<int64_t>(int64_t epoch)> order = {};  // of the images, see TrainingLoop; random without it
};

/// Trains the network on a step by training_losses(). The retention's begin() was called before; its other hooks are
/// called here, up to end(). An interrupted call is continued, bit for bit, by the same call on the same network.
/// Afterwards the network is frozen.
void train(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention,
           const StepContext& context);

}  // namespace iuf
