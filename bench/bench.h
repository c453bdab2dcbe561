#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tensor/linear.h"
#include "tensor/trans.h"

namespace iuf::bench {

/// `count` independent matrix products C = op(A) op(B) of one shape: m x k times k x n.
struct Product {
  Trans ta = Trans::no, tb = Trans::no;
  int64_t m = 0, n = 0, k = 0, count = 1;
};
/// The products inside a layer or a network, and those inside its gradients.
struct Products {
  std::vector<Product> forward = {}, backward = {};
  std::vector<Product> all() const;
};
/// y = x W^T for `rows` rows, and the gradients of W and, where it is computed, of x.
void add_linear(Products& products, int64_t rows, int64_t in, int64_t out,
                kernel::InputGradient input = kernel::InputGradient::compute);
/// Of `count` heads of t queries and t keys: the scores and the sums of values, and the four gradients; scores that are
/// computed again are not counted.
void add_attention(Products& products, int64_t count, int64_t t, int64_t depth);

double flop(const std::vector<Product>& products);
/// The least that the products take by themselves: spread over the threads as the layers spread them, nothing between
/// them.
double gemm_seconds(const std::vector<Product>& products);

/// What one call of a piece of work cost.
struct Measurement {
  double seconds = 0;  // median
  double fastest = 0;
  int calls = 0;           // that were timed, after the warm-up
  double page_faults = 0;  // per call
  size_t peak_bytes = 0;   // resident memory of the process, at most
};

/// Two calls to warm up, then at least `calls` and as many as fit into `budget` seconds.
Measurement measure(const std::function<void()>& work, int calls = 5, double budget = 1);
/// One call, without warm-up: for work that takes long or is done once.
Measurement measure_once(const std::function<void()>& work);

/// The rows of the printed table; the same as JSON.
class Table {
 public:
  /// Prints the head of a section.
  void section(const std::string& title);
  /// `items` in a call (images, mostly); the products, if any, give GFLOP/s and are timed: the fastest call
  /// divided by the products' own fastest calls is `x limit`.
  void row(const std::string& work, int64_t items, const Measurement& m, const std::vector<Product>& products = {},
           double total_flop = 0);
  /// A sentence below the rows, e.g. a comparison of two of them, and its number.
  void note(const std::string& text, const std::string& key, double value);
  nlohmann::json json() const { return json_; }

 private:
  nlohmann::json json_ = nlohmann::json::array();
};

/// What the program asks of the sections.
struct Plan {
  std::string only;       // sections and works whose name holds this text
  int64_t images = 1000;  // of the scale rows
  int64_t pixels = 100000000;
  bool wants(const std::string& name) const { return only.empty() || name.find(only) != std::string::npos; }
};
/// What the arithmetic units can do at most: no product of matrices is faster.
void bench_peak(const Plan& plan, Table& table);
void bench_models(const Plan& plan, Table& table);
void bench_ops(const Plan& plan, Table& table);
void bench_scale(const Plan& plan, Table& table);

}  // namespace iuf::bench
