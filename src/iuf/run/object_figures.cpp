#include "iuf/run/object_figures.h"

#include <algorithm>

#include "iuf/run/sorted_out.h"

namespace iuf {

std::string ObjectFigures::Some::text(const char* one, const char* many) const {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void ObjectFigures::add(const ScoredImage& image, PixelShare share) {
  for (const std::string& text : {image.error, image.mask_error})
    if (!text.empty() && error_texts_.size() < ObjectResult::kErrorTexts) error_texts_.push_back(text);
  const Verdict verdict = image.decision();
  if (verdict == Verdict::error) return bad_image_.add(image.error);
  scores_.push_back(static_cast<float>(image.score));
  labels_.push_back(image.defect);
  (image.defect ? defects_ : normal_) += 1;
  if (!image.threshold) undecided_.add(image.predicted_object);
  if (is_alarm(verdict)) (image.defect ? found_ : alarms_) += 1;
  if (!image.defect) highest_normal_ = std::max(highest_normal_, image.score);
  if (image.defect && verdict == Verdict::defect) lowest_defect_ = std::min(lowest_defect_, image.score);
  if (verdict == Verdict::unknown) (image.defect ? unknown_defect_ : unknown_normal_) += 1;
  recognised_ += image.predicted_object == image.object;
  maps_ += share != PixelShare::no_map;
  switch (share) {
    case PixelShare::counted:
      ++pixel_images_;
      masked_ += image.defect;
      break;
    case PixelShare::no_map:
      break;
    case PixelShare::no_mask:
      without_mask_.add(image.file);
      break;
    case PixelShare::empty_mask:
      empty_mask_.add(image.file);
      break;
    case PixelShare::bad_mask:
      bad_mask_.add(image.mask_error);
      break;
  }
}

// The first thing that is missing, from the images to the pixels.
std::string ObjectFigures::why_no_pixel_figure(const std::string& no_defect) const {
  if (defects_ == 0) return no_defect;
  if (maps_ == 0) return "the method draws no map";
  if (masked_ == 0) {
    const std::string which =
        defects_ == 1 ? "the only defective image" : "any of " + std::to_string(defects_) + " defective images";
    if (bad_mask_.count > 0) return "no mask that can be used for " + which + "; first: " + bad_mask_.first;
    if (empty_mask_.count > 0) return "no mask that shows anything for " + which + "; first: " + empty_mask_.first;
    return "no mask for " + which + "; first: " + without_mask_.first;
  }
  return "at the size at which they are counted the masks leave no defective or no normal pixel";
}

void ObjectFigures::say_why(ObjectResult& result) const {
  const auto why = [&](const char* key, bool is_there, const std::string& reason) {
    if (!is_there) result.reasons[key] = reason;
  };
  const std::string none = bad_image_.count > 0 ? "no test image that can be used; first: " + bad_image_.first
                                                : "no test image: put some into test/good and test/KIND";
  const auto lacking = [&](const std::string& what, const std::string& place) {
    if (normal_ + defects_ == 0) return none;
    return "no " + what + " test image" +
           (bad_image_.count > 0 ? " that can be used; first that cannot: " + bad_image_.first
                                 : ": put some into " + place);
  };
  const std::string no_normal = lacking("normal", "test/good"), no_defect = lacking("defective", "test/KIND");
  const std::string& missing = normal_ == 0 ? no_normal : no_defect;
  why("image_auroc", result.image.auroc.has_value(), missing);
  why("image_ap", result.image.average_precision.has_value(), missing);
  why("image_f1_max", result.image.f1_max.has_value(), missing);
  const std::string pixel = why_no_pixel_figure(no_defect);
  why("pixel_auroc", result.pixel.auroc.has_value(), pixel);
  why("pixel_ap", result.pixel.average_precision.has_value(), pixel);
  why("pixel_f1_max", result.pixel.f1_max.has_value(), pixel);
  why("aupro", result.aupro.has_value(), pixel);
  const std::string no_threshold =
      "no threshold: '" + undecided_.first + "' has none, as it was learned without images";
  why("false_alarms", result.false_alarms.has_value(), normal_ == 0 ? no_normal : no_threshold);
  why("defects_found", result.defects_found.has_value(), defects_ == 0 ? no_defect : no_threshold);
  why("recognised", result.recognised.has_value(), none);
  why("threshold", result.threshold.has_value(), "it was learned without images");
}

void ObjectFigures::say_notes(ObjectResult& result) const {
  const auto say = [&](const Some& some, const char* one, const char* many) {
    if (some.count > 0) result.notes.push_back(some.text(one, many) + "; first: " + some.first);
  };
  say(bad_image_, "test image could not be judged and counts in no figure",
      "test images could not be judged and count in no figure");
  if (2 * unknown_normal_ > normal_)
    result.notes.push_back(std::to_string(unknown_normal_) + " of " + std::to_string(normal_) +
                           " normal test images are unlike all that was learned (another product, camera or light?): "
                           "the figures say little about this object");
  if (undecided_.count == 0 && alarms_ == 0 && found_ == defects_ && found_ > unknown_defect_)
    if (std::string text = agreeing_labels(object_, static_cast<size_t>(normal_), highest_normal_, lowest_defect_);
        !text.empty())
      result.notes.push_back(std::move(text));
  if (!result.pixel.auroc) return;
  say(without_mask_, "defective image has no mask: the pixel figures leave it out",
      "defective images have no mask: the pixel figures leave them out");
  say(empty_mask_, "defective image has a mask that shows nothing: the pixel figures leave it out",
      "defective images have masks that show nothing: the pixel figures leave them out");
  say(bad_mask_, "mask could not be used: the pixel figures leave its image out",
      "masks could not be used: the pixel figures leave their images out");
}

ObjectResult ObjectFigures::result(const RankMetrics& pixel, std::optional<double> aupro) const {
  ObjectResult result{.object = object_.name, .test_normal = normal_, .test_defect = defects_};
  result.image = rank_metrics(scores_, labels_);
  if (masked_ > 0) {
    result.pixel = pixel;
    result.aupro = aupro;
  }
  if (undecided_.count == 0) {
    if (normal_ > 0) result.false_alarms = alarms_;
    if (defects_ > 0) result.defects_found = found_;
  }
  result.unknown_normal = unknown_normal_;
  result.unknown_defect = unknown_defect_;
  if (!scores_.empty()) result.recognised = static_cast<double>(recognised_) / static_cast<double>(scores_.size());
  result.threshold = object_.threshold;
  result.pixel_images = pixel_images_;
  result.without_mask = without_mask_.count + empty_mask_.count;
  result.errors = bad_image_.count + bad_mask_.count;
  result.error_texts = error_texts_;
  say_why(result);
  say_notes(result);
  return result;
}

}  // namespace iuf
