#include "iuf/methods/importance.h"
#include "iuf/methods/penalty.h"
#include "iuf/methods/uniad.h"
#include "tensor/error.h"
#include "tensor/reduce.h"

// UniAD + LVT (lifelong vision transformer): every attention of the encoder has an external key and bias
// (nn/external_key.h), and these, alone of all weights, are held to their old values by an L1 penalty. Keeps between
// steps, besides what UniAD keeps: the importance of every element of these keys and biases.
namespace iuf {
namespace {

class Lvt : public AbsolutePenalty {
 public:
  explicit Lvt(const Settings& settings) : AbsolutePenalty(settings.own<PenaltySettings>().penalty) {}

  void begin(const StepStart& start) override {
    AbsolutePenalty::begin(start);
    sums_.clear();
    iterations_ = 0;
    for (const NamedVar& p : start.parameters)
      if (p.name.ends_with(".external_key") || p.name.ends_with(".external_bias"))
        sums_[p.name] = Tensor::zeros(p.var.shape());
  }
  void after_backward(const std::vector<NamedVar>& parameters) override {
    ++iterations_;
    for (const NamedVar& p : parameters) {
      const auto sum = sums_.find(p.name);
      if (sum == sums_.end() || !p.var.grad().defined()) continue;
      for (int64_t i = 0; i < sum->second.size(); ++i) sum->second.data()[i] += std::abs(p.var.grad().data()[i]);
    }
  }
  /// I_i += mean over the step's iterations of |dL / dtheta_i|
  void end(const StepEnd&) override {
    for (const auto& [name, sum] : sums_)
      if (iterations_ > 0) add_importance(name, kernel::scale(sum, 1 / static_cast<real>(iterations_)));
  }
  void save_progress(SafetensorsWriter& writer, const std::string& prefix) const override {
    const int64_t iterations[] = {iterations_};
    writer.add(prefix + "iterations", std::span<const int64_t>(iterations));
    for (const auto& [name, sum] : sums_) writer.add(prefix + name, sum);
  }
  void load_progress(const TensorFile& file, const std::string& prefix) override {
    const std::vector<int64_t> iterations = file.integers(prefix + "iterations");
    if (iterations.size() != 1 || iterations[0] < 0)
      fail(file.path(), ": '", prefix, "iterations' is no count; the file is damaged");
    iterations_ = iterations[0];
    for (auto& [name, sum] : sums_) sum = stored(file, prefix + name, sum);
  }

 private:
  std::map<std::string, Tensor> sums_;  // of |gradient| over the iterations
  int64_t iterations_ = 0;
};

}  // namespace

namespace methods {

MethodInfo lvt() {
  return {.name = "lvt",
          .summary = "UniAD with lifelong vision transformer's external keys and drift penalty",
          .folds = true,
          .adjust =
              [](Settings& s) {
                uniad_settings(s);
                s.external_key = true;
              },
          .make = make_uniad<Lvt>,
          .defaults =
              [](Settings& s) {
                uniad_defaults(s);
                s.own<PenaltySettings>().penalty = 1;
              },
          .parts = uniad_parts<PenaltySettings>()};
}

}  // namespace methods
}  // namespace iuf
