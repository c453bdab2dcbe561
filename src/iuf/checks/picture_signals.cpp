#include "iuf/checks/picture_signals.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "iuf/checks/median.h"
#include "iuf/checks/slight_moves.h"
#include "iuf/checks/usual_places.h"

namespace iuf {
namespace {

using Values = std::vector<double>;  // of places in a picture

constexpr double kLeastLight = 1, kLeastDetail = 0.1;  // levels
constexpr size_t kLinePixels = 32;                     // of a line, for each value of detail
constexpr size_t kFewestOfPlaces = 8;                  // an eighth of the places must have noise
constexpr int kMostLevels = 3 * 255;                   // the sum of three channels

Values taken_light(const TakenPicture& picture) {
  Values values = picture.layout->gray();
  for (double& value : values) value = std::max(value, kLeastLight);
  return values;
}

// How much neighbouring pixels differ: the sharpness and the noise of a camera.
Values taken_detail(const TakenPicture& picture) {
  const Scene& scene = *picture.scene;
  const auto length = static_cast<size_t>(scene.line_length);
  Values values;
  for (size_t line = 0; line + length <= scene.lines.size(); line += length)
    for (size_t begin = line + 1; begin + kLinePixels < line + length; begin += kLinePixels) {
      int sum = 0;
      for (size_t x = begin; x < begin + kLinePixels; ++x)
        sum += std::abs(scene.lines[x - 1] - 2 * scene.lines[x] + scene.lines[x + 1]);
      values.push_back(std::max(sum / 3.0 / kLinePixels, kLeastDetail));
    }
  return values;
}

// By how much the channels of a place differ: 1 where it is gray.
Values taken_colour(const TakenPicture& picture) {
  const auto& cells = picture.layout->cells;
  Values values;
  for (size_t i = 0; i < cells[PictureLayout::red].size(); ++i) {
    const auto [low, high] =
        std::minmax({cells[PictureLayout::red][i], cells[PictureLayout::green][i], cells[PictureLayout::blue][i]});
    values.push_back(1 + static_cast<double>(high - low));
  }
  return values;
}

// How much more neighbours in a column differ than those in a row: of rows that a camera disturbs, or reads by halves.
Values taken_down(const TakenPicture& picture) {
  const PictureLayout& layout = *picture.layout;
  Values values;
  for (size_t i = 0; i < layout.detail_down.size(); ++i)
    values.push_back(std::max(static_cast<double>(layout.detail_down[i]), kLeastDetail) /
                     std::max(static_cast<double>(layout.cells[PictureLayout::detail][i]), kLeastDetail));
  return values;
}

Values over_green(const TakenPicture& picture, PictureLayout::Value channel) {
  const auto& cells = picture.layout->cells;
  Values values;
  for (size_t i = 0; i < cells[channel].size(); ++i) {
    const double green = std::max(static_cast<double>(cells[PictureLayout::green][i]), kLeastLight);
    values.push_back(std::max(static_cast<double>(cells[channel][i]), kLeastLight) / green);
  }
  return values;
}
Values taken_red(const TakenPicture& picture) {
  return over_green(picture, PictureLayout::red);
}
Values taken_blue(const TakenPicture& picture) {
  return over_green(picture, PictureLayout::blue);
}

// Of the levels between the lowest and the highest one, the share that occurs.
double share_of_levels(const TakenPicture& picture) {
  std::vector<char> seen(kMostLevels + 1);
  for (const uint16_t value : picture.scene->lines) seen[std::min<size_t>(value, kMostLevels)] = 1;
  const auto first = std::ranges::find(seen, 1);
  const auto last = std::find(seen.rbegin(), seen.rend(), 1).base();
  return first == seen.end() ? 1 : static_cast<double>(std::count(first, last, 1)) / static_cast<double>(last - first);
}

// Of a gap, which is below 0 where the others have less.
std::string percent_text(double log_ratio) {
  return " (by " + std::to_string(std::lround(100 * std::abs(std::exp(log_ratio) - 1))) + " % or more)";
}
std::string level_text(double levels) {
  return " (by " + std::to_string(std::lround(std::abs(levels))) + " levels or more)";
}
std::string degree_text(double degrees) {
  char text[48];
  std::snprintf(text, sizeof text, " (by %.1f degrees or more)", std::abs(degrees));
  return text;
}
std::string lens_text(double share) {
  return " (by " + std::to_string(std::lround(100 * std::abs(share))) + " % or more at the corners)";
}

// Both labels against what normal pictures usually are.
class Measured {
 public:
  Measured(const std::vector<TakenPicture>& normal, const std::vector<TakenPicture>& others)
      : normal_(normal), others_(others), light_(usual_of(taken_light)) {}

  // How many times as high a picture's values are as usual, as a logarithm.
  PictureSignal factor(PictureSignal signal, Values (*values_of)(const TakenPicture&)) const {
    const UsualPlaces usual = usual_of(values_of);
    return filled(std::move(signal), [&](const TakenPicture& p) { return std::log(usual.factor(values_of(p))); });
  }
  // The same over all places.
  PictureSignal overall_factor(PictureSignal signal, Values (*values_of)(const TakenPicture&)) const {
    const Values usual = usual_of(values_of).values();
    return filled(std::move(signal), [&](const TakenPicture& p) {
      Values values = values_of(p);
      for (size_t i = 0; i < values.size(); ++i) values[i] /= usual[i];
      return std::log(median(values));
    });
  }
  // The same of detail over the smoother half of the places, where hardly anything but noise is left. Those without any
  // do not count: what is black, white or drawn has none.
  PictureSignal noise(PictureSignal signal) const {
    const Values usual = usual_of(taken_detail).values();
    const double middle = usual.empty() ? 0 : median(usual);
    return filled(std::move(signal), [&](const TakenPicture& p) {
      const Values values = taken_detail(p);
      Values factors;
      for (size_t i = 0; i < usual.size(); ++i)
        if (usual[i] <= middle && std::min(usual[i], values[i]) > kLeastDetail) factors.push_back(values[i] / usual[i]);
      if (factors.empty() || kFewestOfPlaces * factors.size() < usual.size()) return 0.0;
      return std::log(median(factors));
    });
  }
  PictureSignal logarithm(PictureSignal signal, double (*value_of)(const TakenPicture&)) const {
    return filled(std::move(signal), [&](const TakenPicture& p) { return std::log(value_of(p)); });
  }
  // How much brighter the darker half of the places is than the light of the picture makes it, in levels.
  PictureSignal shadows(PictureSignal signal) const {
    const double middle = median(light_.values());
    return filled(std::move(signal), [&](const TakenPicture& p) {
      const Values values = taken_light(p);
      const double factor = light_.factor(values);
      Values above;
      for (size_t i = 0; i < values.size(); ++i)
        if (light_.values()[i] <= middle) above.push_back(values[i] - factor * light_.values()[i]);
      return median(above);
    });
  }
  // How each picture lies against the usual one, which costs a fit: once for all signals of it.
  struct Moves {
    std::vector<SlightMove> normal = {}, others = {};

    PictureSignal of(PictureSignal signal, double SlightMove::*value) const {
      for (const SlightMove& move : normal) signal.normal.push_back(move.*value);
      for (const SlightMove& move : others) signal.others.push_back(move.*value);
      return signal;
    }
  };
  Moves moves() const {
    Moves all;
    for (const auto& [pictures, moves] : {std::pair(&normal_, &all.normal), std::pair(&others_, &all.others)})
      for (const TakenPicture& p : *pictures)
        moves->push_back(slight_move(taken_light(p), light_.values(), p.layout->columns));
    return all;
  }

 private:
  UsualPlaces usual_of(Values (*values_of)(const TakenPicture&)) const {
    std::vector<Values> all;
    for (const TakenPicture& picture : normal_) all.push_back(values_of(picture));
    return UsualPlaces(all);
  }
  template <class ValueOf>
  PictureSignal filled(PictureSignal signal, const ValueOf& value_of) const {
    for (const TakenPicture& picture : normal_) signal.normal.push_back(value_of(picture));
    for (const TakenPicture& picture : others_) signal.others.push_back(value_of(picture));
    return signal;
  }

  const std::vector<TakenPicture>&normal_, &others_;
  UsualPlaces light_;
};

}  // namespace

// On photographs of seven products the labels overlap in all of these.
std::vector<PictureSignal> picture_signals(const std::vector<TakenPicture>& normal,
                                           const std::vector<TakenPicture>& others) {
  const Measured m(normal, others);
  const Measured::Moves moves = m.moves();
  using Of = PictureSignal;
  return {
      m.factor({Of::light, "darker", "brighter", std::log(1.04), 0.25, percent_text}, taken_light),
      m.shadows({Of::light, "deeper in their shadows", "lighter in their shadows", 3, 0.5, level_text}),
      m.factor({Of::colour, "less colourful", "more colourful", std::log(1.25), 0.25}, taken_colour),
      m.factor({Of::colour, "less red", "redder", std::log(1.02), 0.5, percent_text}, taken_red),
      m.factor({Of::colour, "less blue", "bluer", std::log(1.02), 0.5, percent_text}, taken_blue),
      m.factor({Of::sharpness, "softer", "sharper or noisier", std::log(1.3), 0}, taken_detail),
      m.noise(
          {Of::sharpness, "less noisy where they are smooth", "noisier where they are smooth", std::log(1.08), 0.5}),
      m.overall_factor({Of::rows, "smoother from row to row", "rougher from row to row (half frames, disturbed rows?)",
                        std::log(1.08), 0.5},
                       taken_down),
      m.logarithm({Of::levels, "made of fewer levels", "made of more levels", std::log(1.5), 0.25}, share_of_levels),
      moves.of({Of::place, "turned counter-clockwise", "turned clockwise", 0.7, 0.5, degree_text}, &SlightMove::turn),
      moves.of({Of::place, "pinched at the corners (another lens?)", "stretched at the corners (another lens?)", 0.01,
                0.5, lens_text},
               &SlightMove::lens)};
}

}  // namespace iuf
