#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "iuf/paper/batch_loss.h"

namespace iuf {

/// One line of the training log: means over an epoch.
struct LogEntry {
  int64_t step = 0, epoch = 0, iteration = 0;  // iteration: how many are done
  double loss = 0;                             // with weights and penalties
  std::vector<LossPart> parts = {};            // the same names in every entry of a step
  double grad_norm = 0, learning_rate = 0;
  double seconds = 0;  // of training so far, over all calls that continued it

  /// The value of the part with this name; 0 where the loss has none.
  double part(std::string_view name) const;
};

nlohmann::json to_json(const LogEntry& entry);
/// Throws nlohmann::json::exception for anything else than what to_json() wrote.
LogEntry log_entry(const nlohmann::json& json);

}  // namespace iuf
