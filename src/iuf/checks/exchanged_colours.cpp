#include "iuf/checks/exchanged_colours.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "iuf/checks/median.h"
#include "iuf/checks/picture_uses.h"
#include "iuf/data/listing.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr int kColourParts = 8;         // a side
constexpr double kLeastColour = 3;      // levels, root mean square
constexpr double kUsualFit = 0.4;       // on photographs of five products nine tenths are at 0.79 and more
constexpr double kExchangedFit = -0.5;  // exchanged ones are at -0.69 and below
constexpr size_t kFewestOfUse = 3, kFewestLearnt = 5;

// The usual colours of images to learn from; none where they have hardly any.
std::optional<RedOverBlue> usual_colours(const PictureUse& use) {
  RedOverBlue usual{};
  double squares = 0;
  for (size_t i = 0; i < usual.size(); ++i) {
    std::vector<double> values;
    for (const auto& traces : use.traces)
      if (traces) values.push_back(static_cast<double>(traces->red_over_blue[i]));
    if (values.size() < kFewestLearnt) return std::nullopt;
    usual[i] = static_cast<float>(median(values));
    squares += static_cast<double>(usual[i]) * static_cast<double>(usual[i]);
  }
  return std::sqrt(squares / static_cast<double>(usual.size())) < kLeastColour ? std::nullopt : std::optional(usual);
}

// 1 for the usual colours, -1 for the same exchanged, 0 for what has nothing to do with them.
double fit_of(const RedOverBlue& colours, const RedOverBlue& usual) {
  double both = 0, squares = 0;
  for (size_t i = 0; i < usual.size(); ++i) {
    both += static_cast<double>(colours[i]) * static_cast<double>(usual[i]);
    squares += static_cast<double>(usual[i]) * static_cast<double>(usual[i]);
  }
  return both / squares;
}

struct ColourFits {
  size_t images = 0, usual = 0, exchanged = 0;
  const Sample* first = nullptr;  // exchanged
};

ColourFits colour_fits(const PictureUse& use, const RedOverBlue& usual) {
  ColourFits fits;
  for (size_t i = 0; i < use.samples.size(); ++i) {
    if (!use.traces[i]) continue;
    const double fit = fit_of(use.traces[i]->red_over_blue, usual);
    ++fits.images;
    fits.usual += fit >= kUsualFit;
    fits.exchanged += fit <= kExchangedFit;
    if (fit <= kExchangedFit && !fits.first) fits.first = use.samples[i];
  }
  return fits;
}

}  // namespace

RedOverBlue red_over_blue(const Image& image) {
  RedOverBlue parts{};
  if (std::min(image.width, image.height) < kColourParts) return parts;
  std::array<int64_t, std::tuple_size_v<RedOverBlue>> sums{}, counts{};
  for (int y = 0; y < image.height; ++y) {
    const int row = static_cast<int>(static_cast<int64_t>(y) * kColourParts / image.height);
    const uint8_t* rgb = image.row(y);
    for (int x = 0; x < image.width; ++x, rgb += 3) {
      const auto part = static_cast<size_t>(row * kColourParts + static_cast<int64_t>(x) * kColourParts / image.width);
      sums[part] += rgb[0] - rgb[2];
      ++counts[part];
    }
  }
  for (size_t i = 0; i < parts.size(); ++i)
    parts[i] = static_cast<float>(static_cast<double>(sums[i]) / static_cast<double>(counts[i]));
  return parts;
}

std::string exchanged_colours(const std::vector<PictureUse>& uses) {
  if (uses.empty() || !uses.front().train) return "";
  const std::optional<RedOverBlue> usual = usual_colours(uses.front());
  if (!usual) return "";
  if (const ColourFits learned = colour_fits(uses.front(), *usual); 10 * learned.usual < 9 * learned.images) return "";
  std::vector<std::string> said;
  std::string first;
  for (const PictureUse& use : uses) {
    if (use.train) continue;
    const ColourFits fits = colour_fits(use, *usual);
    if (fits.images < kFewestOfUse || 10 * fits.exchanged < 9 * fits.images) continue;
    said.push_back(std::to_string(fits.exchanged) + " of " + std::to_string(fits.images) + " " + use.name);
    if (first.empty()) first = place_of(fits.first->file);
  }
  if (said.empty()) return "";
  return joined(said, " and ") + " that were looked at fit the colours of those to learn from with red and blue " +
         "exchanged (first: " + first + "): saved by a program that stores BGR? Figures tell the colours apart, not " +
         "the defects; exchange them back";
}

}  // namespace iuf
