#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/run/prediction.h"
#include "iuf/run/run_files.h"
#include "tensor/tensor.h"

namespace iuf {

/// A picture of a prediction: its path in the output folder, and the folder in which an unfinished call keeps it.
struct PredictionPicture {
  std::string path, folder;
};
/// Those that a prediction names.
std::vector<PredictionPicture> pictures_of(const Prediction& prediction);

/// What the pictures of a photograph are made from.
struct PictureParts {
  Image heatmap = {};               // empty: none is wanted
  Tensor map = {};                  // side x side; undefined: the method draws none
  std::vector<uint8_t> cells = {};  // of the map, in regions above the threshold; empty: there are none
  double low = 0, high = 0;         // ends of the scale
};

/// Pictures of an unfinished predict(), in folders of its own until all images are judged.
class PredictionPictures {
 public:
  explicit PredictionPictures(const PredictionFiles& files) : files_(files) {}

  /// Makes the folders that the list needs. Error where a picture's name is taken by a folder, before all the work.
  void begin(const std::vector<Prediction>& list) const;
  /// Leaves nothing of an interrupted call.
  void drop() const;
  /// Writes those that the row names. A map as PNG sets the row's scale.
  void write(Prediction& row, const PictureParts& parts) const;
  /// To their places.
  void move(const std::vector<Prediction>& list) const;

 private:
  const PredictionFiles& files_;
};

/// The scale of a map as PNG whose heatmap goes from low to high: the middle is kMapThreshold.
MapScale map_scale(double low, double high);

}  // namespace iuf
