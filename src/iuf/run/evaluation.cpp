#include "iuf/run/evaluation.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "iuf/checks/unusual_pictures.h"
#include "iuf/features/in_order.h"
#include "iuf/run/exchanged_labels.h"
#include "iuf/run/figure_doubts.h"
#include "iuf/run/mask_doubts.h"
#include "iuf/run/mask_turns.h"
#include "iuf/run/object_figures.h"
#include "iuf/run/pixel_figures.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

// A test image: what the model makes of it, and what it gives the pixel figures.
struct Seen {
  ScoredImage image = {};
  Judgement judgement = {};
  PixelShare share = PixelShare::no_map;
  std::vector<std::string> mask_remarks = {};  // what is unusual about it
  std::vector<std::string> mask_values = {};   // that count as defects, where there are several
};

// Adds its pixels to the figures. A mask that cannot be used leaves its reason.
PixelShare count_pixels(Seen& seen, const Sample& sample, const ImageFeatures& features, const MetricsSize& size,
                        PixelFigures& pixels, MaskTurns& turns, MaskDoubts& doubts) {
  ScoredImage& image = seen.image;
  const Tensor& map = seen.judgement.map;
  if (!map.defined()) return PixelShare::no_map;
  if (!sample.defect) {
    pixels.add(image.file, map.span(), features.width, features.height, nullptr, seen.judgement.ignored.get());
    return PixelShare::counted;
  }
  if (sample.masks.empty()) return PixelShare::no_mask;
  Mask mask;
  try {
    mask = united_mask(sample.masks, masked_photo(features));
  } catch (const Error& e) {
    image.mask_error = e.what();
    return PixelShare::bad_mask;
  }
  seen.mask_remarks = mask.remarks;
  seen.mask_values = mask.values;
  if (size.kind != MetricsSize::Kind::published && !shows_defect(mask.image)) return PixelShare::empty_mask;
  pixels.add(image.file, map.span(), features.width, features.height, &mask.image, seen.judgement.ignored.get());
  turns.add(map.span(), map.dim(0), mask.image);
  doubts.add(map.span(), map.dim(0), mask.image, seen.judgement.ignored.get(), is_alarm(image.decision()));
  return PixelShare::counted;
}

// Judges an image and counts its pixels.
class Look {
 public:
  Look(const Model& model, const FeatureCache& cache, const MetricsSize& size, PixelFigures& pixels, MaskTurns& turns,
       MaskDoubts& doubts)
      : model_(model), cache_(cache), size_(size), pixels_(pixels), turns_(turns), doubts_(doubts) {}

  Seen operator()(const std::string& object, const Sample& sample, uint64_t hash, const std::string& error) const {
    Seen seen{.image = {.object = object,
                        .file = escaped(sample.file.string()),
                        .label_name = sample.label_name,
                        .defect = sample.defect,
                        .score = NAN,
                        .error = error}};
    if (!error.empty()) return seen;
    try {
      look(seen, sample, cache_.load(sample.file.string(), hash));
    } catch (const std::bad_alloc&) {
      seen.image.error = seen.image.file + ": out of memory: use fewer --threads";
    } catch (const std::exception& e) {
      seen.image.error = e.what();
      if (seen.image.error.find(seen.image.file) == std::string::npos)
        seen.image.error = seen.image.file + ": " + seen.image.error;
    }
    if (!seen.image.error.empty()) seen.image.score = NAN;
    return seen;
  }

 private:
  void look(Seen& seen, const Sample& sample, const ImageFeatures& features) const {
    seen.judgement = model_.judge(features);
    const Judgement& j = seen.judgement;
    const ObjectRecord& predicted = model_.objects()[static_cast<size_t>(j.object)];
    ScoredImage& image = seen.image;
    if (!std::isfinite(static_cast<float>(j.score))) fail("its score is ", j.score, ": check the model and the image");
    image.score = j.score;
    image.threshold = predicted.threshold;
    image.predicted_object = predicted.name;
    image.confidence = j.confidence;
    image.novelty = j.novelty;
    if (image.decision() == Verdict::error) fail("its score cannot be compared with the threshold: check the model");
    seen.share = count_pixels(seen, sample, features, size_, pixels_, turns_, doubts_);
  }

  const Model& model_;
  const FeatureCache& cache_;
  const MetricsSize size_;
  PixelFigures& pixels_;
  MaskTurns& turns_;
  MaskDoubts& doubts_;
};

// The mask's file, with its values where there are several.
std::string mask_text(const Sample& sample, const Seen& seen) {
  constexpr size_t most = 6;
  std::string file = sample.masks.front().string();
  if (seen.mask_values.empty()) return file;
  std::vector<std::string> values = seen.mask_values;
  if (values.size() > most) {
    values.resize(most);
    values.emplace_back("...");
  }
  return file + " (values " + joined(values) + ")";
}

ObjectEvaluation evaluate_object(const Model& model, size_t number, const std::vector<Sample>& samples,
                                 const FeatureCache& cache, const MetricsSize& size, GalleryWriter& gallery,
                                 const Progress& progress) {
  const ObjectRecord& object = model.objects()[number];
  std::vector<std::string> files;
  for (const Sample& sample : samples) files.push_back(sample.file.string());
  std::vector<std::string> errors(files.size());
  const std::vector<ImageFacts> facts =
      cache.read(files, "features of " + object.name, progress,
                 [&](size_t place, const std::string& reason) { errors[place] = reason; });
  Findings findings;
  for (size_t i = 0; i < files.size(); ++i)
    if (errors[i].empty()) find_unusual(facts[i].picture, model.extractor().reading().window, i, files[i], findings);
  gallery.begin_object(number, samples);
  ObjectEvaluation evaluation;
  ObjectFigures figures(object);
  PixelFigures pixels(size, model.settings().image_size);
  MaskTurns turns;
  MaskDoubts doubts;
  const Look look(model, cache, size, pixels, turns, doubts);
  std::vector<Seen> seen(kInOrderSlots);
  in_order(
      samples.size(),
      [&](size_t i, size_t slot) { seen[slot] = look(object.name, samples[i], facts[i].content, errors[i]); },
      [&](size_t i, size_t slot) {
        const ScoredImage& image = seen[slot].image;
        figures.add(image, seen[slot].share);
        for (const std::string& remark : seen[slot].mask_remarks)
          findings.add(remark, i, mask_text(samples[i], seen[slot]));
        gallery.add(i, samples[i], image, seen[slot].judgement);
        evaluation.images.push_back(image);
        progress("evaluating " + object.name, static_cast<int64_t>(i) + 1, static_cast<int64_t>(samples.size()));
      });
  const PixelFigures::Result pixel = pixels.result();
  evaluation.result = figures.result(pixel.rank, pixel.aupro);
  for (const std::string& line : findings.lines()) evaluation.result.notes.push_back(line);
  for (const std::string& text : {turns.remark(), turns.exchange_remark()})
    if (!text.empty()) evaluation.result.notes.push_back(text);
  for (const std::string& text : doubts.remarks()) evaluation.result.notes.push_back(text);
  return evaluation;
}

}  // namespace

std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery_options,
                                       const Progress& progress, std::optional<MetricsSize> size) {
  const MetricsSize counted = size ? *size : metrics_size_of(model.settings().metrics_size);
  std::vector<ObjectEvaluation> evaluations;
  GalleryWriter gallery(gallery_options, model);
  for (const std::string& name : objects) {
    const auto known = std::ranges::find(model.objects(), name, &ObjectRecord::name);
    if (known == model.objects().end()) fail("object '", name, "' is not in the model");
    evaluations.push_back(evaluate_object(model, static_cast<size_t>(known - model.objects().begin()),
                                          data.select(name, Part::test), cache, counted, gallery, progress));
    ObjectEvaluation& last = evaluations.back();
    for (std::string text : {exchanged_labels(last.images, objects.size()), passed_above_normal(last.images),
                             labels_without_order(last.images), too_few_to_rank(last.images)})
      if (!text.empty()) last.result.notes.push_back(std::move(text));
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
