#include "iuf/learn/calibration.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "iuf/learn/normal_images.h"
#include "iuf/stats/conformal.h"
#include "iuf/stats/folds.h"
#include "iuf/stats/threshold.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr double kGapDeviations = 5;
constexpr size_t kFewestHung = 10;
constexpr double kHungGap = 1.25, kHungShare = 1.3;

std::vector<double> values_of(const std::vector<NormalScore>& scores) {
  std::vector<double> values;
  for (const NormalScore& s : scores) values.push_back(s.score);
  return values;
}

// As the method has learned them all.
std::vector<NormalScore> scores_of(const JudgeNormal& judge, const std::vector<TrainingImage>& images) {
  std::vector<NormalScore> scores(images.size());
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t i, int64_t) {
    const TrainingImage& image = images[static_cast<size_t>(i)];
    scores[static_cast<size_t>(i)] = normal_score(image, judge(image));
  });
  return scores;
}

}  // namespace

std::vector<NormalScore> unseen_scores(const JudgeNormal& judge, const MethodInfo& info, const StepData& data,
                                       const std::vector<NormalScore>& unseen, int64_t object) {
  std::vector<TrainingImage> held_out;
  std::ranges::copy_if(data.held_out, std::back_inserter(held_out),
                       [&](const TrainingImage& image) { return image.object == object; });
  if (info.trains && !info.folds) return scores_of(judge, held_out);
  std::set<uint64_t> held;
  for (const TrainingImage& image : held_out) held.insert(image.hash);
  std::vector<NormalScore> scores, learned;  // by a network that has not seen them, and one that has
  for (const NormalScore& s : unseen)
    if (s.image.object == object) (!info.trains || held.contains(s.image.hash) ? scores : learned).push_back(s);
  if (scores.empty()) return {};
  if (learned.empty()) return scores;
  const double moved = quantile(values_of(scores), 0.5) - quantile(values_of(learned), 0.5);
  for (NormalScore& s : learned) s.score += moved;
  scores.insert(scores.end(), learned.begin(), learned.end());
  return scores;
}

NormalScore normal_score(const TrainingImage& image, const Judgement& j) {
  try {
    require_finite(j);
  } catch (const Error& e) {
    fail(image.file, ": ", e.what());
  }
  NormalScore s{.image = image, .score = j.score};
  if (!j.map.defined()) return s;
  std::vector<double> values;
  for (int64_t i = 0; i < j.map.size(); ++i)
    if (!j.ignored || !j.ignored->holds(i)) values.push_back(static_cast<double>(j.map.data()[i]));
  s.median = quantile(std::move(values), 0.5);
  return s;
}

void take_out_apart(std::vector<NormalScore>& scores, ObjectRecord& record, const Progress& progress) {
  const std::vector<double> values = values_of(scores);
  if (values.empty()) return;
  const Outliers apart = scores_apart(values, kGapDeviations * robust_deviation(values));
  if (apart.which.empty()) return;
  const bool few = apart.which.size() <= most_outliers(scores.size());
  std::vector<TrainingImage> images;
  for (const NormalScore& s : scores) images.push_back(s.image);
  remark(outliers_text(
             "normal images", images, apart, "score",
             few ? "not used for the threshold; look at them, and leave out what is no normal part"
                 : "used for the threshold, as they are so many; are there two kinds of parts? Defects can be missed: "
                   "look at them"),
         record, progress);
  if (!few) return;
  for (auto i = apart.which.rbegin(); i != apart.which.rend(); ++i)
    scores.erase(scores.begin() + static_cast<std::ptrdiff_t>(*i));
}

std::string hangs_on_text(const std::vector<NormalScore>& scores, const std::vector<double>& others, double rate) {
  std::vector<double> values = values_of(scores);
  values.insert(values.end(), others.begin(), others.end());
  if (scores.empty() || values.size() < kFewestHung) return "";
  const auto highest = std::ranges::max_element(scores, {}, &NormalScore::score);
  std::ranges::sort(values);
  if (highest->score < values.back()) return "";
  const double median = quantile(values, 0.5), threshold = conformal_threshold(values, rate);
  const size_t all = values.size(), most = std::max<size_t>(1, all / 20);
  // How far above the median the threshold is, had the scores an exponential tail: that of the rank-th highest score.
  const auto above = [&](size_t rank) { return std::log(0.5 * static_cast<double>(all) / static_cast<double>(rank)); };
  const auto own_rank = std::max<size_t>(1, static_cast<size_t>(rate * static_cast<double>(all + 1)));
  for (size_t few = 1; few <= most; ++few) {
    const double last = values.back() - median;
    values.pop_back();
    const double without = conformal_threshold(values, rate);
    const double usual = above(own_rank) / above(own_rank + few);
    if (last < kHungGap * (values.back() - median) || threshold - median < kHungShare * usual * (without - median))
      continue;
    return "its threshold, " + rounded(threshold) + ", hangs on " + std::to_string(few) + " of " + std::to_string(all) +
           " normal images, " + (few == 1 ? "" : "the highest score: ") + plain_text(highest->image.file) +
           ", and would be " + rounded(without) + " without " + (few == 1 ? "it" : "them") + ": look at " +
           (few == 1 ? "it" : "them") + ", and take out what is no normal part; defects can be missed";
  }
  return "";
}

void remark(const std::string& text, ObjectRecord& record, const Progress& progress) {
  if (text.empty()) return;
  record.remarks.push_back(text);
  progress.note(record.name + ": " + text);
}

void assign_folds(std::vector<TrainingImage>& images, const std::vector<size_t>& groups, uint64_t key) {
  std::map<size_t, std::vector<size_t>> by_group;  // numbers of images
  for (size_t i = 0; i < groups.size(); ++i) by_group[groups[i]].push_back(i);
  std::vector<std::vector<size_t>> members;
  for (auto& [group, of_group] : by_group) members.push_back(std::move(of_group));
  const int64_t count = std::ssize(members);
  const int64_t folds = std::min(count, kMostFolds);
  for (TrainingImage& image : images) image.fold = kNoFold;
  if (folds < 2) return;
  // The groups in random order, each into the fold that is smallest so far.
  std::vector<size_t> sizes(static_cast<size_t>(folds));
  size_t judged = 0;
  for (const int64_t g : random_permutation(count, key)) {
    const auto fold = static_cast<size_t>(std::ranges::min_element(sizes) - sizes.begin());
    if (judged >= kMostJudged) break;
    const std::vector<size_t>& group = members[static_cast<size_t>(g)];
    for (const size_t i : group) images[i].fold = static_cast<int64_t>(fold);
    sizes[fold] += group.size();
    judged += group.size();
  }
  if (std::ranges::max(sizes) + 2 > images.size())
    for (TrainingImage& image : images) image.fold = kNoFold;
}

void require_finite(const Judgement& j) {
  const auto need = [](bool finite, const char* what) {
    if (!finite) fail("the ", what, " is not a finite number: the image or the model is damaged");
  };
  need(std::isfinite(j.score), "score");
  need(std::isfinite(j.confidence), "confidence");
  need(!j.novelty || std::isfinite(*j.novelty), "novelty");
  need(!j.map.defined() || kernel::all_finite(j.map), "anomaly map");
}

void calibrate(const JudgeNormal& judge, const MethodInfo& info, const StepData& data,
               const std::vector<NormalScore>& unseen, const Settings& settings, size_t n, ObjectRecord& record,
               const Progress& progress) {
  if (record.train_images == 0) {  // known by name alone
    record.low = record.high = std::nullopt;
    return;
  }
  const int64_t object = data.first_object + static_cast<int64_t>(n);
  std::vector<NormalScore> scores = unseen_scores(judge, info, data, unseen, object);
  const bool stand_in = scores.empty();
  if (stand_in) scores = scores_of(judge, images_of(data, n));
  take_out_apart(scores, record, progress);
  const std::vector<double> values = values_of(scores);
  const double threshold = conformal_threshold(values, settings.false_alarms);
  record.threshold = threshold;
  record.false_alarms = settings.false_alarms;
  if (!stand_in) {
    record.scores = values;
    std::ranges::sort(record.scores);
    remark(hangs_on_text(scores, {}, settings.false_alarms), record, progress);
  }
  std::vector<double> usual;
  for (const NormalScore& s : scores)
    if (s.median) usual.push_back(*s.median);
  if (usual.empty()) return;
  // Blue is what is usual, the middle of the scale the threshold.
  const double low = quantile(usual, 0.5);
  record.low = low;
  record.high = low + 2 * std::max(threshold - low, 1e-6);
}

}  // namespace iuf
