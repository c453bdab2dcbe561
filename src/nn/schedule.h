#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace iuf {

enum class ScheduleKind { constant, step, one_cycle };

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::constant;
  double peak = 1e-4;         // the learning rate; one_cycle: its maximum
  double warm_up = 0.3;       // one_cycle: the share of the steps until the maximum (PyTorch's OneCycleLR: 0.3)
  double start_divisor = 25;  // one_cycle: starts at peak / 25 ...
  double end_divisor = 1e4;   // ... and ends at that / 1e4
  double drop_at = 0.8;       // step: the share of the steps after which the rate is multiplied ...
  double drop_factor = 0.1;   // ... by this
};

/// The learning rate of step `i` of `total`. A pure function: nothing to store for a resume.
inline double learning_rate(const ScheduleOptions& o, int64_t i, int64_t total) {
  const double last = std::max<double>(static_cast<double>(total) - 1, 1), at = static_cast<double>(i);
  switch (o.kind) {
    case ScheduleKind::constant:
      return o.peak;
    case ScheduleKind::step:
      return at < o.drop_at * static_cast<double>(total) ? o.peak : o.peak * o.drop_factor;
    case ScheduleKind::one_cycle: {
      const double top = std::max(o.warm_up * (last + 1) - 1, 1e-9), start = o.peak / o.start_divisor;
      const auto cosine = [](double from, double to, double share) {
        return to + (from - to) * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0))) / 2;
      };
      return at <= top ? cosine(start, o.peak, at / top)
                       : cosine(o.peak, start / o.end_divisor, (at - top) / std::max(last - top, 1e-9));
    }
  }
  return o.peak;
}

}  // namespace iuf
