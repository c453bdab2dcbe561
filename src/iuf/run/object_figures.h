#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "iuf/learn/model.h"
#include "iuf/run/scores.h"
#include "iuf/run/step_result.h"

namespace iuf {

/// What an image gives the pixel figures.
enum class PixelShare {
  counted,
  no_map,      // the method judges whole images
  no_mask,     // of a defective image
  empty_mask,  // a defective image's mask shows nothing
  bad_mask     // it cannot be used
};

/// The figures of an object, image by image in the data's order. An image that could not be judged counts in none; one
/// without a usable mask counts in those of whole images.
class ObjectFigures {
 public:
  explicit ObjectFigures(const ObjectRecord& object) : object_(object) {}

  void add(const ScoredImage& image, PixelShare share);
  /// Says why a figure is n/a, and what the figures leave out.
  ObjectResult result(const RankMetrics& pixel, std::optional<double> aupro) const;

 private:
  /// How many there are, and which came first.
  struct Some {
    int64_t count = 0;
    std::string first = {};
    void add(const std::string& what) {
      if (count++ == 0) first = what;
    }
    std::string text(const char* one, const char* many) const;
  };

  void say_why(ObjectResult& result) const;
  std::string why_no_pixel_figure(const std::string& no_defect) const;
  void say_notes(ObjectResult& result) const;

  const ObjectRecord& object_;
  std::vector<float> scores_ = {};
  std::vector<uint8_t> labels_ = {};
  int64_t normal_ = 0, defects_ = 0, recognised_ = 0, alarms_ = 0, found_ = 0, unknown_normal_ = 0, unknown_defect_ = 0;
  double highest_normal_ = -std::numeric_limits<double>::infinity();  // score without an alarm
  double lowest_defect_ = std::numeric_limits<double>::infinity();    // score above the threshold
  int64_t pixel_images_ = 0, maps_ = 0, masked_ = 0;                  // masked: defective images that are counted
  Some undecided_ = {};                                               // of objects without a threshold
  Some without_mask_ = {}, empty_mask_ = {}, bad_mask_ = {}, bad_image_ = {};
  std::vector<std::string> error_texts_ = {};
};

}  // namespace iuf
