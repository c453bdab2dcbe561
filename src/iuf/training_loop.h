#pragma once

#include <functional>
#include <vector>

#include "iuf/method.h"
#include "nn/optimizer.h"
#include "nn/run.h"
#include "nn/schedule.h"
#include "nn/visit.h"

namespace iuf {

/// The loss of a batch with gradient, and its parts as the log shows them.
struct BatchLoss {
  Var total;
  double mse = 0, ce = 0;  // reconstruction and classification
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
};

/// Trains the parameters among `tensors` for some epochs in batches of nearly equal size, each image once an epoch, in
/// an order that is new each time. An interrupted call is continued, bit for bit, by the same call on the same tensors:
/// the state file holds all of them, so buffers belong to `tensors` too. Afterwards the parameters are frozen.
void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context);

}  // namespace iuf
