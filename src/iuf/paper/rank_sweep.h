#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "iuf/paper/metrics.h"

// What the accumulators of metrics share: how floats are ordered as integers, and the sweep over distinct scores.
namespace iuf {

/// Integers in the order of the floats, with -0 equal to +0. Integer comparisons see denormals even where the CPU is
/// told to flush them.
inline uint32_t ordered_key(float score) {
  const auto bits = std::bit_cast<uint32_t>(score);
  constexpr uint32_t sign = uint32_t{1} << 31;
  if ((bits & sign) == 0) return bits | sign;
  return bits == sign ? sign : ~bits;
}

inline bool is_finite(float score) {
  constexpr uint32_t exponent = 0x7F800000;
  return (std::bit_cast<uint32_t>(score) & exponent) != exponent;
}

/// Takes the distinct scores from the highest down. Only integers are summed until finish(), but for the average
/// precision, whose terms come in the order of the scores: the result does not depend on how the scores were gathered.
class RankSweep {
 public:
  RankSweep(uint64_t normal, uint64_t defect) : normal_(normal), defect_(defect) {}

  void add(uint64_t normal, uint64_t defect) {
    twice_pairs_ += static_cast<Wide>(normal) * (2 * true_positives_ + defect);
    true_positives_ += defect;
    false_positives_ += normal;
    if (defect == 0) return;  // neither recall nor the best F1 can rise
    const auto hits = static_cast<double>(true_positives_);
    const auto alarms = static_cast<double>(true_positives_ + false_positives_);
    precision_sum_ += static_cast<double>(defect) * (hits / alarms);
    best_f1_ = std::max(best_f1_, 2 * hits / (alarms + static_cast<double>(defect_)));
  }

  RankMetrics finish() const {
    if (normal_ == 0 || defect_ == 0) return {};
    const auto defect = static_cast<double>(defect_);
    return {.auroc = static_cast<double>(twice_pairs_) / (2 * defect * static_cast<double>(normal_)),
            .average_precision = precision_sum_ / defect,
            .f1_max = best_f1_};
  }

 private:
  __extension__ using Wide = unsigned __int128;  // pairs of 10^10 pixels overflow 64 bits

  uint64_t normal_, defect_;
  uint64_t true_positives_ = 0, false_positives_ = 0;
  Wide twice_pairs_ = 0;  // 2 for a defect above a normal score, 1 for a tie
  double precision_sum_ = 0, best_f1_ = 0;
};

}  // namespace iuf
