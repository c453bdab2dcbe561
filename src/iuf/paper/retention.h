#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nn/optimizer.h"
#include "nn/safetensors.h"

namespace iuf {

/// Told the output (B x T x C) of a layer of the transformer, see Run::tap.
using LayerOutput = std::function<void(const std::string& layer, const Tensor& output)>;

/// What a step starts from.
struct StepStart {
  bool base = true;                                     // the first step: nothing is old yet
  std::vector<NamedVar> parameters = {}, tensors = {};  // as earlier steps left them; tensors: buffers too
  std::function<void(const LayerOutput&)> replay = {};  // the old objects' images again (`basis = replay`)
};

/// What a finished step offers: its images, one at a time, through the finished network in evaluation mode, recorded
/// for a backward pass.
struct StepReview {
  struct Pass {
    Var loss;         // of this image alone, as it was trained
    Var feature_rec;  // 1 x T x C
  };
  std::vector<NamedVar> parameters = {}, tensors = {};  // tensors: buffers too
  int64_t images = 0;
  std::function<Pass(int64_t image)> pass = {};
};

/// What keeps the old objects while a step is trained. IUF, EWC, SI, MAS and LVT are one network and one training loop
/// with another of these each. The hooks stand in the order in which train() (iuf/learn/training_loop.h) calls them;
/// none does anything by default, which is plain fine-tuning.
class Retention {
 public:
  virtual ~Retention() = default;

  virtual void begin(const StepStart&) {}

  /// In every iteration: the gradients of the losses, as they come,
  virtual void observe(const std::vector<NamedVar>& /*parameters*/) {}
  /// a penalty, whose gradient is added to theirs and whose value is returned,
  virtual double penalise(std::vector<NamedVar>& /*parameters*/) { return 0; }
  /// what becomes of the optimiser's updates, after clipping,
  virtual UpdateFilter filter() const { return {}; }
  /// and the weights after the update.
  virtual void after_update(std::vector<NamedVar>& /*tensors*/) {}

  /// After the last iteration.
  virtual void end(const StepReview&) {}
  /// Afterwards, for every training image of the step, in order: what the transformer's layers put out.
  virtual void add_output(const std::string& /*layer*/, const Tensor& /*output*/) {}

  /// What is kept between steps: part of the model file.
  virtual void save(SafetensorsWriter&) const {}
  virtual void load(const TensorFile&) {}
  /// What an interrupted step needs besides, after begin(): names start with `prefix`.
  virtual void save_progress(SafetensorsWriter&, const std::string& /*prefix*/) const {}
  virtual void load_progress(const TensorFile&, const std::string& /*prefix*/) {}
};

/// The weights as they were when an increment began, to which every iteration pulls back:
/// theta <- (1 - eta) theta + eta theta_old. [Eq. 9]
class OldWeights {
 public:
  OldWeights() = default;
  /// Remembers copies. A tensor that has grown since (rows for new objects) is pulled in its old rows alone.
  explicit OldWeights(const std::vector<NamedVar>& tensors);
  void pull(std::vector<NamedVar>& tensors, double eta) const;

 private:
  std::vector<std::pair<std::string, Tensor>> old_;
};

}  // namespace iuf
