#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/features/working_features.h"
#include "iuf/image/ignored_region.h"
#include "iuf/image/mask.h"
#include "iuf/image/photograph.h"
#include "iuf/settings/settings.h"
#include "nn/backbone.h"

namespace iuf {

/// Everything about an image that depends on the image alone, so that it is computed once.
struct ImageFeatures {
  int width = 0, height = 0;    // of the upright photograph, before resizing
  PictureFacts facts = {};      // of the file
  std::vector<uint8_t> pixels;  // resized RGB: size x size x 3
  Tensor aligned;               // grid * grid x C, not standardised
  Tensor local;                 // T x C
  /// What is seen of the photograph at a working size; computed, or read from the cache, when it is asked for.
  std::function<WorkingFeatures(const WorkingSize&)> at = {};
  /// The same image with this region blanked (FeatureExtractor::ignoring), all parts of it; the extractor or the cache
  /// that gave the features must be there still.
  std::function<ImageFeatures(const std::shared_ptr<const IgnoredRegion>&)> ignoring = {};
};

/// Their pixels as a square of size x size, resized again where they have another size.
Image pixels_at(const ImageFeatures& features, int64_t size);

/// Which parts of an image's features are wanted; the others stay empty.
struct Parts {
  bool pixels = true, aligned = true, local = true;
};

class FeatureExtractor {
 public:
  FeatureExtractor(const Backbone& backbone, const Settings& settings);
  /// The same, which sees the backbone's mean colour in place of what the region ignores: features do not depend on
  /// what is there, to the last bit.
  FeatureExtractor ignoring(std::shared_ptr<const IgnoredRegion> region) const;
  /// A photograph as the model sees it: the one way to read what is judged or learned. Errors name the file.
  Photograph read(const std::filesystem::path& path) const;
  Photograph decode(std::span<const std::byte> bytes, const std::string& name) const;
  /// Of an image that is as read() leaves it.
  ImageFeatures operator()(const Image& image) const;
  ImageFeatures operator()(const Photograph& photograph) const;
  /// As ImageFeatures::at.
  WorkingFeatures at(const Image& image, const WorkingSize& size) const;
  const PhotoReading& reading() const { return reading_; }
  /// From now on, 16-bit images are read by this window.
  void set_window(const ValueWindow& window) { reading_.window = window; }
  /// Tells apart what gives other features: backbone weights, sizes, alignment, orientation, the ignored region; but
  /// for the window, which matters for 16-bit images alone.
  uint64_t fingerprint() const { return fingerprint_; }
  int64_t size() const { return size_; }
  /// Whether these parts are there, in the shapes that it gives.
  bool fits(const ImageFeatures& features, Parts parts) const;
  bool fits(const WorkingFeatures& features, const WorkingSize& size) const;

 private:
  ImageFeatures features(const Image& image) const;
  Image blanked(const Image& image) const;

  const Backbone& backbone_;
  int64_t size_, grid_;
  Align align_;
  PhotoReading reading_;
  uint64_t fingerprint_;
  std::shared_ptr<const IgnoredRegion> ignored_ = {};
};

/// What an image file holds, by its content.
struct ImageFacts {
  uint64_t content = 0;     // hash_bytes() of the file: names its entry; 0: it cannot be used
  uint64_t photograph = 0;  // of the decoded pixels: equal for a copy that was written anew without loss
  int width = 0, height = 0;
  PictureFacts picture = {};
};
inline MaskedPhoto masked_photo(const ImageFacts& f) {
  return {f.width, f.height, f.picture.orientation};
}
inline MaskedPhoto masked_photo(const ImageFeatures& f) {
  return {f.width, f.height, f.facts.orientation};
}
/// Of its size and its pixels, all 16 bits of them where it has these, whatever the window.
uint64_t photograph_hash(const Photograph& photograph);

/// What a folder that cannot be written means: an Error, where features are needed over and over, or a remark, and
/// features are computed wherever they are needed.
enum class Unwritable { error, note };

/// Features on disk, one file per image under hash_bytes() of its content: whoever needs an image again maps it. Files
/// are written whole, so any number of processes may share a folder; one that cannot be read or has other shapes is
/// computed again. An image of 224 x 224 takes 0.8 MB with EfficientNet-Lite0. The folder stays within the place's
/// bytes (CacheBound); what finds no room is computed wherever it is needed.
class FeatureCache {
 public:
  /// A place without a folder is the current one.
  FeatureCache(const CachePlace& place, const FeatureExtractor& extractor, Unwritable unwritable = Unwritable::error);

  /// Told the place of an image that cannot be used, and the reason, which names it.
  using ImageProblem = std::function<void(size_t place, const std::string& reason)>;
  /// Reads the files and computes the features that are missing, in parallel over images; progress counts these, as the
  /// named stage. Returns what they hold, in order. Those that cannot be used are told to `problem`; without one they
  /// are an Error that names the first of them, once all were looked at.
  std::vector<ImageFacts> read(const std::vector<std::string>& files, const std::string& stage,
                               const Progress& progress, const ImageProblem& problem = {}) const;
  /// The features of an image that read() found this content in; `file` is decoded again if its entry is not there
  /// or unfit.
  ImageFeatures load(const std::string& file, uint64_t hash, Parts parts = {}) const;
  const FeatureExtractor& extractor() const { return extractor_; }

 private:
  friend class IgnoringCache;
  FeatureCache(const FeatureCache& other, const FeatureExtractor& extractor);
  std::filesystem::path entry(uint64_t hash) const;       // of an image whatever the window, or of the whole one
  std::filesystem::path deep_entry(uint64_t hash) const;  // of a 16-bit image by the extractor's window
  std::filesystem::path entry_of(const ImageFeatures& features, uint64_t hash) const;
  WorkingFeatures at(const std::string& file, uint64_t hash, bool deep, const WorkingSize& size) const;
  std::string keep(const ImageFeatures& features, const ImageFacts& facts) const;
  Photograph decode_again(const std::string& file, uint64_t hash) const;
  ImageFeatures compute(const std::string& file, uint64_t hash) const;
  ImageFeatures ignoring(const std::string& file, uint64_t hash,
                         const std::shared_ptr<const IgnoredRegion>& region) const;

  std::filesystem::path root_, folder_;  // of all extractors; of this one
  const FeatureExtractor& extractor_;
  Unwritable unwritable_;
  std::shared_ptr<CacheBound> bound_;          // of the root
  mutable std::atomic<bool> writable_ = true;  // as far as is known
  mutable std::atomic<bool> full_ = false;     // something found no room, which was said
};

/// The same folder, by an extractor that ignores a region.
class IgnoringCache {
 public:
  /// The other one's extractor must be there still.
  IgnoringCache(const FeatureCache& other, std::shared_ptr<const IgnoredRegion> region)
      : extractor_(other.extractor_.ignoring(std::move(region))), cache_(other, extractor_) {}
  IgnoringCache(const IgnoringCache&) = delete;
  IgnoringCache& operator=(const IgnoringCache&) = delete;
  const FeatureCache& operator*() const { return cache_; }

 private:
  const FeatureExtractor extractor_;
  const FeatureCache cache_;
};

/// Of several problems the first few, and how many there are; one alone stands for itself.
std::string problems_text(const std::vector<std::string>& problems);

}  // namespace iuf
