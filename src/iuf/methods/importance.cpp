#include "iuf/methods/importance.h"

#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr const char* kPrefix = "importance.";

}  // namespace

void ImportancePenalty::begin(const StepStart& start) {
  old_.clear();
  for (const NamedVar& p : start.parameters) old_[p.name] = p.var.value().clone();
}

double ImportancePenalty::penalise(std::vector<NamedVar>& parameters) {
  if (strength_ == 0) return 0;
  double total = 0;
  for (NamedVar& p : parameters) {
    const auto importance = importance_.find(p.name);
    if (importance == importance_.end()) continue;
    const Tensor& theta = p.var.value();
    if (!(importance->second.shape() == theta.shape()))
      fail("penalty: '", p.name, "' is ", theta.shape(), ", its importance ", importance->second.shape());
    Tensor gradient = p.var.grad().defined() ? p.var.grad().clone() : Tensor::zeros(theta.shape());
    total += penalty(theta, old_.at(p.name), importance->second, strength_, gradient);
    p.var.set_grad(gradient);
  }
  return total;
}

void ImportancePenalty::add_importance(const std::string& name, const Tensor& importance) {
  Tensor& sum = importance_[name];
  sum = sum.defined() ? kernel::add(sum, importance) : importance;
}

void ImportancePenalty::save(SafetensorsWriter& writer) const {
  for (const auto& [name, importance] : importance_) writer.add(kPrefix + name, importance);
}

void ImportancePenalty::load(const TensorFile& file) {
  importance_.clear();
  for (const std::string& name : file.names())
    if (name.starts_with(kPrefix)) importance_[name.substr(std::string(kPrefix).size())] = file.tensor(name);
}

Tensor ImportancePenalty::stored(const TensorFile& file, const std::string& name, const Tensor& like) {
  const Tensor tensor = file.tensor(name);
  if (!(tensor.shape() == like.shape()))
    fail(file.path(), ": '", name, "' has the shape ", tensor.shape(), " instead of ", like.shape(),
         "; the file is damaged");
  return tensor;
}

double QuadraticPenalty::penalty(const Tensor& theta, const Tensor& old, const Tensor& importance, double strength,
                                 Tensor& gradient) const {
  double value = 0;
  for (int64_t i = 0; i < theta.size(); ++i) {
    const real drift = theta.data()[i] - old.data()[i],
               pull = static_cast<real>(strength) * importance.data()[i] * drift;
    gradient.data()[i] += pull;
    value += static_cast<double>(pull) * static_cast<double>(drift) / 2;
  }
  return value;
}

void QuadraticPenalty::add_mean(const StepEnd& step, const std::function<Var(const StepEnd::Pass&)>& objective,
                                const std::function<real(real)>& f) {
  std::vector<Tensor> sums;
  for (const NamedVar& p : step.parameters) sums.push_back(Tensor::zeros(p.var.shape()));
  for (int64_t image = 0; image < step.images; ++image) {
    for (NamedVar p : step.parameters) p.var.clear_grad();
    backward(objective(step.pass(image)));
    for (size_t i = 0; i < sums.size(); ++i) {
      const Tensor& gradient = step.parameters[i].var.grad();
      for (int64_t j = 0; gradient.defined() && j < gradient.size(); ++j) sums[i].data()[j] += f(gradient.data()[j]);
    }
  }
  for (size_t i = 0; i < sums.size(); ++i)
    add_importance(step.parameters[i].name, kernel::scale(sums[i], 1 / static_cast<real>(step.images)));
}

double AbsolutePenalty::penalty(const Tensor& theta, const Tensor& old, const Tensor& importance, double strength,
                                Tensor& gradient) const {
  double value = 0;
  for (int64_t i = 0; i < theta.size(); ++i) {
    const real drift = theta.data()[i] - old.data()[i], weight = static_cast<real>(strength) * importance.data()[i];
    gradient.data()[i] += drift > 0 ? weight : drift < 0 ? -weight : 0;
    value += static_cast<double>(weight) * static_cast<double>(std::abs(drift));
  }
  return value;
}

}  // namespace iuf
