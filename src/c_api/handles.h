#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "c_api/iuf.h"
#include "iuf/learn/model.h"
#include "iuf/run/judged_image.h"
#include "iuf/run/prediction.h"

namespace iuf::c_api {

/// Whom a call that changes a model tells.
struct Listener {
  iuf_progress progress = nullptr;
  iuf_note note = nullptr;
  void* user = nullptr;

  /// Throws Cancelled where the caller's callback says so.
  Progress told() const;
};

}  // namespace iuf::c_api

/// The model as it is in memory is never changed: another one takes its place, and calls that run keep theirs.
struct iuf_model {
  explicit iuf_model(std::filesystem::path file);

  std::shared_ptr<const iuf::Model> current() const;
  void load(const iuf::Progress& progress);
  /// Changes the file, one call at a time, and takes it as it is then.
  void change(const std::function<void(const iuf::Progress&)>& body);
  void listen(const iuf::c_api::Listener& listener);
  /// A copy of a name that lives as long as the handle.
  const char* kept(const std::string& name) const;

  const std::filesystem::path path;

 private:
  std::mutex changing_;
  mutable std::mutex mutex_;  // of all below
  std::shared_ptr<const iuf::Model> model_;
  iuf::c_api::Listener listener_;
  mutable std::set<std::string> names_;
};

struct iuf_judgement {
  iuf::Prediction said;
  iuf::ScoreMap map;
};
