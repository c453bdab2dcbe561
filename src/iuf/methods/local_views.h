#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/features.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/gaussian.h"
#include "iuf/stats/surroundings.h"

namespace iuf {

/// An object's local features as several views show them (View): what is small in the fine one, what is large in the
/// coarse one, what is odd as a thing in the deep one. Each has its surroundings; their standardised distances are
/// averaged. What distances are usual is measured on images that the surroundings have not seen, where there are folds:
/// a view that fits its own images too well would else count for too much.
///
/// The view of the whole picture (View::whole) gives one value beside the map, how odd the picture is at all. Among
/// images that nothing has seen, it deviates as much as the score of the map (--pooling) does. Where there are no folds
/// to measure that on, it is left out.
class LocalViews {
 public:
  struct Input {
    size_t images = 0;                                     // at least 1, all of one object
    std::function<ImageFeatures(size_t image)> load = {};  // thread-safe; the local features, and at()
    std::function<void()> progress = [] {};                // called passes() times for an image, or once less in a view
    std::vector<int64_t> folds = {};                       // of every image (stats/folds.h), or empty
    /// Of earlier images of the object, which these join: their working size and their scales stay. Outlives the call.
    const LocalViews* known = nullptr;
    int64_t known_images = 0;
  };
  /// The distances of an image's positions in each view: rows x columns; of the whole picture, the last one, 1. Empty
  /// of an image that is in no fold.
  using Distances = std::vector<Tensor>;
  struct Fitted;
  static Fitted fit(const Input& input, const Settings& settings, const BackboneInfo& backbone);
  static int64_t passes(const Settings& settings);

  /// The map: image_size x image_size, above 0 where a position is less usual than most.
  ImageScores scores(const ImageFeatures& image, const Settings& settings) const {
    return scores(distances(image), settings);
  }
  ImageScores scores(const Distances& distances, const Settings& settings) const;
  /// Of how many views the map is the mean.
  size_t maps() const { return views_.size(); }

  /// The tensors; the scales are kept elsewhere.
  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Mean and deviation of every view, one behind the other.
  std::vector<double> scales() const;
  /// Throws Error naming the file for what no fit gives.
  static LocalViews load(const TensorFile& file, const std::string& prefix, const Settings& settings,
                         const std::vector<double>& scales);

 private:
  struct Seen {
    View view;
    Surroundings surroundings;
    ScoreScale scale = {};
  };
  struct Whole {
    Gaussian gaussian;  // of the composition of the deepest layer's channels
    ScoreScale scale = {};
  };
  static void fit_view(const Input& input, const Settings& settings, View view, const Seen* known, Fitted& fitted);
  static void fit_whole(const Input& input, const Settings& settings, const BackboneInfo& backbone, Fitted& fitted);
  Tensor map(const Distances& distances, const Settings& settings) const;
  Distances distances(const ImageFeatures& image) const;

  WorkingSize size_;  // of the views but the coarse one
  std::vector<Seen> views_;
  std::optional<Whole> whole_;
};

struct LocalViews::Fitted {
  LocalViews views;
  std::vector<Distances> unseen;  // of every image, by statistics that have not seen its fold
};

}  // namespace iuf
