#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "nn/visit.h"

namespace iuf {

/// The 2-norm of all gradients together; when it exceeds `limit`, all are scaled by limit / norm (PyTorch's
/// clip_grad_norm_). A limit of 0 only measures. Returns the norm before scaling. A gradient that is not finite is an
/// Error that names the parameter.
double clip_gradients(const std::vector<NamedVar>& parameters, double limit);

/// Changes the update U that is about to be added to a parameter, e.g. projects it onto a subspace.
struct UpdateFilter {
  std::function<bool(const std::string& name)> wants;  // whether it changes this parameter's update at all
  std::function<void(const std::string& name, Tensor& update)> apply;  // for those it wants
};

enum class OptimizerKind { adamw, sgd };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adamw;
  double weight_decay = 1e-4;  // AdamW: decoupled; SGD: added to the gradient
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double momentum = 0;  // SGD
};

/// AdamW and SGD as in PyTorch. Parameters without a gradient are left alone. State is kept by name, so that it can be
/// stored and parameters may grow (a grown parameter starts with fresh state).
class Optimizer {
 public:
  explicit Optimizer(const OptimizerOptions& options) : options_(options) {}

  /// theta += U for every parameter [Eq. 8]; gradients are cleared.
  void step(std::vector<NamedVar>& parameters, double learning_rate, const UpdateFilter& filter = {});

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  void load(const TensorFile& file, const std::string& prefix);

 private:
  OptimizerOptions options_;
  int64_t steps_ = 0;
  std::map<std::string, Tensor> first_, second_;  // moments; SGD's momentum is in first_
};

}  // namespace iuf
