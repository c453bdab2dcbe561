#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

struct Settings;

enum class Align { corners, area };  // how feature maps reach the token grid
inline Choices<Align> choices(Align) {
  return {{"corners", Align::corners}, {"area", Align::area}};
}

/// The frozen feature extractor.
struct BackboneSettings {
  static constexpr const char* group = "Features";
  std::string backbone = "efficientnet_lite0";

  void visit(const Fields& field) {
    field("backbone", backbone, "frozen feature extractor; see `iuf info --backbones`");
  }
};

/// What every method sees of an image, and the size of its maps.
struct ImageSettings {
  static constexpr const char* group = "Features";
  int64_t image_size = 224;

  void visit(const Fields& field) {
    field("image-size", image_size, multiple_of(16, 32, 4096), "images are resized to this square");
  }
};

/// The aligned features, which the reconstruction learns.
struct FeatureSettings {
  static constexpr const char* group = "Features";
  int64_t grid = 14;
  Align align = Align::area;
  bool standardise = true;

  void visit(const Fields& field) {
    field("grid", grid, at_least(1).called("from 1 to half the image size"), "tokens per side");
    field("align", align, "how feature maps reach the grid");
    field("standardise", standardise, "scale each channel by the base step's statistics");
  }
  void check(const Settings& all) const;
};

}  // namespace iuf
