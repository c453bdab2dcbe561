#include "iuf/live/live_model.h"

#include <sys/stat.h>

#include <exception>
#include <utility>

#include "iuf/run/run_model.h"
#include "iuf/run/verdict_log.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

LiveModel::LiveModel(std::filesystem::path file, const Progress& progress) : file_(std::move(file)) {
  current_ = load(progress);
  if (const std::string unlearned = unlearned_note(file_, current_->model.steps()); !unlearned.empty())
    progress.note(unlearned);
}

LiveModel::Stamp LiveModel::stamp() const {
  struct stat info {};
  if (::stat(file_.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::shared_ptr<const ModelVersion> LiveModel::load(const Progress& progress) {
  while (true) {
    read_ = stamp();
    const uint64_t content = hash_bytes(MappedFile(file_).bytes());
    Model model = Model::load(file_, progress);
    if (stamp() != read_) continue;  // replaced meanwhile: the hash may be of another file than the model
    if (model.objects().empty()) fail(file_.string(), ": has not learned any object yet");
    JudgedBy by = judged_by(model, content);
    return std::make_shared<const ModelVersion>(ModelVersion{std::move(model), std::move(by)});
  }
}

std::shared_ptr<const ModelVersion> LiveModel::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::string LiveModel::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

std::string LiveModel::refresh() {
  const std::lock_guard loading(loading_);
  if (stamp() == read_) return "";
  try {
    std::shared_ptr<const ModelVersion> next = load({});
    const std::lock_guard lock(mutex_);
    const bool same = next->by.model == current_->by.model;
    const std::string text =
        "the model " + next->by.model + " is used from now on, before it was " + current_->by.model;
    current_ = std::move(next);
    problem_.clear();
    return same ? "" : text;
  } catch (const std::exception& e) {
    const std::lock_guard lock(mutex_);
    problem_ = "the new model cannot be used, and the one from before goes on: " + plain_text(e.what());
    return problem_;
  }
}

}  // namespace iuf
