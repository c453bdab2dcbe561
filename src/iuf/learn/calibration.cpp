#include "iuf/learn/calibration.h"

#include <algorithm>
#include <cmath>

#include "iuf/learn/normal_images.h"
#include "iuf/stats/threshold.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr double kGapDeviations = 5;

struct Scores {
  std::vector<TrainingImage> images = {};
  std::vector<double> values = {};                  // of these images
  std::vector<std::optional<double>> medians = {};  // of their maps, where there are maps

  std::vector<double> known_medians() const {
    std::vector<double> known;
    for (const auto& median : medians)
      if (median) known.push_back(*median);
    return known;
  }
};

// The scores of an object's images among these.
Scores scores_of(const Method& method, const StepData& data, const std::vector<TrainingImage>& images, int64_t object) {
  Scores scores;
  std::ranges::copy_if(images, std::back_inserter(scores.images),
                       [&](const TrainingImage& image) { return image.object == object; });
  scores.values.resize(scores.images.size());
  scores.medians.resize(scores.images.size());
  parallel_for(static_cast<int64_t>(scores.images.size()), 1, [&](int64_t i, int64_t) {
    const auto at = static_cast<size_t>(i);
    const Judgement j = method.judge_normal(data.load(scores.images[at], {}), object);
    try {
      require_finite(j);
    } catch (const Error& e) {
      fail(scores.images[at].file, ": ", e.what());
    }
    scores.values[at] = j.score;
    if (j.map.defined()) scores.medians[at] = quantile({j.map.data(), j.map.data() + j.map.size()}, 0.5);
  });
  return scores;
}

void take_out(Scores& scores, const std::vector<size_t>& which) {
  for (auto i = which.rbegin(); i != which.rend(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(*i);
    scores.images.erase(scores.images.begin() + at);
    scores.values.erase(scores.values.begin() + at);
    scores.medians.erase(scores.medians.begin() + at);
  }
}

// Takes out the scores that stand apart and names them. Returns how many.
int64_t take_out_apart(const char* kind, Scores& scores, double least_gap, ObjectRecord& record,
                       const Progress& progress) {
  const Outliers apart = scores_apart(scores.values, least_gap);
  if (apart.which.empty()) return 0;
  const bool few = apart.which.size() <= most_outliers(scores.images.size());
  record.remarks.push_back(outliers_text(
      kind, scores.images, apart, "score",
      few ? "not used for the threshold; look at them, and leave out what is no normal part"
          : "used for the threshold, as they are so many; are there two kinds of parts? Defects can be missed: look at "
            "them"));
  progress.note(record.name + ": " + record.remarks.back());
  if (!few) return 0;
  take_out(scores, apart.which);
  return static_cast<int64_t>(apart.which.size());
}

}  // namespace

void require_finite(const Judgement& j) {
  const auto need = [](bool finite, const char* what) {
    if (!finite) fail("the ", what, " is not a finite number: the image or the model is damaged");
  };
  need(std::isfinite(j.score), "score");
  need(std::isfinite(j.confidence), "confidence");
  need(!j.novelty || std::isfinite(*j.novelty), "novelty");
  need(!j.map.defined() || kernel::all_finite(j.map), "anomaly map");
}

void calibrate(const Method& method, const StepData& data, const std::vector<TrainingImage>& held_out_images,
               const Settings& settings, size_t n, ObjectRecord& record, const Progress& progress) {
  if (record.train_images == 0) {  // known by name alone
    record.low = record.high = std::nullopt;
    return;
  }
  const int64_t object = data.first_object + static_cast<int64_t>(n);
  const auto score = [&](const std::vector<TrainingImage>& images) { return scores_of(method, data, images, object); };
  Scores training, held_out;
  if (record.held_out_images > 0) held_out = score(held_out_images);
  double least_gap = 0;
  if (needs_training_scores(held_out.values.size(), settings.quantile)) {
    training = score(data.images);
    take_out_apart("normal images that it learned from", training, 0, record, progress);
    least_gap = kGapDeviations * robust_deviation(training.values);
  }
  record.held_out_images -= take_out_apart("held-out normal images", held_out, least_gap, record, progress);
  if (training.values.empty() && needs_training_scores(held_out.values.size(), settings.quantile))
    training = score(data.images);
  const double threshold = score_threshold(held_out.values, training.values, settings.quantile);
  record.threshold = threshold;
  const std::vector<double> usual = (record.held_out_images > 0 ? held_out : training).known_medians();
  if (usual.empty()) return;
  // Blue is what is usual, the middle of the scale the threshold.
  const double low = quantile(usual, 0.5);
  record.low = low;
  record.high = low + 2 * std::max(threshold - low, 1e-6);
}

}  // namespace iuf
