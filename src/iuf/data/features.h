#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "iuf/data/image.h"
#include "iuf/data/progress.h"
#include "iuf/settings/settings.h"
#include "nn/backbone.h"

namespace iuf {

/// Everything about an image that depends on the image alone, so that it is computed once.
struct ImageFeatures {
  int width = 0, height = 0;    // of the file, before resizing
  std::vector<uint8_t> pixels;  // resized RGB: size x size x 3
  Tensor aligned;               // grid * grid x C, not standardised
  Tensor local;                 // T x C
};

/// Their pixels as a square of size x size, resized again where they have another size.
Image pixels_at(const ImageFeatures& features, int64_t size);

/// Which parts of an image's features are wanted; the others stay empty.
struct Parts {
  bool pixels = true, aligned = true, local = true;
};

/// The resized image as the networks take it: 1 x size x size x 3, (value - mean) / deviation.
Tensor normalised_image(const BackboneInfo& backbone, std::span<const uint8_t> pixels, int64_t size);

class FeatureExtractor {
 public:
  FeatureExtractor(const Backbone& backbone, const Settings& settings);
  ImageFeatures operator()(const Image& image) const;
  /// Tells apart what gives other features: backbone weights, sizes, alignment.
  uint64_t fingerprint() const { return fingerprint_; }
  int64_t size() const { return size_; }
  /// Whether these parts are there, in the shapes that it gives.
  bool fits(const ImageFeatures& features, Parts parts) const;

 private:
  const Backbone& backbone_;
  int64_t size_, grid_;
  Align align_;
  uint64_t fingerprint_;
};

/// Features on disk, one file per image under hash_bytes() of its content: whoever needs an image again maps it. Files
/// are written whole, so any number of processes may share a folder; one that cannot be read or has other shapes is
/// computed again. An image of 224 x 224 takes 0.8 MB with EfficientNet-Lite0.
class FeatureCache {
 public:
  FeatureCache(std::filesystem::path folder, const FeatureExtractor& extractor);

  /// Computes what is missing, in parallel over images; progress counts these, as the named stage. Returns the content
  /// hashes, in order. An image that cannot be used is told to `problem`, by its place and the reason that names it,
  /// and has the hash 0; without a `problem` it is an Error.
  using ImageProblem = std::function<void(size_t place, const std::string& reason)>;
  std::vector<uint64_t> prepare(const std::vector<std::string>& files, const std::string& stage,
                                const Progress& progress, const ImageProblem& problem = {}) const;
  /// The features of an image that prepare() returned this hash for; `file` is decoded again if its entry is not there
  /// or unfit.
  ImageFeatures load(const std::string& file, uint64_t hash, Parts parts = {}) const;

 private:
  std::filesystem::path entry(uint64_t hash) const;
  ImageFeatures compute(const std::string& file, uint64_t hash) const;

  std::filesystem::path folder_;
  const FeatureExtractor& extractor_;
};

}  // namespace iuf
