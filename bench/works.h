#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/bench.h"
#include "tensor/tensor.h"

namespace iuf::bench {

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// A piece of work that other frameworks do as well: made from one seed, with everything they need to do the same.
struct Work {
  std::string name;           // "efficientnet_b4"
  std::string kind;           // backbone, reconstruction, discriminator or training: how a peer builds it
  nlohmann::json options;     // what a peer needs to know besides
  int64_t images = 1;         // in a call
  std::function<void()> run;  // one call
  std::function<NamedTensors()>
      tensors;  // "weight.*" under published names, "in.*"; images B x H x W x 3, tokens B x T x C
  std::function<NamedTensors()> outputs;  // "out.*", to compare before timing
  std::vector<Product> products;          // of a call
  double flop = 0;                        // of a call, where products are not listed
};

/// A work is made when it is needed: together they take a lot of memory.
struct WorkMaker {
  std::string name;
  std::function<Work()> make;
};
/// In the order of the printed table.
std::vector<WorkMaker> model_works();

}  // namespace iuf::bench
