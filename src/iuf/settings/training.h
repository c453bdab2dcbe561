#pragma once

#include "iuf/settings/setting.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"

namespace iuf {

inline Choices<OptimizerKind> choices(OptimizerKind) {
  return {{"adamw", OptimizerKind::adamw}, {"sgd", OptimizerKind::sgd}};
}
inline Choices<ScheduleKind> choices(ScheduleKind) {
  return {{"constant", ScheduleKind::constant}, {"step", ScheduleKind::step}, {"one-cycle", ScheduleKind::one_cycle}};
}

/// The training loop.
struct TrainingSettings {
  static constexpr const char* group = "Training";
  int64_t epochs = 15;
  int64_t increment_epochs = 15;
  int64_t batch = 8;
  OptimizerKind optimizer = OptimizerKind::adamw;
  double learning_rate = 1e-3;
  double weight_decay = 1e-4;
  double clip = 1;
  ScheduleKind schedule = ScheduleKind::one_cycle;
  OptimizerKind increment_optimizer = OptimizerKind::adamw;
  double increment_learning_rate = 1e-3;

  void visit(const Fields& field) {
    field("epochs", epochs, range(1, 1000000), "of the base step");
    field("increment-epochs", increment_epochs, range(0, 1000000), "of every later step");
    field("batch", batch, range(2, 4096), "images per step");
    field("optimizer", optimizer, "of the base step");
    field("learning-rate", learning_rate, above(0), "peak, base step");
    field("weight-decay", weight_decay, at_least(0), "of AdamW");
    field("clip", clip, at_least(0), "largest gradient norm; 0: none");
    field("schedule", schedule, "of the learning rate");
    field("increment-optimizer", increment_optimizer, "of every later step");
    field("increment-learning-rate", increment_learning_rate, above(0), "peak, later steps");
  }
};

struct SeedSettings {
  static constexpr const char* group = "Training";
  int64_t seed = 0;

  void visit(const Fields& field) { field("seed", seed, "of everything random"); }
};

}  // namespace iuf
