#include "iuf/learn/training_loop.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>

#include "autograd/ops.h"
#include "tensor/error.h"
#include "tensor/memory.h"

using namespace iuf;

// A loss that holds so much for each image of a batch, as activations would.
TEST_CASE("training loop: the memory is that of the largest batch, whatever batches come before and after") {
  constexpr int64_t kPerImage = int64_t{1} << 18;
  const auto most_in_use = [&](int64_t images) {
    Var weight{Tensor::full({1}, real(1))};
    size_t most = 0;
    std::vector<size_t> batches;
    TrainingLoop loop{.images = images, .batch = 8, .schedule = {.peak = 1e-3}};
    loop.loss = [&](const std::vector<int64_t>& batch, Run&) {
      batches.push_back(batch.size());
      std::vector<Tensor> held;
      for (int i = 0; i < 4; ++i) held.push_back(Tensor::zeros({static_cast<int64_t>(batch.size()) * kPerImage}));
      const MemoryUse use = memory_use();
      most = std::max(most, use.live + use.cached);
      return BatchLoss{.total = sum(weight)};
    };
    std::vector<NamedVar> parameters = {{"weight", weight}};
    release_cached_memory();
    const size_t before = memory_use().live;
    train(parameters, parameters, loop, {});
    CHECK(std::ranges::max(batches) == 8);
    return most - before;
  };
  const size_t even = most_in_use(32);
  CHECK(even >= 4 * 8 * static_cast<size_t>(kPerImage) * sizeof(real));
  // Batches of 7 come first and between; the small blocks of the loop itself are the margin.
  CHECK(most_in_use(30) <= even + even / 100);
}

TEST_CASE("training loop: a given order is cut into batches as it stands, and each epoch has its own entry") {
  Var weight{Tensor::full({1}, real(1))};
  std::vector<std::vector<int64_t>> batches;
  TrainingLoop loop{.images = 5, .epochs = 2, .batch = 3, .schedule = {.peak = 1e-3}};
  loop.order = [](int64_t epoch) {
    return epoch == 0 ? std::vector<int64_t>{4, 2, 0, 1, 3} : std::vector<int64_t>{7, 7, 7, 8, 9};
  };
  loop.loss = [&](const std::vector<int64_t>& batch, Run&) {
    batches.push_back(batch);
    return BatchLoss{.total = sum(weight), .parts = {{"images", static_cast<double>(batch.size())}}};
  };
  std::vector<NamedVar> parameters = {{"weight", weight}};
  std::vector<LogEntry> log;
  train(parameters, parameters, loop, {.log = [&](const auto& entries) { log = entries; }});
  CHECK(batches == std::vector<std::vector<int64_t>>{{4, 2}, {0, 1, 3}, {7, 7}, {7, 8, 9}});
  REQUIRE(log.size() == 2);
  CHECK(log[1].part("images") == 2.5);
  CHECK(log[1].iteration == 4);

  loop.order = [](int64_t) { return std::vector<int64_t>{0, 1}; };
  CHECK_THROWS_WITH(train(parameters, parameters, loop, {}), Catch::Contains("has 2 images; an epoch has 5"));
}

TEST_CASE("training loop: the hooks of a retention are called in the order in which they stand in its class") {
  struct Recorder : Retention {
    mutable std::string calls;
    void after_backward(const std::vector<NamedVar>& parameters) override {
      calls += parameters[0].var.grad().data()[0] == 1 ? "b" : "?";
    }
    double penalise(std::vector<NamedVar>& parameters) override {
      calls += "p";
      parameters[0].var.set_grad(Tensor::full({1}, 3));
      return 10;
    }
    UpdateFilter filter() const override {
      calls += "f";
      return {.wants = [](const std::string&) { return true; },
              .apply = [this](const std::string&, Tensor& update) { calls += update.data()[0] == -2 ? "u" : "?"; }};
    }
    void after_update(std::vector<NamedVar>& tensors) override {
      calls += tensors[0].var.value().data()[0] == -1 ? "a" : "?";
    }
    void end(const StepEnd& step) override { calls += step.images == 1 ? "e" : "?"; }
  } recorder;
  Var weight{Tensor::full({1}, real(1))};
  TrainingLoop loop{.images = 1,
                    .batch = 1,
                    .optimizer = {.kind = OptimizerKind::sgd, .weight_decay = 0},
                    .schedule = {.peak = 2.0 / 3}};  // of the penalised gradient, 3: an update of -2
  loop.loss = [&](const std::vector<int64_t>&, Run&) { return BatchLoss{.total = sum(weight), .constant = 100}; };
  loop.retention = &recorder;
  std::vector<NamedVar> parameters = {{"weight", weight}};
  std::vector<LogEntry> log;
  train(parameters, parameters, loop, {.log = [&](const auto& entries) { log = entries; }});
  CHECK(recorder.calls == "fbpuae");
  CHECK(log.at(0).loss == 111);
  CHECK(log.at(0).grad_norm == 3);
}
