#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nn/optimizer.h"
#include "nn/safetensors.h"

namespace iuf {

/// Called with the name of a linear2 layer of the transformer and its output (B x T x C), see Run::tap.
using LayerOutputCallback = std::function<void(const std::string& layer, const Tensor& output)>;

/// What a step starts from.
struct StepStart {
  int64_t step = 0;                       // of the stream; 0: the base step, before which nothing was learned
  std::vector<NamedVar> parameters = {};  // as earlier steps left them
  std::vector<NamedVar> tensors = {};     // the parameters and the buffers
  /// Passes the old objects' images through the network once more (`basis = replay`); may be empty.
  std::function<void(const LayerOutputCallback&)> replay = {};
};

/// What a finished step offers: the network as it is now, and the step's images.
struct StepEnd {
  /// One image in evaluation mode, recorded for a backward pass.
  struct Pass {
    Var loss;         // of this image alone, as it was trained
    Var feature_rec;  // 1 x T x C
  };
  std::vector<NamedVar> parameters = {};
  std::vector<NamedVar> tensors = {};  // the parameters and the buffers
  int64_t images = 0;
  std::function<Pass(int64_t image)> pass = {};
};

/// What keeps the old objects while a step is trained. IUF, EWC, SI, MAS and LVT are one network and one training loop
/// with another of these each. train() (iuf/learn/training_loop.h) calls the hooks in the order in which they stand
/// here, but for begin(), which comes before it, and add_output(), which comes after it. None does anything by
/// default: that is plain fine-tuning.
class Retention {
 public:
  virtual ~Retention() = default;

  virtual void begin(const StepStart&) {}

  /// In every iteration, behind the backward pass: the gradients of the loss, not clipped.
  virtual void after_backward(const std::vector<NamedVar>& /*parameters*/) {}
  /// Then adds the gradient of a penalty to theirs and returns the penalty's value.
  virtual double penalise(std::vector<NamedVar>& /*parameters*/) { return 0; }
  /// Then, after clipping, changes the optimiser's updates. Asked for once a step.
  virtual UpdateFilter filter() const { return {}; }
  /// Then changes the weights that the update led to.
  virtual void after_update(std::vector<NamedVar>& /*tensors*/) {}

  /// After the last iteration.
  virtual void end(const StepEnd&) {}
  /// Afterwards, for every training image of the step, in order: what the transformer's linear2 layers put out.
  virtual void add_output(const std::string& /*layer*/, const Tensor& /*output*/) {}

  /// What is kept between steps: part of the model file.
  virtual void save(SafetensorsWriter&) const {}
  virtual void load(const TensorFile&) {}
  /// What an interrupted step needs besides, after begin(): names start with `prefix`.
  virtual void save_progress(SafetensorsWriter&, const std::string& /*prefix*/) const {}
  virtual void load_progress(const TensorFile&, const std::string& /*prefix*/) {}
};

/// theta_old, the weights as they were when an increment began. Every iteration pulls back to them:
/// theta <- (1 - eta) theta + eta theta_old. [Eq. 9]
class OldWeights {
 public:
  OldWeights() = default;
  /// Remembers copies.
  explicit OldWeights(const std::vector<NamedVar>& tensors);
  /// The same tensors in the same order, or an Error. One that has grown since (rows for new objects) is pulled in its
  /// old rows alone.
  void pull(std::vector<NamedVar>& tensors, double eta) const;

 private:
  std::vector<std::pair<std::string, Tensor>> old_;
};

}  // namespace iuf
