#pragma once

#include <functional>
#include <map>
#include <string>

#include "iuf/paper/retention.h"

namespace iuf {

/// A penalty on what leaves the old weights theta*, the weights as the last step left them, each weight by its
/// importance. Keeps between steps one number a penalised weight: its importance, summed over the steps.
class ImportancePenalty : public Retention {
 public:
  /// strength: lambda. With 0, training is fine-tuning, bit for bit.
  explicit ImportancePenalty(double strength) : strength_(strength) {}

  void begin(const StepStart& start) override;
  double penalise(std::vector<NamedVar>& parameters) override;
  void save(SafetensorsWriter& writer) const override;
  void load(const TensorFile& file) override;

 protected:
  /// The penalty of one parameter; adds its gradient to `gradient`. All tensors have one shape.
  virtual double penalty(const Tensor& theta, const Tensor& old, const Tensor& importance, double strength,
                         Tensor& gradient) const = 0;
  /// A step's share of a parameter's importance, added to that of earlier steps.
  void add_importance(const std::string& name, const Tensor& importance);
  const Tensor& old(const std::string& name) const { return old_.at(name); }
  /// A tensor of an unfinished step; one of another shape than `like` is an Error.
  static Tensor stored(const TensorFile& file, const std::string& name, const Tensor& like);

 private:
  double strength_;
  std::map<std::string, Tensor> importance_, old_;  // by parameter
};

/// (lambda / 2) sum_i Omega_i (theta_i - theta*_i)^2
class QuadraticPenalty : public ImportancePenalty {
 public:
  using ImportancePenalty::ImportancePenalty;

 protected:
  double penalty(const Tensor& theta, const Tensor& old, const Tensor& importance, double strength,
                 Tensor& gradient) const override;
  /// Adds the mean over the step's images of f(d objective / d theta) to every parameter's importance.
  void add_mean(const StepEnd& step, const std::function<Var(const StepEnd::Pass&)>& objective,
                const std::function<real(real)>& f);
};

/// lambda sum_i I_i |theta_i - theta*_i|
class AbsolutePenalty : public ImportancePenalty {
 public:
  using ImportancePenalty::ImportancePenalty;

 protected:
  double penalty(const Tensor& theta, const Tensor& old, const Tensor& importance, double strength,
                 Tensor& gradient) const override;
};

}  // namespace iuf
