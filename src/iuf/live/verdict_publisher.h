#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "iuf/features/progress.h"
#include "iuf/live/broker.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// Called with every verdict once it is in the log, with its row (VerdictLog::json_line). It returns at once.
using VerdictHook = std::function<void(const Prediction& prediction, const std::string& row)>;

/// Sends verdicts to a broker from a thread of its own. What the broker cannot take yet waits in memory, and the oldest
/// is dropped when that becomes too much; a connection that is lost is made anew, after longer and longer pauses. That
/// the broker is away, that messages are dropped, and that it is back is a remark.
class VerdictPublisher {
 public:
  struct Limits {
    size_t waiting_bytes = size_t{64} << 20;                                             // of topics and messages
    size_t at_once = 20;                                                                 // messages on their way
    std::chrono::milliseconds first_pause{500}, longest_pause{30'000}, last_pause{200};  // the last: once it is to end
    std::chrono::milliseconds flush{5'000};                                              // that finish() waits at most
  };
  using Connect = std::function<std::unique_ptr<BrokerConnection>(const Broker&)>;  // connect_mqtt

  VerdictPublisher(const Broker& broker, const Connect& connect, const Progress& progress, const Limits& limits);
  VerdictPublisher(const VerdictPublisher&) = delete;
  VerdictPublisher& operator=(const VerdictPublisher&) = delete;
  /// finish()
  ~VerdictPublisher();

  /// A VerdictHook. Thread-safe.
  void publish(const Prediction& prediction, std::string_view row);
  /// Ends when the broker has every message, or when the time is over. Returns how many it never got, which is also a
  /// remark. Further messages are never sent.
  int64_t finish();

 private:
  struct Shared;
  // The thread's part: it outlives this object where a name is looked up at the end, which cannot be broken off.
  std::shared_ptr<Shared> shared_;
  std::thread thread_ = {};
};

}  // namespace iuf
