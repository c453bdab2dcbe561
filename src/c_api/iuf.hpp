// iuf.h for C++17 and later: handles that free themselves, errors as exceptions. Nothing but the C functions is used,
// so the compilers of the program and of the library may differ.
#pragma once

#include <iuf.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace iuf {

/// What iuf_last_error() says.
class Failure : public std::runtime_error {
 public:
  Failure(iuf_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  iuf_status status() const { return status_; }

 private:
  iuf_status status_;
};

inline void check(iuf_status status) {
  if (status != IUF_OK) throw Failure(status, iuf_last_error());
}

using Region = iuf_region;
using Object = iuf_object;

/// What is said about one photograph. Copies share it.
class Judgement {
 public:
  explicit Judgement(iuf_judgement* judgement) : judgement_(judgement, iuf_judgement_free) {
    check(iuf_judgement_summary(judgement, &summary_, sizeof summary_));
  }

  iuf_verdict verdict() const { return static_cast<iuf_verdict>(summary_.verdict); }
  /// "ok", "defect", "unknown", "no threshold"
  std::string verdict_name() const { return summary_.verdict_name; }
  bool is_alarm() const { return verdict() == IUF_VERDICT_DEFECT || verdict() == IUF_VERDICT_UNKNOWN; }
  double score() const { return summary_.score; }
  std::optional<double> threshold() const { return known(summary_.threshold); }
  std::optional<double> scaled_score() const { return known(summary_.scaled_score); }
  std::optional<double> novelty() const { return known(summary_.novelty); }
  double confidence() const { return summary_.confidence; }
  std::string object() const { return summary_.object; }
  std::optional<std::string> fits_better() const {
    return summary_.fits_better ? std::optional<std::string>(summary_.fits_better) : std::nullopt;
  }
  int width() const { return summary_.width; }
  int height() const { return summary_.height; }

  std::vector<Region> regions() const {
    std::vector<Region> regions(summary_.regions);
    for (std::size_t i = 0; i < regions.size(); ++i)
      check(iuf_judgement_region(judgement_.get(), i, &regions[i], sizeof(Region)));
    return regions;
  }
  /// map_side() rows of as many anomaly scores, stretched over the photograph; null where there is none.
  const float* map() const { return iuf_judgement_map(judgement_.get()); }
  int map_side() const { return summary_.map_side; }
  /// Lays the map in colours over the photograph: width() x height() RGB pixels of 8 bits.
  void paint(void* rgb, std::size_t stride = 0) const { check(iuf_judgement_paint(judgement_.get(), rgb, stride)); }

 private:
  static std::optional<double> known(double value) {
    return std::isnan(value) ? std::nullopt : std::optional<double>(value);
  }
  std::shared_ptr<iuf_judgement> judgement_;
  iuf_summary summary_ = {};
};

/// Rows of pixels from the top, upright; `stride` bytes from one row to the next, 0: no gap.
struct Pixels {
  const void* data = nullptr;
  int width = 0, height = 0;
  iuf_pixels format = IUF_RGB8;
  std::size_t stride = 0;
};

/// A model, for any number of threads at a time. Copies share it. An `object` that is empty is the one that fits best,
/// or, of calibrations, all.
class Model {
 public:
  /// A model file, or the folder of a run.
  explicit Model(const std::string& path) {
    if (iuf_abi_version() != IUF_ABI_VERSION) throw Failure(IUF_FAILED, "libiuf is not of the version of its header");
    iuf_model* model = nullptr;
    check(iuf_model_load(path.c_str(), &model));
    model_.reset(model, iuf_model_free);
  }

  Judgement judge_file(const std::string& path, const std::string& object = "") const {
    return judged([&](iuf_judgement** out) { return iuf_judge_file(get(), path.c_str(), name(object), out); });
  }
  /// The bytes of an image file.
  Judgement judge_encoded(const void* bytes, std::size_t size, const std::string& object = "") const {
    return judged([&](iuf_judgement** out) { return iuf_judge_encoded(get(), bytes, size, name(object), out); });
  }
  Judgement judge(const Pixels& p, const std::string& object = "") const {
    return judged([&](iuf_judgement** out) {
      return iuf_judge_pixels(get(), p.data, p.width, p.height, p.stride, p.format, name(object), out);
    });
  }

  std::vector<Object> objects() const {
    std::vector<Object> objects(iuf_model_objects(get()));
    for (std::size_t i = 0; i < objects.size(); ++i) check(iuf_model_object(get(), i, &objects[i], sizeof(Object)));
    return objects;
  }
  void reload() { check(iuf_model_reload(get())); }

  // These change the model's file.
  void calibrate(double false_alarms, const std::string& object = "") {
    check(iuf_calibrate(get(), name(object), false_alarms));
  }
  void set_threshold(double threshold, const std::string& object = "") {
    check(iuf_calibrate_threshold(get(), name(object), threshold));
  }
  /// `false_alarms` 0: as the last time.
  void calibrate_by(const std::string& folder, const std::string& object = "", double false_alarms = 0,
                    std::uint32_t flags = 0) {
    check(iuf_calibrate_images(get(), name(object), folder.c_str(), false_alarms, flags));
  }
  void calibrate_back(const std::string& object = "") { check(iuf_calibrate_back(get(), name(object))); }
  /// An empty name is the folder's.
  void add(const std::string& folder, const std::string& object = "", std::uint32_t flags = 0) {
    check(iuf_add(get(), folder.c_str(), name(object), flags));
  }
  /// What is not black in the image file `mask` is neither learned nor judged.
  void add_ignoring(const std::string& mask, const std::string& folder, const std::string& object = "",
                    std::uint32_t flags = 0) {
    check(iuf_add_ignoring(get(), folder.c_str(), name(object), mask.c_str(), flags));
  }
  /// More normal images of a known object.
  void update(const std::string& folder, const std::string& object, std::uint32_t flags = 0) {
    check(iuf_update(get(), folder.c_str(), object.c_str(), flags));
  }

  iuf_model* get() const { return model_.get(); }

 private:
  static const char* name(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }
  template <class Call>
  static Judgement judged(const Call& call) {
    iuf_judgement* judgement = nullptr;
    check(call(&judgement));
    return Judgement(judgement);
  }
  std::shared_ptr<iuf_model> model_;
};

}  // namespace iuf
