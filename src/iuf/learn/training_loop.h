#pragma once

#include <functional>
#include <vector>

#include "iuf/learn/method.h"
#include "iuf/paper/retention.h"
#include "nn/optimizer.h"
#include "nn/run.h"
#include "nn/schedule.h"
#include "nn/visit.h"

namespace iuf {

/// The loss of a batch and its parts, as the log shows them.
struct BatchLoss {
  Var total;                         // with gradient
  double constant = 0;               // what the loss has besides, without gradient
  std::vector<LossPart> parts = {};  // what it consists of, for the log
};

struct TrainingLoop {
  int64_t step = 0;    // of the stream
  int64_t images = 0;  // to learn from
  int64_t epochs = 1, batch = 8;
  double clip = 0;
  OptimizerOptions optimizer = {};
  ScheduleOptions schedule = {};
  uint64_t key = 0;  // of all that is random
  /// The loss on these images. All randomness comes from `run`, which is the same for the same iteration.
  std::function<BatchLoss(const std::vector<int64_t>& images, Run& run)> loss = {};
  /// What keeps the old objects: begin() was called before, the hooks of the iterations and end() are called here. None
  /// without it.
  Retention* retention = nullptr;
  std::function<StepReview::Pass(int64_t image)> review = {};  // what the retention's end() is offered
};

/// All but what is the method's own: a step on so many images, as the settings say for the base step or a later one.
TrainingLoop training_loop(const Settings& settings, int64_t step, bool base, int64_t images);
/// Of all that is random in a step.
uint64_t step_key(const Settings& settings, int64_t step);

/// Trains the parameters among `tensors` for some epochs in batches of nearly equal size, each image once an epoch, in
/// an order that is new each time, in the memory that the largest batch takes. An interrupted call is continued, bit
/// for bit, by the same call on the same tensors: the state file holds all of them, so buffers belong to `tensors` too.
/// Afterwards the parameters are frozen.
void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context);

}  // namespace iuf
