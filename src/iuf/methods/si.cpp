#include <algorithm>

#include "iuf/methods/importance.h"
#include "iuf/methods/penalty.h"
#include "iuf/methods/uniad.h"

// UniAD + SI (synaptic intelligence): the quadratic penalty with what each weight's path contributed to the fall of the
// loss. Keeps between steps, besides what UniAD keeps: Omega_i for every weight, summed over the steps.
namespace iuf {
namespace {

struct SiSettings {
  static constexpr const char* group = "Penalty";
  double path_damping = 1e-3;

  void visit(const Fields& field) { field("path-damping", path_damping, above(0), "xi of si"); }
};

class Si : public QuadraticPenalty {
 public:
  explicit Si(const Settings& settings)
      : QuadraticPenalty(settings.own<PenaltySettings>().penalty), damping_(settings.own<SiSettings>().path_damping) {}

  void begin(const StepStart& start) override {
    QuadraticPenalty::begin(start);
    path_.clear();
    for (const NamedVar& p : start.parameters) path_[p.name] = Tensor::zeros(p.var.shape());
  }
  void after_backward(const std::vector<NamedVar>& parameters) override {
    moves_.clear();
    for (const NamedVar& p : parameters)
      if (p.var.grad().defined()) moves_.push_back({p, p.var.grad(), p.var.value().clone()});
  }
  /// w_i += -g_i dtheta_i
  void after_update(std::vector<NamedVar>&) override {
    for (const Move& m : moves_) {
      Tensor& w = path_.at(m.parameter.name);
      for (int64_t i = 0; i < w.size(); ++i)
        w.data()[i] -= m.gradient.data()[i] * (m.parameter.var.value().data()[i] - m.before.data()[i]);
    }
    moves_.clear();
  }
  /// Omega_i += max(0, w_i) / (Delta_i^2 + xi), Delta_i the weight's whole way in the step
  void end(const StepEnd& step) override {
    for (const NamedVar& p : step.parameters) {
      Tensor omega = path_.at(p.name).clone();
      for (int64_t i = 0; i < omega.size(); ++i) {
        const real way = p.var.value().data()[i] - old(p.name).data()[i];
        omega.data()[i] = std::max<real>(omega.data()[i], 0) / (way * way + static_cast<real>(damping_));
      }
      add_importance(p.name, omega);
    }
  }
  void save_progress(SafetensorsWriter& writer, const std::string& prefix) const override {
    for (const auto& [name, w] : path_) writer.add(prefix + name, w);
  }
  void load_progress(const TensorFile& file, const std::string& prefix) override {
    for (auto& [name, w] : path_) w = stored(file, prefix + name, w);
  }

 private:
  struct Move {
    NamedVar parameter;
    Tensor gradient, before;
  };
  double damping_;
  std::map<std::string, Tensor> path_;  // w of the step
  std::vector<Move> moves_;             // of the iteration
};

}  // namespace

namespace methods {

MethodInfo si() {
  return {.name = "si",
          .summary = "UniAD with synaptic intelligence",
          .folds = true,
          .adjust = uniad_settings,
          .make = make_uniad<Si>,
          .defaults =
              [](Settings& s) {
                uniad_defaults(s);
                s.own<PenaltySettings>().penalty = 1000;
              },
          .parts = uniad_parts<PenaltySettings, SiSettings>()};
}

}  // namespace methods
}  // namespace iuf
