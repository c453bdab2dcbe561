#include "iuf/live/watched_folder.h"

#include <poll.h>

#include <algorithm>
#include <system_error>

#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kTold{30'000}, kBlind{1'000};  // between looks, with and without events

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with(".");
}

}  // namespace

WatchedFolder::WatchedFolder(WatchedFolderOptions options, Known is_known, const Progress& progress)
    : o_(std::move(options)), is_known_(std::move(is_known)), progress_(progress), arrivals_(o_.settle) {
  if (!is_folder(o_.folder)) fail(o_.folder.string(), ": no such folder: make it, or correct the name");
  for (fs::path& folder : o_.left_out) folder = fs::weakly_canonical(folder);
  if (!o_.poll) events_.emplace();
}

WatchedFolder::Clock::duration WatchedFolder::pause() const {
  return o_.poll ? *o_.poll : events_ && events_->active() ? kTold : kBlind;
}

bool WatchedFolder::is_left_out(const fs::path& folder) const {
  return std::ranges::find(o_.left_out, fs::weakly_canonical(folder)) != o_.left_out.end();
}

std::string WatchedFolder::name_of(const fs::path& file) const {
  return file.lexically_relative(o_.folder).string();
}

// A link shows what somebody else may write at any time, of which nothing is told, and may show one image twice.
bool WatchedFolder::is_link(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_symlink(fs::symlink_status(file, ignored))) return false;
  if (!has_image_ending(file) && !fs::is_directory(file, ignored)) return true;
  if (links_.empty())
    progress_.note(
        plain_text(file.string()) +
        ": a link, and left alone, as all others: copy or move images here, or watch the folder where they are");
  links_.insert(name_of(file));
  return true;
}

// Events are asked for before the folder is looked at, so that nothing comes in between.
void WatchedFolder::add_folder(const fs::path& folder, std::vector<std::pair<FileStamp, std::string>>& found) {
  if (events_ && events_->active() && !events_->add(folder)) next_look_ = {};
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    std::error_code ignored;
    const fs::file_status status = at->symlink_status(ignored);
    if (is_hidden(path) || is_link(path)) continue;
    if (fs::is_directory(status)) {
      if (!is_left_out(path)) add_folder(path, found);
    } else if (fs::is_regular_file(status) && has_image_ending(path)) {
      found.emplace_back(stamp_of(path), name_of(path));
    } else if (!said_left_) {
      said_left_ = true;
      progress_.note(plain_text(path.string()) + ": not called as images are, and left alone, as all others like it");
    }
  }
  if (!error) {
    unreadable_.erase(folder);
  } else if (unreadable_.insert(folder).second) {
    progress_.note(plain_text(folder.string()) + ": cannot be looked at, which is tried again: " + error.message());
  }
}

void WatchedFolder::look() {
  next_look_ = Clock::now() + pause();
  std::erase_if(links_, [&](const std::string& name) {
    std::error_code ignored;
    return !fs::is_symlink(fs::symlink_status(o_.folder / name, ignored));
  });
  std::vector<std::pair<FileStamp, std::string>> found;
  add_folder(o_.folder, found);
  std::ranges::sort(found, {}, [](const auto& file) { return std::pair(file.first.changed, file.second); });
  for (const auto& [stamp, name] : found)
    if (stamp.size >= 0 && !is_known_(name, stamp)) arrivals_.seen(name, stamp, Clock::now());
  if (events_ && !events_->active() && !said_blind_) {
    said_blind_ = true;
    progress_.note("the system does not tell what comes into " + o_.folder.string() +
                   " (fs.inotify.max_user_watches?): it is looked at every second");
  }
}

void WatchedFolder::look_at(const std::string& name) {
  const fs::path file = o_.folder / name;
  const FileStamp stamp = is_link(file) ? FileStamp() : stamp_of(file);
  if (stamp.size < 0) return arrivals_.gone(name);
  arrivals_.seen(name, stamp, Clock::now());
}

void WatchedFolder::read_events() {
  if (!events_) return;
  events_->read([&](FolderEvents::Kind kind, const fs::path& file) {
    if (kind == FolderEvents::Kind::lost) {
      next_look_ = {};
      return;
    }
    if (is_hidden(file) || !has_image_ending(file)) return;
    const std::string name = name_of(file);
    std::error_code ignored;
    switch (kind) {
      case FolderEvents::Kind::created:
        return look_at(name);
      case FolderEvents::Kind::written:
        return arrivals_.written(name);
      case FolderEvents::Kind::closed:
        if (!is_link(file) && fs::is_regular_file(file, ignored)) arrivals_.closed(name);
        return;
      case FolderEvents::Kind::gone:
        arrivals_.gone(name);
        if (on_gone) on_gone(name);
        return;
      case FolderEvents::Kind::lost:
        return;
    }
  });
}

std::optional<std::string> WatchedFolder::next(int stop, Until until) {
  while (true) {
    pollfd wanted[] = {{stop, POLLIN, 0}, {events_ ? events_->descriptor() : -1, POLLIN, 0}};
    if (::poll(wanted, 1, 0) > 0) return std::nullopt;
    read_events();
    if (Clock::now() >= next_look_) look();
    if (const auto due = arrivals_.next_look(); due && *due <= Clock::now())
      for (const std::string& name : arrivals_.settling()) look_at(name);
    if (auto name = arrivals_.next()) return name;
    if (until == Until::empty && arrivals_.empty()) return std::nullopt;
    Clock::time_point wake = next_look_;
    if (const auto due = arrivals_.next_look()) wake = std::min(wake, *due);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - Clock::now()).count();
    ::poll(wanted, 2, static_cast<int>(std::clamp<int64_t>(left, 1, 60'000)));
  }
}

void WatchedFolder::again(const std::string& name, const FileStamp& stamp) {
  arrivals_.again(name, stamp, Clock::now());
}

}  // namespace iuf
