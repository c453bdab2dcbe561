#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "apps/progress.h"
#include "iuf/live/verdict_publisher.h"

namespace iuf {

/// The flags that send verdicts to an MQTT broker.
struct BrokerFlags {
  Broker broker = {};
  std::optional<std::filesystem::path> login = {};

  void add(CLI::App& app);
  /// Null without --mqtt; throws Error where this build has no MQTT.
  std::unique_ptr<VerdictPublisher> publisher(ProgressLine& progress);
};

/// What a publisher does with verdicts; empty where there is none.
inline VerdictHook hook_of(VerdictPublisher* publisher) {
  if (!publisher) return {};
  return [publisher](const Prediction& p, const std::string& row) { publisher->publish(p, row); };
}

}  // namespace iuf
