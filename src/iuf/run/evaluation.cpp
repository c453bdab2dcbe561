#include "iuf/run/evaluation.h"

#include <algorithm>

#include "iuf/data/in_order.h"
#include "iuf/data/resize.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

// A defect mask at the model's size: nearest neighbour, 0 or 255.
std::vector<uint8_t> mask_at(const std::filesystem::path& path, int image_width, int image_height, int64_t size) {
  const Image mask = read_mask(path);
  if (mask.width != image_width || mask.height != image_height)
    fail(path.string(), ": the mask is ", mask.width, " x ", mask.height, " but its image is ", image_width, " x ",
         image_height, "; make the mask as large as the image");
  return resize_nearest(mask, static_cast<int>(size), static_cast<int>(size)).pixels;
}

// A test image: what the model makes of it, and which of its pixels show a defect.
struct Seen {
  Judgement judgement;
  std::vector<uint8_t> mask;  // of the model's size; empty where a defect has none
};

Seen look(const Model& model, const Sample& sample, const ImageFeatures& features) {
  const int64_t size = model.settings().image_size;
  Seen seen{.judgement = model.judge(features), .mask = {}};
  if (!sample.defect) {
    seen.mask.assign(static_cast<size_t>(size * size), 0);
  } else if (!sample.masks.empty()) {
    seen.mask = mask_at(sample.masks.front(), features.width, features.height, size);
  }
  return seen;
}

ScoredImage scored(const std::string& object, const Sample& sample, const Judgement& j, const ObjectRecord& predicted) {
  return {.object = object,
          .file = escaped(sample.file.string()),
          .label_name = sample.label_name,
          .defect = sample.defect,
          .score = j.score,
          .threshold = predicted.threshold,
          .predicted_object = predicted.name,
          .confidence = j.confidence,
          .novelty = j.novelty};
}

// The figures of an object, image by image.
class Measure {
 public:
  explicit Measure(int64_t map_size) : map_size_(static_cast<size_t>(map_size)) {}

  void add(const ScoredImage& image, const Seen& seen) {
    scores_.push_back(static_cast<float>(image.score));
    labels_.push_back(image.defect);
    (image.defect ? defects_ : normal_) += 1;
    decided_ = decided_ && image.threshold;
    if (image.flagged()) (image.defect ? found_ : alarms_) += 1;
    recognised_ += image.predicted_object == image.object;
    const Tensor& map = seen.judgement.map;
    masks_ = masks_ && map.defined() && !seen.mask.empty();
    if (masks_) pixels_.add(image.file, map.span(), seen.mask, map_size_);
  }

  ObjectResult result(const ObjectRecord& object) const {
    ObjectResult result{.object = object.name, .test_normal = normal_, .test_defect = defects_};
    result.image = rank_metrics(scores_, labels_);
    if (masks_) {
      result.pixel = pixels_.rank();
      result.aupro = pixels_.aupro();
    }
    if (decided_) {
      result.false_alarms = alarms_;
      result.defects_found = found_;
    }
    if (!scores_.empty()) result.recognised = static_cast<double>(recognised_) / static_cast<double>(scores_.size());
    result.threshold = object.threshold;
    return result;
  }

 private:
  size_t map_size_;  // side of a map
  std::vector<float> scores_ = {};
  std::vector<uint8_t> labels_ = {};
  PixelAccumulator pixels_ = {};
  bool masks_ = true;    // so far: pixel figures need a map of every image and the mask of every defect
  bool decided_ = true;  // so far: every image got a verdict
  int64_t normal_ = 0, defects_ = 0, recognised_ = 0, alarms_ = 0, found_ = 0;
};

ObjectEvaluation evaluate_object(const Model& model, size_t number, const std::vector<Sample>& samples,
                                 const FeatureCache& cache, GalleryWriter& gallery, const Progress& progress) {
  const ObjectRecord& object = model.objects()[number];
  std::vector<std::string> files;
  for (const Sample& sample : samples) files.push_back(sample.file.string());
  const std::vector<uint64_t> hashes = cache.prepare(files, "features of " + object.name, progress);
  gallery.begin_object(number, samples);
  ObjectEvaluation evaluation;
  Measure measure(model.settings().image_size);
  std::vector<Seen> seen(kInOrderSlots);
  in_order(
      samples.size(),
      [&](size_t i, size_t slot) { seen[slot] = look(model, samples[i], cache.load(files[i], hashes[i])); },
      [&](size_t i, size_t slot) {
        const Judgement& j = seen[slot].judgement;
        evaluation.images.push_back(scored(object.name, samples[i], j, model.objects()[static_cast<size_t>(j.object)]));
        measure.add(evaluation.images.back(), seen[slot]);
        gallery.add(i, samples[i], j);
        progress("evaluating " + object.name, static_cast<int64_t>(i) + 1, static_cast<int64_t>(samples.size()));
      });
  evaluation.result = measure.result(object);
  return evaluation;
}

}  // namespace

std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery_options,
                                       const Progress& progress) {
  std::vector<ObjectEvaluation> evaluations;
  GalleryWriter gallery(gallery_options, model);
  for (const std::string& name : objects) {
    const auto known = std::ranges::find(model.objects(), name, &ObjectRecord::name);
    if (known == model.objects().end()) fail("object '", name, "' is not in the model");
    evaluations.push_back(evaluate_object(model, static_cast<size_t>(known - model.objects().begin()),
                                          data.select(name, Part::test), cache, gallery, progress));
  }
  gallery.finish();
  return evaluations;
}

std::vector<ObjectResult> results_of(const std::vector<ObjectEvaluation>& objects) {
  std::vector<ObjectResult> results;
  for (const ObjectEvaluation& object : objects) results.push_back(object.result);
  return results;
}

std::string scores_csv(const std::vector<ObjectEvaluation>& objects) {
  std::vector<ScoredImage> all;
  for (const ObjectEvaluation& object : objects) all.insert(all.end(), object.images.begin(), object.images.end());
  return to_csv(all);
}

}  // namespace iuf
