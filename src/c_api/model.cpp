
#include "c_api/guard.h"
#include "c_api/handles.h"
#include "iuf/run/add_object.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/run_files.h"
#include "iuf/run/update_object.h"
#include "tensor/error.h"
#include "tensor/memory.h"

using namespace iuf;
using namespace iuf::c_api;

Progress Listener::told() const {
  return Progress(
      [*this](const std::string& stage, int64_t done, int64_t total) {
        if (progress && progress(user, stage.c_str(), done, total) != 0) throw Cancelled{};
      },
      [*this](const std::string& text) {
        if (note) note(user, text.c_str());
      });
}

iuf_model::iuf_model(std::filesystem::path file) : path(std::move(file)) {}

std::shared_ptr<const Model> iuf_model::current() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

void iuf_model::load(const Progress& progress) {
  auto loaded = std::make_shared<const Model>(Model::load(path, progress));
  const std::lock_guard lock(mutex_);
  model_.swap(loaded);
}

void iuf_model::change(const std::function<void(const Progress&)>& body) {
  const std::lock_guard one(changing_);
  Listener listener;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  body(listener.told());
  load({});
}

void iuf_model::listen(const Listener& listener) {
  const std::lock_guard lock(mutex_);
  listener_ = listener;
}

const char* iuf_model::kept(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return names_.insert(name).first->c_str();
}

namespace {

void check_flags(uint32_t flags, uint32_t known) {
  if (flags & ~known) throw WrongUse{"flags: " + std::to_string(flags & ~known) + " is no flag of this call"};
}

void calibrate(iuf_model* model, const char* object, const std::function<void(CalibrateOptions&)>& ask) {
  iuf_model& handle = given(model, "model");
  CalibrateOptions options;
  options.model = handle.path;
  if (object) options.object = object;
  ask(options);
  handle.change([&](const Progress& progress) { calibrate_model(options, progress); });
}

void add(iuf_model* model, const char* folder, const char* name, const char* mask, uint32_t flags) {
  check_flags(flags, IUF_NORMAL | IUF_VARIANT);
  iuf_model& handle = given(model, "model");
  AddOptions options;
  options.model = handle.path;
  options.folder = &given(folder, "folder");
  if (name) options.name = name;
  if (mask) options.ignore = mask;
  if (flags & IUF_NORMAL) options.trust = Trust::caller;
  if (flags & IUF_VARIANT) options.alike = Alike::accepted;
  handle.change([&](const Progress& progress) { add_object(options, progress); });
}

void check_share(double share) {
  if (!(share >= 1e-6 && share <= 1 - 1e-6))
    throw WrongUse{"false_alarms: a share within 0.000001 and 0.999999 is needed"};
}

}  // namespace

extern "C" {

iuf_status iuf_model_load(const char* path, iuf_model** model) {
  return guarded([&] {
    given(model, "model") = nullptr;
    auto handle = std::make_unique<iuf_model>(model_path(&given(path, "path")));
    handle->load({});
    *model = handle.release();
  });
}

void iuf_model_free(iuf_model* model) {
  delete model;
  release_cached_memory();
}

iuf_status iuf_model_reload(iuf_model* model) {
  return guarded([&] { given(model, "model").change([](const Progress&) {}); });
}

size_t iuf_model_objects(const iuf_model* model) {
  return model ? model->current()->objects().size() : 0;
}

iuf_status iuf_model_object(const iuf_model* model, size_t i, iuf_object* out, size_t size) {
  return guarded([&] {
    const auto current = given(model, "model").current();
    const std::vector<ObjectRecord>& objects = current->objects();
    if (i >= objects.size())
      throw WrongUse{"object number " + std::to_string(i) + ": the model knows " + std::to_string(objects.size())};
    const ObjectRecord& o = objects[i];
    const iuf_object object = {.name = model->kept(o.name),
                               .threshold = or_nan(o.threshold),
                               .false_alarms = or_nan(o.false_alarms),
                               .images = o.train_images + o.held_out_images,
                               .calibration_images = static_cast<int64_t>(o.scores.size())};
    fill(out, size, &object, sizeof object, "object");
  });
}

iuf_status iuf_model_listen(iuf_model* model, iuf_progress progress, iuf_note note, void* user) {
  return guarded([&] { given(model, "model").listen({progress, note, user}); });
}

iuf_status iuf_calibrate(iuf_model* model, const char* object, double false_alarms) {
  return guarded([&] {
    check_share(false_alarms);
    calibrate(model, object, [&](CalibrateOptions& o) { o.false_alarms = false_alarms; });
  });
}

iuf_status iuf_calibrate_threshold(iuf_model* model, const char* object, double threshold) {
  return guarded([&] { calibrate(model, object, [&](CalibrateOptions& o) { o.threshold = threshold; }); });
}

iuf_status iuf_calibrate_images(iuf_model* model, const char* object, const char* folder, double false_alarms,
                                uint32_t flags) {
  return guarded([&] {
    check_flags(flags, IUF_NORMAL | IUF_REPLACE);
    if (false_alarms != 0) check_share(false_alarms);
    calibrate(model, object, [&](CalibrateOptions& o) {
      o.folder = &given(folder, "folder");
      if (false_alarms != 0) o.false_alarms = false_alarms;
      if (flags & IUF_REPLACE) o.later = LaterImages::replace;
      if (flags & IUF_NORMAL) o.trust = Trust::caller;
    });
  });
}

iuf_status iuf_calibrate_back(iuf_model* model, const char* object) {
  return guarded([&] { calibrate(model, object, [](CalibrateOptions& o) { o.back = true; }); });
}

iuf_status iuf_add(iuf_model* model, const char* folder, const char* name, uint32_t flags) {
  return guarded([&] { add(model, folder, name, nullptr, flags); });
}

iuf_status iuf_add_ignoring(iuf_model* model, const char* folder, const char* name, const char* mask, uint32_t flags) {
  return guarded([&] { add(model, folder, name, &given(mask, "mask"), flags); });
}

iuf_status iuf_update(iuf_model* model, const char* folder, const char* object, uint32_t flags) {
  return guarded([&] {
    check_flags(flags, IUF_NORMAL | IUF_REPLACE);
    iuf_model& handle = given(model, "model");
    UpdateOptions options;
    options.model = handle.path;
    options.folder = &given(folder, "folder");
    options.object = &given(object, "object");
    if (flags & IUF_NORMAL) options.trust = Trust::caller;
    if (flags & IUF_REPLACE) options.later = LaterImages::replace;
    handle.change([&](const Progress& progress) { update_object(options, progress); });
  });
}

}  // extern "C"
