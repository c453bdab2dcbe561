#include "iuf/learn/training_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace iuf {
namespace {

constexpr int kStateFormat = 2;  // 2: a log entry is an object; a state of another format begins its step again

struct Position {
  int64_t epoch = 0;  // finished ones
  std::vector<LogEntry> log = {};
};

void save(const StepContext& context, const std::vector<NamedVar>& tensors, const Optimizer& optimizer,
          const Retention& retention, const Position& progress) {
  nlohmann::json log = nlohmann::json::array();
  for (const LogEntry& entry : progress.log) log.push_back(to_json(entry));
  SafetensorsWriter writer;
  for (const NamedVar& t : tensors) writer.add("network." + t.name, t.var.value());
  optimizer.save(writer, "optimizer.");
  retention.save_progress(writer, "retention.");
  writer.set_metadata(
      "state",
      nlohmann::json{
          {"format", kStateFormat}, {"fingerprint", context.fingerprint}, {"epoch", progress.epoch}, {"log", log}}
          .dump());
  writer.write(context.state);
}

Position resume(const StepContext& context, const std::vector<NamedVar>& tensors, Optimizer& optimizer,
                Retention& retention) {
  Position progress;
  if (context.state.empty() || !std::filesystem::exists(context.state)) return progress;
  const TensorFile file = read_safetensors(context.state);
  try {
    const nlohmann::json meta = nlohmann::json::parse(file.metadata("state"));
    if (meta.value("format", 1) != kStateFormat || meta.at("fingerprint") != context.fingerprint) return progress;
    require_loaded(load_tensors(file, "network.", tensors), file);
    optimizer.load(file, "optimizer.");
    retention.load_progress(file, "retention.");
    progress.epoch = meta.at("epoch");
    for (const auto& entry : meta.at("log"))
      progress.log.push_back(from_json<LogEntry>(
          entry, {file.path(), "damaged state of an unfinished step; delete it to start the step again"}));
  } catch (const nlohmann::json::exception& e) {
    fail(file.path(), ": damaged state of an unfinished step; delete it to start the step again: ", e.what());
  }
  return progress;
}

// sum += share * parts, by name.
void add_parts(std::vector<LossPart>& sum, double share, const std::vector<LossPart>& parts) {
  for (const LossPart& part : parts) {
    auto own = std::ranges::find(sum, part.name, &LossPart::name);
    if (own == sum.end()) own = sum.insert(own, {part.name, 0});
    own->value += share * part.value;
  }
}

}  // namespace

TrainingLoop training_loop(const Settings& s, int64_t step, bool base, int64_t images) {
  const OptimizerKind kind = base ? s.optimizer : s.increment_optimizer;
  // Weight decay is AdamW's: SGD at a learning rate of 1 would take the weights themselves away.
  return {.step = step,
          .images = images,
          .epochs = base ? s.epochs : s.increment_epochs,
          .batch = s.batch,
          .clip = s.clip,
          .optimizer = {.kind = kind, .weight_decay = kind == OptimizerKind::adamw ? s.weight_decay : 0},
          .schedule = {.kind = s.schedule, .peak = base ? s.learning_rate : s.increment_learning_rate},
          .key = step_key(s, step)};
}

uint64_t step_key(const Settings& settings, int64_t step) {
  return mix_key(mix_key(static_cast<uint64_t>(settings.seed), 0x747261696e), static_cast<uint64_t>(step));
}

void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context) {
  Retention none;
  Retention& retention = loop.retention ? *loop.retention : none;
  for (NamedVar& p : parameters) p.var.set_requires_grad(true);
  Optimizer optimizer(loop.optimizer);
  Position progress = resume(context, tensors, optimizer, retention);
  const UpdateFilter filter = retention.filter();
  const int64_t batches = (loop.images + loop.batch - 1) / loop.batch, iterations = loop.epochs * batches;
  const auto start = std::chrono::steady_clock::now();
  const double earlier = progress.log.empty() ? 0 : progress.log.back().seconds;
  auto last_state = start;
  size_t largest = 0;  // batch
  while (progress.epoch < loop.epochs) {
    const int64_t epoch = progress.epoch;
    const std::vector<int64_t> order = random_permutation(loop.images, mix_key(loop.key, static_cast<uint64_t>(epoch)));
    LogEntry mean{.step = loop.step, .epoch = epoch};
    for (int64_t b = 0; b < batches; ++b) {
      const int64_t iteration = epoch * batches + b;
      // Batches of nearly equal size, so that the last one is no outlier for statistics over the batch.
      const std::vector<int64_t> images(order.begin() + b * loop.images / batches,
                                        order.begin() + (b + 1) * loop.images / batches);
      if (images.size() > largest) {  // the blocks of smaller ones would only lie beside
        release_cached_memory();
        largest = images.size();
      }
      Run run{.training = true, .random = {mix_key(loop.key, static_cast<uint64_t>(iteration) + (uint64_t{1} << 40))}};
      const BatchLoss loss = loop.loss(images, run);
      backward(loss.total);
      retention.observe(parameters);
      const double value =
          static_cast<double>(loss.total.value().item()) + loss.constant + retention.penalise(parameters);
      if (!std::isfinite(value))
        fail("training: the loss is not finite at step ", loop.step, ", epoch ", epoch, "; lower the learning rate (",
             loop.schedule.peak, ") or clip");
      const auto share = 1 / static_cast<double>(batches);
      mean.loss += share * value;
      add_parts(mean.parts, share, loss.parts);
      mean.grad_norm += share * clip_gradients(parameters, loop.clip);
      mean.learning_rate = learning_rate(loop.schedule, iteration, iterations);
      mean.iteration = iteration + 1;
      optimizer.step(parameters, mean.learning_rate, filter);
      retention.after_update(tensors);
      if (context.progress) context.progress("training", iteration + 1, iterations);
    }
    ++progress.epoch;
    const auto now = std::chrono::steady_clock::now();
    mean.seconds = earlier + std::chrono::duration<double>(now - start).count();
    progress.log.push_back(mean);
    if (context.log) context.log(progress.log);
    if (!context.state.empty() && progress.epoch < loop.epochs &&
        std::chrono::duration<double>(now - last_state).count() >= context.checkpoint_seconds) {
      save(context, tensors, optimizer, retention, progress);
      last_state = now;
    }
  }
  retention.end({.parameters = parameters, .tensors = tensors, .images = loop.images, .pass = loop.review});
  for (NamedVar& p : parameters) {
    p.var.set_requires_grad(false);
    p.var.clear_grad();
  }
  release_cached_memory();  // statistics and evaluation need blocks of other sizes
}

}  // namespace iuf
