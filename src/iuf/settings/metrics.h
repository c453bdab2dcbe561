#pragma once

#include <string>

#include "iuf/settings/setting.h"

namespace iuf {

struct Settings;

/// The pixels that pixel figures count.
struct MetricsSize {
  enum class Kind {
    photograph,  // those of the photograph: the map is stretched to it, the mask is taken as drawn
    published,   // those of the map: the mask is shrunk to it by nearest neighbour first, as the published code does
    grid         // a grid of side x side cells for every image (iuf/paper/defect_mask.h)
  };
  Kind kind = Kind::photograph;
  int64_t side = 0;  // of the grid
};
inline constexpr int64_t kLargestMetricsGrid = 2048;
/// "photograph", "published" or the side of a grid. Throws Error naming the setting for any other text.
MetricsSize metrics_size_of(const std::string& text);

/// What is measured. No score, map or weight depends on it.
struct MetricsSettings {
  static constexpr const char* group = "Measuring";
  std::string metrics_size = "photograph";

  void visit(const Fields& field) {
    field("metrics-size", metrics_size, "pixel figures count the pixels of: photograph, published, or a grid N x N");
  }
  void check(const Settings& all) const;
};

}  // namespace iuf
