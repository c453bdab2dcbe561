#include "iuf/learn/training_loop.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>

#include "autograd/ops.h"
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
