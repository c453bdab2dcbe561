#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "iuf/run/add_object.h"
#include "iuf/run/update_object.h"

namespace iuf {

/// What a model is to learn from uploaded images, a new object or more of a known one, one job at a time in the
/// background: a job collects images, waits, learns, and is done or failed. Images lie in a folder of the system's
/// temporary files, whose name nobody can guess, and are removed when the job ends. Thread-safe.
class LearningJobs {
 public:
  struct Limits {
    size_t open = 8;                     // jobs that are neither done nor failed
    size_t images = 5'000;               // of a job
    uint64_t bytes = uint64_t{8} << 30;  // of all jobs
    size_t ended = 50;                   // that are remembered
  };
  /// `change`: is called with what is done to the model file, one at a time, and tells whoever judges by it.
  using Change = std::function<void(const std::function<void()>& change)>;
  LearningJobs(std::filesystem::path model, Limits limits, Change change);
  LearningJobs(const LearningJobs&) = delete;
  LearningJobs& operator=(const LearningJobs&) = delete;
  /// Gives up what is learned at the moment: the model stays as it was.
  ~LearningJobs();

  enum class Kind { add, update };
  /// What the images of a job are taken for: `alike` of a new object, `later` of a known one.
  struct Terms {
    Alike alike = Alike::refused;
    LaterImages later = LaterImages::add;
  };

  // All of these return the job; an unknown number is a Refusal, as is what its state or a limit does not allow.
  nlohmann::ordered_json begin(const std::string& object, Kind kind = Kind::add);
  /// One that cannot be read is a Refusal, and the job goes on.
  nlohmann::ordered_json add_image(int64_t id, std::span<const std::byte> image);
  /// What all of its images ignore (IgnoreMask), instead of an earlier one; one that is none is a Refusal, and the job
  /// goes on.
  nlohmann::ordered_json set_mask(int64_t id, std::span<const std::byte> mask);
  nlohmann::ordered_json start(int64_t id, const Terms& terms);
  nlohmann::ordered_json remove(int64_t id);
  nlohmann::ordered_json get(int64_t id) const;
  nlohmann::ordered_json all() const;  // the newest first
  /// Whether one is learned or waits.
  bool busy() const;

 private:
  struct Job {
    std::string object;
    std::string state;  // "collecting", "waiting", "learning", "done", "failed"
    Kind kind = Kind::add;
    Terms terms = {};
    size_t images = 0;
    uint64_t bytes = 0, mask_bytes = 0;  // the first with the second
    std::string stage = {};
    int64_t done = 0, total = 0;
    std::vector<std::string> notes = {};
    std::string error = {};

    bool open() const { return state != "done" && state != "failed"; }
  };
  static nlohmann::ordered_json json(int64_t id, const Job& job);
  Job& job_of(int64_t id, const char* state);
  std::filesystem::path folder_of(int64_t id) const;  // of its images
  std::filesystem::path mask_of(int64_t id) const;
  std::filesystem::path new_mask_of(int64_t id) const;  // before it is taken
  /// Plain text without the names of these, which nobody outside may know.
  std::string told(int64_t id, std::string text) const;
  uint64_t bytes_of_all() const;
  void remove_files(int64_t id) const;
  void work();
  void learn(int64_t id, const Job& job);
  void end(int64_t id, const std::string& error);

  const std::filesystem::path model_;
  const Limits limits_;
  const Change change_;
  std::filesystem::path uploads_;
  mutable std::mutex mutex_ = {};
  std::condition_variable wake_ = {};
  std::map<int64_t, Job> jobs_ = {};
  int64_t last_id_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread worker_ = {};
};

}  // namespace iuf
