#include <catch2/catch.hpp>
#include <filesystem>

#include "autograd/ops.h"
#include "iuf/features/interrupted.h"
#include "iuf/learn/training_loop.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

struct Trained {
  real weight = 0;
  std::vector<LogEntry> log = {};
  std::string note = {};
};

// x <- x - rate * 40 x: at a rate of 1 it grows 39-fold in each iteration, at 0.01 it shrinks. `steepness` is 40 here.
Trained descend(double rate, real steepness, const std::filesystem::path& state = {}, int64_t stop_after = -1) {
  Trained trained;
  Var weight{Tensor::full({1}, real(1))};
  std::vector<NamedVar> parameters = {{"weight", weight}};
  TrainingLoop loop{.images = 4,
                    .epochs = 30,
                    .batch = 2,
                    .optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 0},
                    .schedule = {.kind = ScheduleKind::constant, .peak = rate}};
  loop.loss = [&](const std::vector<int64_t>&, Run&) {
    return BatchLoss{.total = scale(sum(mul(weight, weight)), steepness / 2)};
  };
  int64_t calls = 0;
  const Progress progress(
      [&](const std::string&, int64_t, int64_t) {
        if (++calls == stop_after) throw Interrupted{};
      },
      [&](const std::string& text) { trained.note += text + "\n"; });
  train(parameters, parameters, loop,
        {.state = state,
         .checkpoint_seconds = 0,
         .log = [&](const auto& entries) { trained.log = entries; },
         .progress = progress});
  trained.weight = weight.value().item();
  return trained;
}

}  // namespace

TEST_CASE("training that diverges begins again from the weights before the step, at a tenth of the rate, and says so",
          "[issues][diverged_training]") {
  const Trained fine = descend(0.03, 40), diverged = descend(0.3, 40);
  CHECK(fine.note.empty());
  CHECK(diverged.note ==
        "training diverged in step 0, epoch 9: the loss is not finite; it begins again from the weights before the "
        "step, with a learning rate of 0.03 instead of 0.3\n");
  CHECK(diverged.weight == fine.weight);
  REQUIRE(diverged.log.size() == 30);
  CHECK(diverged.log[0].learning_rate == Approx(0.03));
}

TEST_CASE("training that diverges twice is an error", "[issues][diverged_training]") {
  CHECK_THROWS_WITH(descend(30, 40), "training: the loss is not finite; lower the learning rate");
}

TEST_CASE("weights that the last iteration takes out of all bounds are a divergence, too",
          "[issues][diverged_training]") {
  // One epoch: the loss is finite, what comes of it is not.
  Var weight{Tensor::full({1}, real(1e18))};
  std::vector<NamedVar> parameters = {{"weight", weight}};
  TrainingLoop loop{.images = 1,
                    .batch = 1,
                    .optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 0},
                    .schedule = {.kind = ScheduleKind::constant, .peak = 1e30}};
  loop.loss = [&](const std::vector<int64_t>&, Run&) { return BatchLoss{.total = sum(mul(weight, weight))}; };
  CHECK_THROWS_WITH(train(parameters, parameters, loop, {}),
                    "training: 'weight' is not finite after the last iteration; lower the learning rate");
}

TEST_CASE("interruptions before and after a divergence change no bit", "[issues][diverged_training]") {
  const TemporaryFolder folder;
  const Trained whole = descend(0.3, 40);
  for (const int64_t stop : {3, 17, 20, 40, 70}) {
    const std::filesystem::path state = folder / std::to_string(stop);
    CHECK_THROWS_AS(descend(0.3, 40, state, stop), Interrupted);
    REQUIRE(std::filesystem::exists(state));
    CHECK(descend(0.3, 40, state).weight == whole.weight);
  }
}
