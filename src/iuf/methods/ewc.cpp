#include "iuf/methods/importance.h"
#include "iuf/methods/penalty.h"
#include "iuf/methods/uniad.h"

// UniAD + EWC (elastic weight consolidation): the quadratic penalty with the diagonal of the empirical Fisher matrix.
// Keeps between steps, besides what UniAD keeps: F_i for every weight, summed over the steps.
namespace iuf {
namespace {

class Ewc : public QuadraticPenalty {
 public:
  explicit Ewc(const Settings& settings) : QuadraticPenalty(settings.own<PenaltySettings>().penalty) {}

  /// F_i = mean over the images of (dL / dtheta_i)^2, L the loss of one image.
  void end(const StepEnd& step) override {
    add_mean(
        step, [](const StepEnd::Pass& pass) { return pass.loss; }, [](real g) { return g * g; });
  }
};

}  // namespace

namespace methods {

MethodInfo ewc() {
  return {.name = "ewc",
          .summary = "UniAD with elastic weight consolidation",
          .folds = true,
          .adjust = uniad_settings,
          .make = make_uniad<Ewc>,
          .defaults =
              [](Settings& s) {
                uniad_defaults(s);
                s.own<PenaltySettings>().penalty = 1e9;
              },
          .parts = uniad_parts<PenaltySettings>()};
}

}  // namespace methods
}  // namespace iuf
