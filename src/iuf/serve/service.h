#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <semaphore>
#include <span>
#include <string>
#include <thread>

#include "iuf/checks/findings.h"
#include "iuf/features/progress.h"
#include "iuf/live/drift_watch.h"
#include "iuf/live/live_model.h"
#include "iuf/live/usual_object.h"
#include "iuf/live/verdict_publisher.h"
#include "iuf/run/verdict_log.h"
#include "iuf/serve/learning_jobs.h"
#include "iuf/serve/verdict_history.h"

namespace iuf {

struct ServiceOptions {
  std::filesystem::path model = {};  // a file
  std::filesystem::path log = {};    // .jsonl: its last rows are the history after a restart
  LearningJobs::Limits jobs = {};
  VerdictHook kept = {};  // from several threads at once
};

struct JudgeRequest {
  std::string name = {};    // of the image, for the log; no file is opened by it
  std::string object = {};  // that it is judged against; empty: the one that fits best
  bool heatmap = false;     // whether the heatmap is wanted in the answer
};

/// What `iuf serve` does, without HTTP. Thread-safe. Answers are JSON; what is not done is a Refusal, other failures
/// are Errors.
class Service {
 public:
  Service(const ServiceOptions& options, const Progress& progress);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  /// The row of the log that says it, with "id", and where it was wanted and is drawn the heatmap, a PNG in base64 that
  /// is what `iuf predict` writes. The numbers are those of `iuf predict`, to the last bit. An image that cannot be
  /// judged gets the verdict error. Of an unusual picture "notes" says what predict() remarks. It is in the log and the
  /// history when this returns.
  nlohmann::ordered_json judge(std::span<const std::byte> image, const JudgeRequest& request);
  nlohmann::ordered_json objects() const;
  /// `request`: {"object": NAME, and one of "false_alarms": X, "threshold": X, "back": true}; without an object all.
  nlohmann::ordered_json calibrate(const nlohmann::json& request);
  nlohmann::ordered_json health() const;
  /// Prometheus' text format.
  std::string metrics() const;
  void count_request(int status);  // for the metrics

  const VerdictHistory& history() const { return history_; }
  LearningJobs& jobs() { return jobs_; }
  /// LearningJobs::begin; of an update, an object that the model does not know is a Refusal.
  nlohmann::ordered_json begin_job(const std::string& object, LearningJobs::Kind kind);
  /// Uses a model file that was replaced; happens by itself twice a second.
  void refresh();

 private:
  Image judge(const ModelVersion& version, std::span<const std::byte> image, Prediction& p, VerdictPictures& pictures,
              const JudgeRequest& request, Findings& findings);
  void change_model(const std::function<void()>& change);
  void keep_up();

  const ServiceOptions options_;
  const Progress progress_;
  LiveModel model_;
  VerdictLog log_;
  std::mutex log_mutex_ = {};
  bool unsynced_ = false;  // rows of the log
  VerdictHistory history_ = {};
  std::mutex change_ = {};                     // held by whoever changes the model file
  mutable std::counting_semaphore<> judging_;  // images that are in memory at once
  mutable std::mutex numbers_ = {};            // for what follows
  std::map<int, int64_t> requests_ = {};       // by status
  int64_t judged_ = 0, replaced_ = 0;
  double judge_seconds_ = 0;
  DriftWatch drift_ = {};
  UsualObject usual_ = {};
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  LearningJobs jobs_;
  std::atomic<bool> stop_ = false;
  std::mutex wake_mutex_ = {};
  std::condition_variable wake_ = {};
  std::thread keeper_ = {};
};

}  // namespace iuf
