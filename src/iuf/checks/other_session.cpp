#include "iuf/checks/other_session.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "iuf/checks/usual_places.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestInNormal = 8, kFewestInDefects = 5;
// Between the nearest two images of both labels. On photographs of seven products the labels overlap in both.
constexpr double kLightGap = 0.04, kLightSpreads = 0.25, kDetailGap = 1.3;
constexpr double kLeastLight = 1, kLeastDetail = 0.1;  // levels

// The scenes of normal or of defective images, as far as they are of one size.
std::vector<const Scene*> scenes_of(const std::vector<PictureUse>& uses, bool defect) {
  std::vector<const Scene*> scenes;
  const Scene* first = nullptr;
  for (const PictureUse& use : uses)
    for (const auto& scene : use.scenes) {
      if (!scene || scene->columns == 0) continue;
      if (!first) first = &*scene;
      if (use.defect == defect && are_comparable(*first, *scene)) scenes.push_back(&*scene);
    }
  return scenes;
}

using Values = std::vector<double>;  // of places in a picture, in levels

Values light_of(const Scene& scene) {
  Values values;
  for (const float mean : scene.means) values.push_back(std::max(static_cast<double>(mean), kLeastLight));
  return values;
}

// How much neighbouring pixels differ: the sharpness and the noise of a camera.
Values detail_of(const Scene& scene) {
  constexpr size_t kPixels = 32;  // of a line, for each value
  const auto length = static_cast<size_t>(scene.line_length);
  Values values;
  for (size_t line = 0; line + length <= scene.lines.size(); line += length)
    for (size_t begin = line + 1; begin + kPixels < line + length; begin += kPixels) {
      int sum = 0;
      for (size_t x = begin; x < begin + kPixels; ++x)
        sum += std::abs(scene.lines[x - 1] - 2 * scene.lines[x] + scene.lines[x + 1]);
      values.push_back(std::max(sum / 3.0 / kPixels, kLeastDetail));
    }
  return values;
}

struct Limits {
  double low = 0, high = 0;
};

struct Ranges {
  Limits normal, defects;
};

Ranges ranges_of(const std::vector<const Scene*>& normal, const std::vector<const Scene*>& defects,
                 Values (*values_of)(const Scene&)) {
  std::vector<Values> values;
  for (const Scene* scene : normal) values.push_back(values_of(*scene));
  const UsualPlaces usual(values);
  Values of_normal, of_defects;
  for (const Values& own : values) of_normal.push_back(usual.factor(own));
  for (const Scene* scene : defects) of_defects.push_back(usual.factor(values_of(*scene)));
  const auto range = [](const Values& all) { return Limits{std::ranges::min(all), std::ranges::max(all)}; };
  return {range(of_normal), range(of_defects)};
}

std::string light_text(const Ranges& ranges) {
  const auto& [normal, defects] = ranges;
  const double gap = std::max(kLightGap, kLightSpreads * (normal.high - normal.low));
  const auto percent = [](double share) { return std::to_string(std::lround(100 * share)) + " %"; };
  if (normal.low - defects.high >= gap) return "darker (by " + percent(1 - defects.high / normal.low) + " or more)";
  if (defects.low - normal.high >= gap) return "brighter (by " + percent(defects.low / normal.high - 1) + " or more)";
  return "";
}

std::string detail_text(const Ranges& ranges) {
  const auto& [normal, defects] = ranges;
  if (normal.low >= kDetailGap * defects.high) return "softer";
  if (defects.low >= kDetailGap * normal.high) return "sharper or noisier";
  return "";
}

}  // namespace

std::string other_session(const std::vector<PictureUse>& uses) {
  const std::vector<const Scene*> normal = scenes_of(uses, false), defects = scenes_of(uses, true);
  if (normal.size() < kFewestInNormal || defects.size() < kFewestInDefects) return "";
  std::vector<std::string> found = {light_text(ranges_of(normal, defects, light_of)),
                                    detail_text(ranges_of(normal, defects, detail_of))};
  std::erase(found, "");
  if (found.empty()) return "";
  return "all " + std::to_string(defects.size()) + " defective test images that were looked at are " +
         joined(found, " and ") + " than each of the " + std::to_string(normal.size()) +
         " normal ones: of another session? Figures may tell the sessions apart, not the defects";
}

}  // namespace iuf
