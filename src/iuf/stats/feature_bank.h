#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "iuf/features/training_image.h"
#include "iuf/stats/folds.h"
#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// Features of normal images and the objects they come from, searched for the nearest one.
struct FeatureBank {
  Tensor features;                    // n x C
  std::vector<int64_t> objects = {};  // n
  std::vector<int64_t> folds = {};    // n: of the images they come from; not kept in files

  int64_t size() const { return static_cast<int64_t>(objects.size()); }
  void append(const FeatureBank& other);

  /// For every row of tokens (T x C) the nearest feature by Euclidean distance. Exact: the candidates come from blocked
  /// matrix products with a running best, the distance of the best is computed anew from the differences. A value that
  /// is not finite is an Error.
  struct Nearest {
    Tensor distance;                // T
    std::vector<int64_t> features;  // T: rows of the bank
  };
  Nearest nearest(const Tensor& tokens) const;
  /// The `count` features nearest to one of the bank's own, itself first; fewer in a smaller bank.
  std::vector<int64_t> neighbours(int64_t feature, int64_t count) const;
  /// The object that most of the found features belong to, and their share. Where one is expected, that one and its
  /// share, and thirdly the object that most belong to where that is another.
  std::tuple<int64_t, double, std::optional<int64_t>> vote(const Nearest& found,
                                                           std::optional<int64_t> expected = std::nullopt) const;
  bool has(int64_t object) const;
  /// The features of this object alone.
  FeatureBank of(int64_t object) const;
  /// All but those that come from this fold of this object's images.
  FeatureBank without(int64_t object, int64_t fold) const;
  /// The features of all other objects; those of objects behind it as of the ones before them.
  FeatureBank without_object(int64_t object) const;
  /// The features of these rows.
  FeatureBank rows(const std::vector<int64_t>& numbers) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Throws Error when there is none, one belongs to none of `known` objects, or one is not finite.
  static FeatureBank load(const TensorFile& file, const std::string& prefix, int64_t known);
};

/// The features (T x C) that `load` gives of these images: all positions, or, where that is more than `limit`, as many
/// of each image, at random, and with more images than `limit` one of each of so many images. A feature that is not
/// finite is an Error that names the image.
FeatureBank gather_features(const std::vector<TrainingImage>& images,
                            const std::function<Tensor(const TrainingImage&)>& load, int64_t limit, uint64_t key);

}  // namespace iuf
