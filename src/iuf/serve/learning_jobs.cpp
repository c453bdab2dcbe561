#include "iuf/serve/learning_jobs.h"

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <system_error>

#include "iuf/data/listing.h"
#include "iuf/image/ignored_region.h"
#include "iuf/image/image.h"
#include "iuf/image/image_header.h"
#include "iuf/serve/refusal.h"
#include "nn/file.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

fs::path temporary_folder() {
  std::error_code absent;
  std::string name = (fs::temp_directory_path(absent) / "iuf-XXXXXX").string();
  if (absent || !::mkdtemp(name.data()))
    fail(name, ": cannot make the folder for uploaded images: check the folder of temporary files (TMPDIR, or /tmp)");
  return name;
}

// Thrown out of what is learned when the program ends.
class GivenUp : public Error {
 public:
  GivenUp() : Error("the server was stopped while it was learned; upload the images again") {}
};

}  // namespace

LearningJobs::LearningJobs(fs::path model, Limits limits, Change change)
    : model_(std::move(model)), limits_(limits), change_(std::move(change)), uploads_(temporary_folder()) {
  worker_ = std::thread([this] { work(); });
}

LearningJobs::~LearningJobs() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  worker_.join();
  std::error_code ignored;
  fs::remove_all(uploads_, ignored);
}

fs::path LearningJobs::folder_of(int64_t id) const {
  return uploads_ / std::to_string(id);
}

fs::path LearningJobs::mask_of(int64_t id) const {
  return uploads_ / ("mask" + std::to_string(id));  // what it is, its content tells
}

fs::path LearningJobs::new_mask_of(int64_t id) const {
  return mask_of(id).concat("-new");
}

std::string LearningJobs::told(int64_t id, std::string text) const {
  const auto say = [&](const std::string& path, const std::string& word) {
    for (size_t at = 0; (at = text.find(path, at)) != std::string::npos; at += word.size())
      text.replace(at, path.size(), word);
  };
  say(new_mask_of(id), "the mask");
  say(mask_of(id), "the mask");
  say(folder_of(id) / "", "");
  say(folder_of(id), "the images");
  return plain_text(text);
}

uint64_t LearningJobs::bytes_of_all() const {
  return std::accumulate(jobs_.begin(), jobs_.end(), uint64_t{0},
                         [](uint64_t sum, const auto& job) { return sum + job.second.bytes; });
}

void LearningJobs::remove_files(int64_t id) const {
  std::error_code ignored;
  fs::remove_all(folder_of(id), ignored);
  fs::remove(mask_of(id), ignored);
}

nlohmann::ordered_json LearningJobs::json(int64_t id, const Job& job) {
  nlohmann::ordered_json json = {{"id", id},
                                 {"kind", job.kind == Kind::update ? "update" : "add"},
                                 {"object", job.object},
                                 {"state", job.state},
                                 {"images", job.images},
                                 {"bytes", job.bytes},
                                 {"mask", job.mask_bytes > 0},
                                 {"stage", job.stage},
                                 {"done", job.done},
                                 {"total", job.total},
                                 {"notes", job.notes}};
  if (!job.error.empty()) json["error"] = job.error;
  return json;
}

LearningJobs::Job& LearningJobs::job_of(int64_t id, const char* state) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) throw Refusal(404, "there is no job " + std::to_string(id));
  if (*state && found->second.state != state)
    throw Refusal(409, "job " + std::to_string(id) + " is " + found->second.state + ", which does not allow this");
  return found->second;
}

nlohmann::ordered_json LearningJobs::begin(const std::string& object, Kind kind) {
  try {
    checked_name("object", object);
  } catch (const Error& e) {
    throw Refusal(400, e.what());
  }
  const std::lock_guard lock(mutex_);
  size_t open = 0;
  for (const auto& [id, job] : jobs_) open += job.open();
  if (open >= limits_.open)
    throw Refusal(409, std::to_string(open) + " jobs are open, which is the most: end or remove one");
  for (auto job = jobs_.begin(); job != jobs_.end() && jobs_.size() - open >= limits_.ended;)
    job = job->second.open() ? std::next(job) : jobs_.erase(job);
  const int64_t id = ++last_id_;
  make_folder(folder_of(id));
  return json(id, jobs_.emplace(id, Job{.object = object, .state = "collecting", .kind = kind}).first->second);
}

nlohmann::ordered_json LearningJobs::add_image(int64_t id, std::span<const std::byte> image) {
  try {
    decode_image(image, "the image");
  } catch (const Error& e) {
    throw Refusal(422, plain_text(e.what()));
  }
  const std::lock_guard lock(mutex_);
  Job& job = job_of(id, "collecting");
  if (job.images >= limits_.images || bytes_of_all() + image.size() > limits_.bytes)
    throw Refusal(413, "no more images are taken: a job has " + std::to_string(limits_.images) +
                           " at most, and all together " + std::to_string(limits_.bytes >> 20) + " MiB");
  char name[32];
  std::snprintf(name, sizeof name, "%06zu.%s", job.images + 1,
                lower_case(header_of(image.first(std::min<size_t>(image.size(), 32))).name).c_str());
  write_file(folder_of(id) / name, image);
  ++job.images;
  job.bytes += image.size();
  return json(id, job);
}

nlohmann::ordered_json LearningJobs::set_mask(int64_t id, std::span<const std::byte> mask) {
  const std::lock_guard lock(mutex_);
  Job& job = job_of(id, "collecting");
  if (bytes_of_all() - job.mask_bytes + mask.size() > limits_.bytes)
    throw Refusal(413,
                  "no mask is taken: all jobs together have " + std::to_string(limits_.bytes >> 20) + " MiB at most");
  const fs::path tried = new_mask_of(id);
  write_file(tried, mask);
  try {
    IgnoreMask::read(tried);
  } catch (const Error& e) {
    fs::remove(tried);
    throw Refusal(422, told(id, e.what()));
  }
  fs::rename(tried, mask_of(id));
  job.bytes += mask.size() - job.mask_bytes;
  job.mask_bytes = mask.size();
  return json(id, job);
}

nlohmann::ordered_json LearningJobs::start(int64_t id, const Terms& terms) {
  const std::lock_guard lock(mutex_);
  Job& job = job_of(id, "collecting");
  if (job.images == 0) throw Refusal(409, "job " + std::to_string(id) + " has no images yet");
  job.terms = terms;
  job.state = "waiting";
  wake_.notify_all();
  return json(id, job);
}

nlohmann::ordered_json LearningJobs::remove(int64_t id) {
  const std::lock_guard lock(mutex_);
  Job& job = job_of(id, "");
  if (job.state == "learning") throw Refusal(409, "job " + std::to_string(id) + " is learning; wait until it is done");
  nlohmann::ordered_json last = json(id, job);
  jobs_.erase(id);
  remove_files(id);
  return last;
}

nlohmann::ordered_json LearningJobs::get(int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) throw Refusal(404, "there is no job " + std::to_string(id));
  return json(id, found->second);
}

nlohmann::ordered_json LearningJobs::all() const {
  const std::lock_guard lock(mutex_);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) list.push_back(json(job->first, job->second));
  return list;
}

bool LearningJobs::busy() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, job] : jobs_)
    if (job.state == "waiting" || job.state == "learning") return true;
  return false;
}

void LearningJobs::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto next = std::ranges::find(jobs_, "waiting", [](const auto& job) { return job.second.state; });
    if (next == jobs_.end()) {
      wake_.wait(lock);
      continue;
    }
    next->second.state = "learning";
    const auto [id, job] = *next;
    lock.unlock();
    std::string error;
    try {
      learn(id, job);
    } catch (const std::exception& e) {
      error = told(id, e.what());
    }
    end(id, error);
    lock.lock();
  }
}

void LearningJobs::learn(int64_t id, const Job& job) {
  const Progress progress(
      [&](const std::string& stage, int64_t done, int64_t total) {
        if (stop_) throw GivenUp();
        const std::lock_guard lock(mutex_);
        Job& now = jobs_.at(id);
        now.stage = told(id, stage);
        now.done = done;
        now.total = total;
      },
      [&](const std::string& text) {
        constexpr size_t kMostNotes = 100;
        const std::lock_guard lock(mutex_);
        Job& now = jobs_.at(id);
        if (now.notes.size() < kMostNotes) now.notes.push_back(told(id, text));
      });
  const auto uploaded = [&](auto options) {
    options.model = model_;
    options.folder = folder_of(id);
    if (job.mask_bytes > 0) options.ignore = mask_of(id);
    options.trust = Trust::caller;
    return options;
  };
  const auto learned = [&] {
    if (job.kind == Kind::add) {
      auto options = uploaded(AddOptions());
      options.name = job.object;
      options.alike = job.terms.alike;
      return add_object(options, progress);
    }
    auto options = uploaded(UpdateOptions());
    options.object = job.object;
    options.later = job.terms.later;
    return update_object(options, progress).learned;
  };
  change_([&] {
    if (!learned()) progress.note("nothing to do: it was already learned from these images");
  });
}

void LearningJobs::end(int64_t id, const std::string& error) {
  const std::lock_guard lock(mutex_);
  Job& job = jobs_.at(id);
  job.state = error.empty() ? "done" : "failed";
  job.error = error;
  job.bytes = 0;
  remove_files(id);
}

}  // namespace iuf
