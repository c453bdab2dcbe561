#pragma once

#include <optional>
#include <string>
#include <vector>

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

/// The values of a 16-bit image that become 0 to 255; those outside become 0 and 255. An 8-bit image has none.
struct ValueWindow {
  int64_t low = 0, high = 65535;
  bool operator==(const ValueWindow&) const = default;
};
/// LOW:HIGH
std::string text_of(const ValueWindow& window);

enum class Orientation { apply, ignore };  // what is done with the orientation that a camera noted
inline Choices<Orientation> choices(Orientation) {
  return {{"apply", Orientation::apply}, {"ignore", Orientation::ignore}};
}

/// What every method sees of an image, and the size of its maps.
struct ImageSettings {
  static constexpr const char* group = "Features";
  int64_t image_size = 224;
  std::string window = "auto";  // or LOW:HIGH, which is what a model has from its first 16-bit images on
  Orientation orientation = Orientation::apply;

  void visit(const Fields& field) {
    field("image-size", image_size, multiple_of(16, 32, 4096), "images are resized to this square");
    field("window", window, Rule{.text = "auto or LOW:HIGH"},
          "values of 16-bit images that become 0 to 255; auto: from 0 to as many bits as the first ones need");
    field("orientation", orientation, "turn photographs as the camera noted (EXIF)");
  }
  void check(const Settings& all) const;
  /// None where it is not known yet (`auto`). Throws Error for anything that is no window.
  std::optional<ValueWindow> known_window() const;
};

/// A look at an image: at its local features as a square, at those of its working size (data/working_features.h), at
/// the deeper ones there, or at these of the whole picture at once (stats/whole_picture.h).
enum class View { coarse, fine, deep, whole };

/// What surroundings see of an image.
struct ViewSettings {
  static constexpr const char* group = "Features";
  std::string views = "auto";
  double budget_ms = 60;

  void visit(const Fields& field) {
    field("views", views, Rule{.text = "some of coarse,fine,deep,whole, or auto: what the backbone can show"},
          "local features: of the square image, of its working size, there from deeper layers, and these as a whole");
    field("budget-ms", budget_ms, between(0, 60000),
          "time on two cores for the features of each of at most three megapixels: it limits the working size");
  }
  void check(const Settings& all) const;
  /// All of them for `auto`, else each once, in the order in which they are written. Throws Error for anything else.
  std::vector<View> chosen_views() const;
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
