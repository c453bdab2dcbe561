#pragma once

#include <functional>
#include <vector>

#include "iuf/learn/method.h"
#include "iuf/paper/batch_loss.h"
#include "iuf/paper/retention.h"
#include "nn/optimizer.h"
#include "nn/run.h"
#include "nn/schedule.h"
#include "nn/visit.h"

namespace iuf {

struct TrainingLoop {
  int64_t step = 0;    // of the stream
  int64_t images = 0;  // in an epoch
  int64_t epochs = 1;
  int64_t batch = 8;  // images in a batch at most
  double clip = 0;    // largest norm of all gradients together; 0: any
  OptimizerOptions optimizer = {};
  ScheduleOptions schedule = {};
  uint64_t key = 0;  // of all that is random
  /// The order in which an epoch takes its images, `images` of them; batches are cut from it. Without it a random
  /// permutation that is new each time.
  std::function<std::vector<int64_t>(int64_t epoch)> order = {};
  /// The loss on these images. All randomness comes from `run`, which is the same for the same iteration.
  std::function<BatchLoss(const std::vector<int64_t>& images, Run& run)> loss = {};
  /// What keeps the old objects: begin() was called before, the hooks of the iterations and end() are called here. None
  /// without it.
  Retention* retention = nullptr;
  std::function<StepEnd::Pass(int64_t image)> pass = {};  // for the retention's end()
};

/// All but what is the method's own, as the settings say: step 0, the base step, and later ones have settings of their
/// own.
TrainingLoop training_loop(const Settings& settings, int64_t step, int64_t images);
/// The key of all that is random in a step.
uint64_t step_key(const Settings& settings, int64_t step);

/// Trains the parameters among `tensors` for some epochs in batches of nearly equal size, each image once an epoch, in
/// the memory that the largest batch takes. An interrupted call is continued, bit for bit, by the same call on the same
/// tensors: the state file holds all of them, so buffers belong to `tensors` too. Afterwards the parameters are frozen.
///
/// Where it diverges, it says so and begins again once, from the tensors as they were given and with a tenth of the
/// learning rate; the second time it is an Error (nn/diverged.h). What the step began with is the last state that is
/// surely good, and the same after every interruption.
void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context);

}  // namespace iuf
