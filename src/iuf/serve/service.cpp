#include "iuf/serve/service.h"

#include <algorithm>
#include <new>
#include <set>
#include <sstream>

#include "iuf/checks/unusual_pictures.h"
#include "iuf/data/json_fields.h"
#include "iuf/data/listing.h"
#include "iuf/image/resize.h"
#include "iuf/report/markup.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/judged_image.h"
#include "iuf/serve/refusal.h"
#include "iuf/stats/conformal.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPicture = 384;                       // most pixels of a side of what the history shows
constexpr size_t kMostName = 300;                   // bytes of an image's name
constexpr size_t kRecalled = 100'000;               // rows of the log that a new process looks at
constexpr size_t kRecalledBytes = size_t{1} << 26;  // the same in bytes

std::string png(const Image& image) {
  const std::vector<std::byte> bytes = encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Image small(const Image& image) {
  const int longest = std::max(image.width, image.height);
  if (longest <= kPicture) return image;
  const auto side = [&](int length) { return std::max(1, static_cast<int>(int64_t{length} * kPicture / longest)); };
  return resize_bilinear(image, side(image.width), side(image.height));
}

Json number(std::optional<double> value) {
  return value ? Json(*value) : Json();
}

Json object_json(const ObjectRecord& o) {
  Json json = {{"name", o.name},
               {"images", o.train_images},
               {"normal_scores", o.scores.size()},
               {"threshold", number(o.threshold)},
               {"false_alarms_asked", number(o.false_alarms)},
               {"false_alarms_expected", nullptr},
               {"can_go_back", !o.earlier.empty()}};
  if (o.threshold && !o.scores.empty()) json["false_alarms_expected"] = alarm_rate(o.scores, *o.threshold).expected;
  return json;
}

// What is asked of a threshold; throws Refusal.
CalibrateOptions calibration_of(const nlohmann::json& request) {
  static const std::set<std::string> known = {"object", "false_alarms", "threshold", "back"};
  CalibrateOptions options;
  if (!request.is_object()) throw Refusal(400, "a JSON object is needed");
  for (const auto& [key, value] : request.items())
    if (!known.contains(key)) throw Refusal(400, "unknown key " + quoted_name(key));
  const auto optional = [&](const char* key, const auto& take) {
    const auto found = request.find(key);
    if (found == request.end() || found->is_null()) return;
    if (!take(*found)) throw Refusal(400, std::string("\"") + key + "\" has a value that it cannot have");
  };
  const auto number_into = [](std::optional<double>& into, double low, double high) {
    return [&into, low, high](const nlohmann::json& value) {
      if (!value.is_number()) return false;
      into = value.get<double>();
      return *into >= low && *into <= high;
    };
  };
  optional("object", [&](const nlohmann::json& value) {
    if (value.is_string()) options.object = value.get<std::string>();
    return value.is_string();
  });
  optional("false_alarms", number_into(options.false_alarms, 1e-6, 1 - 1e-6));
  optional("threshold", number_into(options.threshold, -1e300, 1e300));
  optional("back", [&](const nlohmann::json& value) {
    if (value.is_boolean()) options.back = value.get<bool>();
    return value.is_boolean();
  });
  if (options.false_alarms.has_value() + options.threshold.has_value() + options.back != 1)
    throw Refusal(400, "one of \"false_alarms\", \"threshold\" and \"back\": true is needed");
  return options;
}

// Throws Refusal.
void require_object(const Model& model, const std::string& name) {
  try {
    model.expected_object(name);
  } catch (const Error& e) {
    throw Refusal(404, plain_text(e.what()));
  }
}

}  // namespace

Service::Service(const ServiceOptions& options, const Progress& progress)
    : options_(options),
      progress_(progress),
      model_(options.model, progress),
      log_(options.log, Links::follow, progress),
      judging_(std::max(1, thread_count())),
      jobs_(options.model, options.jobs, [this](const std::function<void()>& change) {
        const std::lock_guard lock(change_);
        change_model(change);
      }) {
  for (const std::string& line : log_.last(kRecalled, kRecalledBytes)) history_.recall(line);
  const auto version = model_.current();
  drift_.recall(*version, log_.judged(version->by.model, DriftWatch::kRecalledRows, DriftWatch::kRecalledBytes));
  keeper_ = std::thread([this] { keep_up(); });
}

Service::~Service() {
  {
    const std::lock_guard lock(wake_mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  keeper_.join();
}

void Service::change_model(const std::function<void()>& change) {
  change();
  refresh();
}

void Service::refresh() {
  const std::string before = model_.current()->by.model, said = model_.refresh();
  const bool replaced = model_.current()->by.model != before;
  {
    const std::lock_guard lock(numbers_);
    replaced_ += replaced;
  }
  if (!said.empty()) progress_.note(said);
}

// Twice a second: a new model, and rows that a power cut must not take.
void Service::keep_up() {
  std::unique_lock lock(wake_mutex_);
  while (!wake_.wait_for(lock, std::chrono::milliseconds(500), [this] { return stop_.load(); })) {
    refresh();
    const std::lock_guard rows(log_mutex_);
    if (!unsynced_) continue;
    try {
      log_.sync();
    } catch (const Error& e) {
      progress_.note(plain_text(e.what()));
    }
    unsynced_ = false;
  }
}

Image Service::judge(const ModelVersion& version, std::span<const std::byte> image, Prediction& p,
                     VerdictPictures& pictures, const JudgeRequest& request, Findings& findings) {
  p.time = utc_milliseconds();
  Image heatmap;
  try {
    const std::optional<int64_t> expected =
        request.object.empty() ? std::nullopt : std::optional(version.model.expected_object(request.object));
    const Photograph photograph = version.model.extractor().decode(image, "the image");
    const ScoreMap map = judge_photograph(version.model, photograph, expected, p);
    find_unusual(photograph.facts, version.model.extractor().reading().window, 0, p.file, findings);
    if (const std::string said = usual_.take(version, photograph.image, p); !said.empty())
      findings.add(said, 0, p.file);
    if (map.scores.defined()) heatmap = map.over(photograph.image);
    pictures.photograph = png(small(photograph.image));
    if (!heatmap.pixels.empty()) pictures.heatmap = png(small(heatmap));
  } catch (const std::bad_alloc&) {
    p.error = "out of memory";
  } catch (const std::exception& e) {
    p.error = plain_text(e.what());
  }
  return heatmap;
}

Json Service::judge(std::span<const std::byte> image, const JudgeRequest& request) {
  const std::shared_ptr<const ModelVersion> version = model_.current();
  if (!request.object.empty()) require_object(version->model, request.object);
  Prediction p{.file = request.name.empty() ? "upload" : request.name.substr(0, kMostName), .expected = request.object};
  VerdictPictures pictures;
  judging_.acquire();
  const auto begin = std::chrono::steady_clock::now();
  Findings findings;
  const Image heatmap = judge(*version, image, p, pictures, request, findings);
  judging_.release();
  const std::string line = VerdictLog::json_line(p, version->by);
  {
    const std::lock_guard lock(log_mutex_);
    log_.add(line);
    unsynced_ = true;
  }
  Json row = Json::parse(line);
  const int64_t id = history_.add(row, std::move(pictures));
  if (options_.kept) options_.kept(p, line);
  std::vector<std::string> drift;
  {
    const std::lock_guard lock(numbers_);
    ++judged_;
    judge_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    drift = drift_.take(*version, p);
  }
  for (const std::string& said : drift) progress_.note(said);
  Json answer = {{"id", id}};
  answer.update(row);
  if (const std::vector<std::string> notes = findings.lines(); !notes.empty()) answer["notes"] = notes;
  if (request.heatmap && !heatmap.pixels.empty()) answer["heatmap_png"] = report::base64(encode_png(heatmap));
  return answer;
}

Json Service::begin_job(const std::string& object, LearningJobs::Kind kind) {
  if (kind == LearningJobs::Kind::update) require_object(model_.current()->model, object);
  return jobs_.begin(object, kind);
}

Json Service::objects() const {
  const std::shared_ptr<const ModelVersion> version = model_.current();
  Json list = Json::array();
  for (const ObjectRecord& object : version->model.objects()) list.push_back(object_json(object));
  const std::lock_guard lock(numbers_);
  return {{"model", version->by.model}, {"objects", list}, {"drift", drift_.said()}};
}

Json Service::calibrate(const nlohmann::json& request) {
  CalibrateOptions options = calibration_of(request);
  options.model = options_.model;
  const std::unique_lock lock(change_, std::try_to_lock);
  if (!lock) throw Refusal(409, "the model is being changed; wait until that is done");
  Json changed = Json::array(), notes = Json::array();
  const Progress progress(Progress::Stage(), [&](const std::string& text) { notes.push_back(plain_text(text)); });
  try {
    change_model([&] {
      for (const Recalibrated& object : calibrate_model(options, progress)) changed.push_back(object_json(object.now));
    });
  } catch (const Error& e) {
    throw Refusal(422, plain_text(e.what()));
  }
  return {{"model", model_.current()->by.model}, {"objects", changed}, {"notes", notes}};
}

Json Service::health() const {
  const std::shared_ptr<const ModelVersion> version = model_.current();
  const std::string problem = model_.problem();
  Json json = {{"status", problem.empty() ? "ok" : "degraded"},
               {"program", IUF_VERSION},
               {"model", version->by.model},
               {"method", version->model.method_name()},
               {"objects", version->model.objects().size()},
               {"learning", jobs_.busy()},
               {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count()}};
  if (!problem.empty()) json["problem"] = problem;
  return json;
}

void Service::count_request(int status) {
  const std::lock_guard lock(numbers_);
  ++requests_[status];
}

}  // namespace iuf
