#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace iuf {

/// Told by a long job how far it is, and what its user should know. It may be called from any thread, by one at a time;
/// an empty one does nothing.
class Progress {
 public:
  using Stage = std::function<void(const std::string& stage, int64_t done, int64_t total)>;
  using Note = std::function<void(const std::string& text)>;

  Progress() = default;
  explicit Progress(Stage stage, Note note = {}) : stage_(std::move(stage)), note_(std::move(note)) {}
  /// From a function of a stage (Stage), or a reference to something that is called like one and has a note(text).
  template <class Listener>
  requires std::is_invocable_v<Listener&, const std::string&, int64_t, int64_t> Progress(Listener listener)
      : stage_(listener) {
    if constexpr (requires { listener.get().note(std::string()); })
      note_ = [listener](const std::string& text) { listener.get().note(text); };
  }

  /// `done` of `total` of a stage, such as images; a total of 0 is unknown.
  void operator()(const std::string& stage, int64_t done, int64_t total) const {
    if (stage_) stage_(stage, done, total);
  }
  /// A remark, one line: what was left out, what was taken for what.
  void note(const std::string& text) const {
    if (note_) note_(text);
  }
  /// The same with the stages' names behind a prefix.
  Progress named(const std::string& prefix) const {
    if (!stage_) return *this;
    return Progress([stage = stage_, prefix](const std::string& name, int64_t done,
                                             int64_t total) { stage(prefix + name, done, total); },
                    note_);
  }

 private:
  Stage stage_;
  Note note_;
};

}  // namespace iuf
