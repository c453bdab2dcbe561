#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/features.h"
#include "nn/safetensors.h"

namespace iuf {

/// Coarse views of the photographs that an object was learned from, by which a model knows them again when they come
/// back saved anew, as a JPEG or somewhat smaller; ImageFacts::photograph knows equal pixels alone.
class KnownViews {
 public:
  static constexpr int64_t kSide = 16;  // cells

  /// Gray means of kSide x kSide cells of a picture as the model sees it, without what is ignored, in eighths of a
  /// level, which half precision keeps; empty where the picture has less pixels a side. `ignored`: null or of the
  /// pixels' size.
  static std::vector<float> view_of(const ImageFeatures& features, const IgnoredRegion* ignored);

  /// One that is empty is left out.
  void add(const std::vector<float>& view);
  void add(const KnownViews& others) { views_.insert(views_.end(), others.views_.begin(), others.views_.end()); }
  size_t size() const { return views_.size(); }
  const std::vector<float>& view(size_t place) const { return views_.at(place); }

  /// What of two views is compared: all cells, or all but the tenth that differs most, as where a defect was drawn in.
  enum class Compared { all, most };
  /// Of which known view each of these is a copy, by its place as they were added; empty: of none. A copy lies near one
  /// of them and far from the next: within `kMostApart` levels of it (root mean square), and nearer than chance
  /// explains. Of views that fill m dimensions, whatever their density, the nearest is closer than r times the second
  /// nearest with probability r^m (Facco et al. 2017), and m is what the known views say of one another, estimated from
  /// so many of them: r = exp(-x) has probability (1 + x / S)^-n, where S is the sum of x over n known ones. Of the new
  /// views, those are chosen of which no more than kChance are expected to be falsely so (Benjamini and Hochberg 1995,
  /// Storey 2002); where none is a copy, any is with that probability. A false one costs an image that does not count,
  /// and is said. Frames of a part that does not move are as near to several, and are no copies. None with fewer than
  /// kFewest known ones.
  std::vector<std::optional<size_t>> known(const std::vector<std::vector<float>>& views,
                                           Compared compared = Compared::all) const;
  static constexpr double kMostApart = 2, kChance = 0.01;
  static constexpr size_t kFewest = 4;

  /// Which of these views show parts that known ones show, photographed anew: moved or turned by little. A view and a
  /// known one are a pair where each is the nearest of all to the other, but for what a move, a turn or the light
  /// changes. Where all views are of different parts, known or not, a point is the nearest of its nearest one with a
  /// probability of at most 2/3, which is that on a line (Dacey 1969), and the known ones have their share in that. The
  /// pairs are told where chance gives so many of them with a probability of at most kChanceOfAgain: one image alone
  /// says nothing. None where they are by more than kMostLighter lighter or darker (the median): the same parts under
  /// another lamp are worth learning. At most kMostAgain known views are looked at.
  std::vector<uint8_t> taken_again(const std::vector<std::vector<float>>& views) const;
  static constexpr double kChanceOfAgain = 1e-4, kMostLighter = 0.03;
  static constexpr size_t kMostAgain = 2000;

  void save(SafetensorsWriter& writer, const std::string& name) const;
  /// Empty where the file has none, as of an older version. Error for another shape.
  static KnownViews load(const TensorFile& file, const std::string& name);

 private:
  std::vector<std::vector<float>> views_ = {};
};

/// The views of the images at these places, in their order; `ignored`: null, or what view_of() leaves out.
std::vector<std::vector<float>> views_of(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                                         const std::vector<size_t>& places, const FeatureCache& cache,
                                         const std::shared_ptr<const IgnoredRegion>& ignored);

/// Images that a model may have seen before. Each one's view is computed once for all objects that ignore the same.
class SeenImages {
 public:
  /// `facts`: of the files, which the cache read. All three must outlive it.
  SeenImages(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts, const FeatureCache& cache)
      : files_(files), facts_(facts), cache_(cache) {}
  const std::vector<std::string>& files() const { return files_; }
  const std::vector<ImageFacts>& facts() const { return facts_; }
  /// Of each image, in order; empty where it cannot be used or is nearly constant.
  const std::vector<std::vector<float>>& views(const std::shared_ptr<const IgnoredRegion>& ignored);

 private:
  const std::vector<std::string>& files_;
  const std::vector<ImageFacts>& facts_;
  const FeatureCache& cache_;
  std::map<const IgnoredRegion*, std::vector<std::vector<float>>> views_ = {};
};

}  // namespace iuf
