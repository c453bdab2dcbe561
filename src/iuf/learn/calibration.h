#pragma once

#include <string>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/method.h"
#include "iuf/learn/object_record.h"

namespace iuf {

/// Error where a judgement is none: what is not finite would pass for harmless wherever it is compared.
void require_finite(const Judgement& judgement);

/// A normal image, judged.
struct NormalScore {
  TrainingImage image;
  double score = 0;
  std::optional<double> median = {};  // of its map, where there is one
};
/// Error, naming the image, for a judgement that is none.
NormalScore normal_score(const TrainingImage& image, const Judgement& judgement);

/// Takes out the scores that stand apart (scores_apart, by more than five robust deviations), as far as they are few
/// (most_outliers); the record and a note name them.
void take_out_apart(std::vector<NormalScore>& scores, ObjectRecord& record, const Progress& progress);

/// What is said of a threshold that hangs on few scores, as on a defect among the images: a gap follows the highest
/// one, or up to a twentieth of them, of a quarter or more of what the next one is above the median, and with them the
/// threshold for this share of false alarms is farther above the median than without by three tenths more than those of
/// an exponential tail are. Names the highest one. Empty otherwise, and where that is one of the `others`, of which no
/// image is known.
std::string hangs_on_text(const std::vector<NormalScore>& scores, const std::vector<double>& others, double rate);
/// Remembers a text about the object and notes it; an empty one is none.
void remark(const std::string& text, ObjectRecord& record, const Progress& progress);

/// Puts an object's images into at most kMostFolds folds of nearly the same size, at random; images of one group (such
/// as frames of one part) stay together. Images beyond kMostJudged are in none, and none is where there is but one
/// group.
void assign_folds(std::vector<TrainingImage>& images, const std::vector<size_t>& groups, uint64_t key);
constexpr int64_t kMostFolds = 20;
constexpr size_t kMostJudged = 1000;

/// The scores of an object's images by what has not seen them: of `unseen`, what the method told; where it trains a
/// network, of the held-out images. Then the scores of those that the network has learned from, by statistics that have
/// not seen them, are moved by what the medians of both are apart, and are among them. Empty where nothing is unseen.
std::vector<NormalScore> unseen_scores(const JudgeNormal& judge, const MethodInfo& info, const StepData& data,
                                       const std::vector<NormalScore>& unseen, int64_t object);

/// The threshold and the colour scale of the step's object number n (of `names`), by a method that has learned the
/// step, from the scores of its normal images by what has not seen them (unseen_scores, conformal_threshold). Where
/// nothing unseen is left, the scores of all images stand in for it, and the record keeps none.
///
/// Scores that stand apart are not used (take_out_apart).
void calibrate(const JudgeNormal& judge, const MethodInfo& info, const StepData& data,
               const std::vector<NormalScore>& unseen, const Settings& settings, size_t n, ObjectRecord& record,
               const Progress& progress);

}  // namespace iuf
