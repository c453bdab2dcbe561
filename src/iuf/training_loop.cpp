#include "iuf/training_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace iuf {
namespace {

struct Progress {
  int64_t epoch = 0;  // finished ones
  std::vector<LogEntry> log = {};
};

void save(const StepContext& context, const std::vector<NamedVar>& tensors, const Optimizer& optimizer,
          const Progress& progress) {
  nlohmann::json log = nlohmann::json::array();
  for (const LogEntry& e : progress.log)
    log.push_back({e.step, e.epoch, e.iteration, e.loss, e.mse, e.ce, e.grad_norm, e.learning_rate});
  SafetensorsWriter writer;
  for (const NamedVar& t : tensors) writer.add("network." + t.name, t.var.value());
  optimizer.save(writer, "optimizer.");
  writer.set_metadata(
      "state", nlohmann::json{{"fingerprint", context.fingerprint}, {"epoch", progress.epoch}, {"log", log}}.dump());
  writer.write(context.state);
}

Progress resume(const StepContext& context, const std::vector<NamedVar>& tensors, Optimizer& optimizer) {
  Progress progress;
  if (context.state.empty() || !std::filesystem::exists(context.state)) return progress;
  const TensorFile file = read_safetensors(context.state);
  const nlohmann::json meta = nlohmann::json::parse(file.metadata("state"));
  if (meta.at("fingerprint") != context.fingerprint) return progress;
  require_loaded(load_tensors(file, "network.", tensors), file);
  optimizer.load(file, "optimizer.");
  progress.epoch = meta.at("epoch");
  for (const auto& e : meta.at("log"))
    progress.log.push_back({.step = e.at(0),
                            .epoch = e.at(1),
                            .iteration = e.at(2),
                            .loss = e.at(3),
                            .mse = e.at(4),
                            .ce = e.at(5),
                            .grad_norm = e.at(6),
                            .learning_rate = e.at(7)});
  return progress;
}

}  // namespace

void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context) {
  for (NamedVar& p : parameters) p.var.set_requires_grad(true);
  Optimizer optimizer(loop.optimizer);
  Progress progress = resume(context, tensors, optimizer);
  const int64_t batches = (loop.images + loop.batch - 1) / loop.batch, iterations = loop.epochs * batches;
  auto last_state = std::chrono::steady_clock::now();
  while (progress.epoch < loop.epochs) {
    const int64_t epoch = progress.epoch;
    const std::vector<int64_t> order = random_permutation(loop.images, mix_key(loop.key, static_cast<uint64_t>(epoch)));
    LogEntry mean{.step = loop.step, .epoch = epoch};
    for (int64_t b = 0; b < batches; ++b) {
      const int64_t iteration = epoch * batches + b;
      const std::vector<int64_t> images(order.begin() + b * loop.images / batches,
                                        order.begin() + (b + 1) * loop.images / batches);
      Run run{.training = true, .random = {mix_key(loop.key, static_cast<uint64_t>(iteration) + (uint64_t{1} << 40))}};
      const BatchLoss loss = loop.loss(images, run);
      const auto value = static_cast<double>(loss.total.value().item());
      if (!std::isfinite(value))
        fail("training: the loss is not finite at step ", loop.step, ", epoch ", epoch, "; lower the learning rate (",
             loop.schedule.peak, ") or clip");
      backward(loss.total);
      const auto share = 1 / static_cast<double>(batches);
      mean.loss += share * value;
      mean.mse += share * loss.mse;
      mean.ce += share * loss.ce;
      mean.grad_norm += share * clip_gradients(parameters, loop.clip);
      mean.learning_rate = learning_rate(loop.schedule, iteration, iterations);
      mean.iteration = iteration + 1;
      optimizer.step(parameters, mean.learning_rate);
      if (context.progress) context.progress("training", iteration + 1, iterations);
    }
    ++progress.epoch;
    progress.log.push_back(mean);
    if (context.log) context.log(progress.log);
    const auto now = std::chrono::steady_clock::now();
    if (!context.state.empty() && progress.epoch < loop.epochs &&
        std::chrono::duration<double>(now - last_state).count() >= context.checkpoint_seconds) {
      save(context, tensors, optimizer, progress);
      last_state = now;
    }
  }
  for (NamedVar& p : parameters) {
    p.var.set_requires_grad(false);
    p.var.clear_grad();
  }
  release_cached_memory();  // what comes after training needs blocks of other sizes
}

}  // namespace iuf
