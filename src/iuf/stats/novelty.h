#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/stats/outliers.h"
#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// What an image holds as a whole, wherever in it: mean and deviation of every channel over the rows of tokens (T x C),
/// 2 C values, the means first.
Tensor channel_moments(const Tensor& tokens);

/// Tells images that are unlike an object's normal ones as a whole: a part that is not there, a frame without an image.
/// The anomaly score asks whether every place of an image is normal somewhere; this asks whether the image holds
/// everything it should, and as much of it as usual.
///
/// Of an image it takes x = (m_c / s_c, log(d_c / s_c + 0.02)), with m_c and d_c the image's channel moments and s_c
/// the deviation of channel c over all positions of all normal images. Of x it keeps mean and variance over the normal
/// images, each variance pooled with the mean one of its kind, as many channels are estimated from few images. The
/// distance is sqrt(mean of (x - mean)^2 / variance), too little as far as too much.
///
/// Its limit comes from ten-fold cross-validation on the same images: the distances of normal images are taken for
/// log-normal, and the limit is what the next one exceeds once in a thousand (with Student's t), not less than 1.3
/// times the largest one.
class NoveltyDetector {
 public:
  /// Fewer images say nothing about how much normal ones differ.
  static constexpr size_t kLeastImages = 4;

  /// From channel moments (2 C) of normal images, each image once; absent for too few of them. Moments that are not
  /// finite are an Error.
  static std::optional<NoveltyDetector> fit(const std::vector<Tensor>& images);
  /// From what is known of `count` images and from the moments of further ones, at least one: mean and variance are
  /// those of all, in the units of the known ones (s); the limit is the larger one of the known one and of that of the
  /// further images, whose distances are to all others but a tenth of themselves.
  static NoveltyDetector extended(const NoveltyDetector& known, size_t count, const std::vector<Tensor>& images);
  /// The images, by their channel moments, that as a whole are unlike the others of their object: their distance to the
  /// others is above 1.5, the least limit, and above 3.5 times the median of the others' cross-validated ones (normal
  /// images reach 3 times). No outlier is among the images that it is compared with: first these are the closest 60 %,
  /// then all that are no outliers, until this does not change. None of fewer than four.
  static Outliers outliers(const std::vector<Tensor>& images);
  /// Distance / limit of an image's channel moments: above 1 it is unlike the normal ones. An Error where the number of
  /// channels is another.
  double operator()(const Tensor& moments) const { return distance(moments) / static_cast<double>(limit_); }

  /// Channel moments of an image in the middle of the normal ones.
  Tensor centre() const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Absent where the file has none. Throws Error for shapes or values that fit() does not give.
  static std::optional<NoveltyDetector> load(const TensorFile& file, const std::string& prefix);

 private:
  double distance(const Tensor& moments) const;
  /// Of all images but those whose number is `left_out` modulo `folds`.
  static NoveltyDetector statistics(const std::vector<Tensor>& images, size_t folds, size_t left_out);
  /// Cross-validated distances of the images that are `inside`; those of the others from all that are inside.
  static std::vector<double> distances_to_others(const std::vector<Tensor>& images, const std::vector<char>& inside);
  static double limit_of(const std::vector<double>& distances);
  /// Mean and variance of x over so many images.
  struct Spread {
    double images = 0;
    std::vector<double> mean = {}, variance = {};
  };
  static Spread spread_of(const std::vector<const Tensor*>& images, const Tensor& scale);
  /// That of the `count` images that it was made of.
  Spread spread(size_t count) const;
  static Spread joined(const Spread& a, const Spread& b);
  static NoveltyDetector of(const Spread& spread, const Tensor& scale);

  Tensor scale_;             // C
  Tensor mean_, deviation_;  // 2 C
  real limit_ = 1;
};

}  // namespace iuf
