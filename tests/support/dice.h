#pragma once

#include <cstdint>
#include <random>

namespace iuf {

/// Whole random numbers that are the same everywhere.
class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(engine_() % end); }

 private:
  std::mt19937 engine_;
};

}  // namespace iuf
