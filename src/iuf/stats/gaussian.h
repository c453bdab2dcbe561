#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "iuf/stats/folds.h"
#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// A normal distribution over C channels: N(mean, L L^T), kept as mean and L^-1.
struct Gaussian {
  Tensor mean;      // C
  Tensor whitener;  // C x C, lower triangular: L^-1
  real log_det = 0;

  /// From a mean (C) and a positive definite covariance (C x C).
  static Gaussian of(const std::vector<double>& mean, const std::vector<double>& covariance);

  /// S = L L^T, row-major, as far as the whitener's single precision tells.
  std::vector<double> covariance() const;
  /// (x - mean)^T S^-1 (x - mean) of every row of tokens (... x C): one value a row.
  Tensor squared_distance(const Tensor& tokens) const;
  /// Its square root: the Mahalanobis distance.
  Tensor distance(const Tensor& tokens) const;
  /// Log-likelihood, up to a constant, of the position in the middle: a defect covers few of them. NaN where any
  /// position's is.
  double median_log_likelihood(const Tensor& tokens) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  static Gaussian load(const TensorFile& file, const std::string& prefix);
};

/// Which of several explanations has the highest log-likelihood, and the probability that it is the true one of them.
/// Where one is expected, that one and its probability, and thirdly the most likely one where that is another. A
/// log-likelihood that is not finite is an Error.
std::tuple<int64_t, double, std::optional<int64_t>> most_likely(const std::vector<double>& log_likelihoods,
                                                                std::optional<int64_t> expected = std::nullopt);

/// Collects rows, in double, image by image; nothing else of an image is kept.
class GaussianFit {
 public:
  explicit GaussianFit(int64_t channels) : channels_(channels) {}
  /// tokens: ... x C. `fold`: that of the image (stats/folds.h).
  void add(const Tensor& tokens, int64_t fold = kNoFold);
  /// The rows that finish(ridge) made this of, so many, by what it remembers of them in single precision. They are in
  /// no fold.
  void add(const Gaussian& known, int64_t rows, double ridge);
  /// The mean, and S = covariance + ridge * I, of all images, or of all but those of a fold.
  Gaussian finish(double ridge, int64_t without = kNoFold) const;

 private:
  struct Sums {
    int64_t rows = 0;
    std::vector<double> sum = {}, moment = {};  // C, C x C
  };
  int64_t channels_;
  std::vector<Sums> sums_ = std::vector<Sums>(1);  // of the images in no fold, and of each fold
};

}  // namespace iuf
