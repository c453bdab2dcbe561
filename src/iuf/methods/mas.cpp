#include "iuf/methods/importance.h"
#include "iuf/methods/penalty.h"
#include "iuf/methods/uniad.h"

// UniAD + MAS (memory aware synapses): the quadratic penalty with the sensitivity of the network's output, which needs
// no loss. Keeps between steps, besides what UniAD keeps: Omega_i for every weight, summed over the steps.
namespace iuf {
namespace {

class Mas : public QuadraticPenalty {
 public:
  explicit Mas(const Settings& settings) : QuadraticPenalty(settings.own<PenaltySettings>().penalty) {}

  /// Omega_i = mean over the images of |d ||F_rec||^2 / dtheta_i|
  void end(const StepEnd& step) override {
    add_mean(
        step, [](const StepEnd::Pass& pass) { return sum(pass.feature_rec * pass.feature_rec); },
        [](real g) { return std::abs(g); });
  }
};

}  // namespace

namespace methods {

MethodInfo mas() {
  return {.name = "mas",
          .summary = "UniAD with memory aware synapses",
          .folds = true,
          .adjust = uniad_settings,
          .make = make_uniad<Mas>,
          .defaults =
              [](Settings& s) {
                uniad_defaults(s);
                s.own<PenaltySettings>().penalty = 10;
              },
          .parts = uniad_parts<PenaltySettings>()};
}

}  // namespace methods
}  // namespace iuf
