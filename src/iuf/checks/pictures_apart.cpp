#include "iuf/checks/pictures_apart.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "iuf/checks/light_bands.h"
#include "iuf/checks/positions.h"
#include "iuf/checks/usual_places.h"
#include "iuf/image/mask.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr double kOfSpread = 0.75, kOfSpreadAtLeast = 0.3, kOfOwnSpread = 4;  // of the gap between the labels
constexpr double kWide = 4, kWideOfSpread = 2;
// The least gaps: in levels; of a side; of the picture; of a correlation.
constexpr double kLevels = 6, kDetail = 3, kLine = 4, kCorner = 0.05, kPose = 0.015, kFit = 0.1, kBand = 1;
constexpr double kMirrorBetter = 1.1;
constexpr size_t kMostSaid = 2;
constexpr int kSmall = 16;                                // times as large is the picture
constexpr double kFewestSide = 0.5, kFewestArea = 0.125;  // of a place that no mask tells from a defect

using Places = std::vector<double>;

struct Gap {
  double size = 0;  // 0: there is none
  bool above = false;
  bool wide = false;  // so that one cell is enough
};

Gap gap_of(const Places& own, const Places& others, double least) {
  if (own.size() < kFewestApart) return {};
  const auto [low, high] = std::ranges::minmax(own);
  const auto [other_low, other_high] = std::ranges::minmax(others);
  const double above = low - other_high, below = other_low - high, size = std::max(above, below);
  const double spread = other_high - other_low;
  const bool is_clear =
      size >= kOfSpread * spread || (size >= kOfSpreadAtLeast * spread && size >= kOfOwnSpread * (high - low));
  const bool is_wide = size >= kWide * least && size >= kWideOfSpread * spread;
  return size >= least && is_clear ? Gap{size, above > below, is_wide} : Gap{};
}

// Of the same pictures in two ways: the smaller one.
Gap both_of(const Gap& a, const Gap& b) {
  if (a.size <= 0 || b.size <= 0 || a.above != b.above) return {};
  Gap both = a.size < b.size ? a : b;
  both.wide = a.wide && b.wide;
  return both;
}

enum Marked : char { kFree, kBeside, kMarked };

// What masks mark, and the cells around it.
std::vector<char> marked_cells(const Sample& sample, const PictureLayout& layout) {
  const auto columns = static_cast<size_t>(layout.columns), rows = static_cast<size_t>(layout.rows);
  std::vector<char> marked(columns * rows);
  for (const std::filesystem::path& file : sample.masks) {
    Image mask;
    try {
      mask = read_mask(file).image;
    } catch (const std::exception&) {  // told about where it is used
      return std::vector<char>(columns * rows, kMarked);
    }
    const auto width = static_cast<size_t>(mask.width), height = static_cast<size_t>(mask.height);
    for (size_t y = 0; y < height; ++y)
      for (size_t x = 0; x < width; ++x) {
        if (mask.pixels[y * width + x] == 0) continue;
        const size_t column = x * columns / width, row = y * rows / height;
        for (size_t r = row > 0 ? row - 1 : 0; r <= std::min(row + 1, rows - 1); ++r)
          for (size_t c = column > 0 ? column - 1 : 0; c <= std::min(column + 1, columns - 1); ++c)
            marked[r * columns + c] =
                std::max<char>(marked[r * columns + c], r == row && c == column ? kMarked : kBeside);
      }
  }
  return marked;
}

Places light_at(const PictureLayout& layout) {
  Places values = layout.gray();
  for (double& value : values) value = std::max(value, 1.0);
  return values;
}

Places detail_at(const PictureLayout& layout) {
  Places values;
  for (const float v : layout.cells[PictureLayout::detail]) values.push_back(std::max(static_cast<double>(v), 0.1));
  return values;
}

UsualPlaces usual_of(const std::vector<const PictureLayout*>& layouts, Places (*values_of)(const PictureLayout&)) {
  std::vector<Places> all;
  for (const PictureLayout* layout : layouts) all.push_back(values_of(*layout));
  return UsualPlaces(all);
}

std::string rounded(double value) {
  return std::to_string(std::lround(value));
}
std::string by_percent(double share) {
  return " (by " + rounded(100 * share) + " % or more)";
}

// Cells side by side in which pictures are apart.
struct Place {
  std::vector<size_t> cells = {};
  int left = 0, top = 0, right = 0, bottom = 0;  // in cells
};

// What tells some pictures from others.
class Apart {
 public:
  Apart(const LookedAt& own, const LookedAt& others, bool has_masks)
      : own_(own), others_(others), first_(*own.layouts.front()), light_(usual_of(others.layouts, light_at)) {
    for (size_t i = 0; i < own.layouts.size(); ++i)
      marked_.push_back(has_masks ? marked_cells(*own.samples[i], *own.layouts[i])
                                  : std::vector<char>(first_.cells[0].size()));
  }

  // Phrases. `anywhere`: also at one place inside of the picture.
  std::vector<std::string> found(bool anywhere) const {
    std::optional<Place> found_place;
    std::vector<std::string> texts = {turn(), corners(anywhere), place(anywhere, found_place)};
    if (texts.front().empty()) texts.push_back(position(found_place));
    texts.push_back(line());
    texts.push_back(bands());
    std::erase(texts, "");
    texts.resize(std::min(texts.size(), kMostSaid));
    return texts;
  }

 private:
  // A number for each of them; empty where one of them has none.
  template <class ValueOf>
  Gap gap(double least, const ValueOf& value_of) const {
    Places own, others;
    for (size_t i = 0; i < own_.layouts.size(); ++i) own.push_back(value_of(*own_.layouts[i], &marked_[i]));
    for (const PictureLayout* layout : others_.layouts) others.push_back(value_of(*layout, nullptr));
    const auto is_none = [](double v) { return std::isnan(v); };
    if (std::ranges::any_of(own, is_none) || std::ranges::any_of(others, is_none)) return {};
    return gap_of(own, others, least);
  }

  // Defects aside, which are as usual.
  Places gray_of(const PictureLayout& layout, const std::vector<char>* marked) const {
    Places gray = layout.gray();
    for (size_t i = 0; marked && i < gray.size(); ++i)
      if ((*marked)[i] == kMarked) gray[i] = light_.values()[i];
    return gray;
  }

  double fit(const Places& gray, size_t in_position) const {
    const auto columns = static_cast<size_t>(first_.columns), rows = static_cast<size_t>(first_.rows);
    const Places& usual = light_.values();
    const auto n = static_cast<double>(gray.size());
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (size_t y = 0; y < rows; ++y)
      for (size_t x = 0; x < columns; ++x) {
        const double p = gray[place_in(x, y, columns, rows, in_position)], q = usual[y * columns + x];
        a += p;
        b += q;
        aa += p * p;
        bb += q * q;
        ab += p * q;
      }
    const double variances = (aa - a * a / n) * (bb - b * b / n);
    return variances > 0 ? (ab - a * b / n) / std::sqrt(variances) : 0;
  }

  std::string turn() const {
    Gap best;
    size_t position = 0;
    // Of a part that is symmetric, rather a turn than a mirror.
    for (const size_t k : std::initializer_list<size_t>{3, 5, 6, 1, 2, 4, 7}) {
      if (k >= kPositionsOfAny && first_.width != first_.height) continue;
      bool are_better = true;
      const Gap found = gap(kFit, [&](const PictureLayout& layout, const std::vector<char>* marked) {
        const Places gray = gray_of(layout, marked);
        const double better = fit(gray, k) - fit(gray, 0);
        are_better = are_better && (!marked || better > 0);
        return better;
      });
      if (!are_better || !found.above || found.size <= kMirrorBetter * best.size) continue;
      best = found;
      position = k;
    }
    return position == 0 ? "" : std::string("they fit the others when they are ") + kPositionNames[position];
  }

  // A small place is no part: a sticker there is as usual.
  std::string position(const std::optional<Place>& place) const {
    const bool is_small =
        place && kSmall * (place->right - place->left) * (place->bottom - place->top) <= first_.columns * first_.rows;
    static constexpr double PartPose::*kValues[] = {&PartPose::x, &PartPose::y, &PartPose::radius};
    static constexpr const char* kBelow[] = {"further to the left", "higher", "smaller"};
    static constexpr const char* kAbove[] = {"further to the right", "lower", "larger"};
    std::vector<std::string> said;
    for (size_t k = 0; k < std::size(kValues); ++k) {
      const Gap found = gap(kPose, [&](const PictureLayout& layout, const std::vector<char>* marked) {
        Places gray = gray_of(layout, marked);
        for (int row = is_small ? place->top : 0; is_small && row < place->bottom; ++row)
          for (int column = place->left; column < place->right; ++column) {
            const auto cell = static_cast<size_t>(row * first_.columns + column);
            gray[cell] = light_.values()[cell];
          }
        const PartPose pose = pose_of(gray, layout);
        return pose.found ? pose.*kValues[k] : std::nan("");
      });
      if (found.size > 0) said.push_back((found.above ? kAbove[k] : kBelow[k]) + by_percent(found.size));
    }
    return said.empty() ? "" : "the part is " + joined(said, " and ");
  }

  std::string corners(bool anywhere) const {
    static constexpr const char* kNames[] = {"upper left", "upper right", "lower left", "lower right"};
    std::vector<std::string> said;
    double share = 1;
    for (size_t k = 0; k < std::size(kNames); ++k) {
      const Gap found = gap(kCorner, [&](const PictureLayout& layout, const std::vector<char>*) {
        return static_cast<double>(layout.corners[k]);
      });
      if (found.size <= 0 || !found.above) continue;
      said.push_back(kNames[k]);
      for (const PictureLayout* layout : own_.layouts) share = std::min(share, static_cast<double>(layout->corners[k]));
    }
    if (said.empty() || (!anywhere && said.size() < 2)) return "";
    return "one colour goes from the corner" + std::string(said.size() > 1 ? "s " : " ") + joined(said, ", ") +
           " along a side, over " + rounded(100 * share) + " % of it or more (a bar, a frame, or what turning leaves?)";
  }

  // The gaps of the cells, in one of their values.
  std::vector<Gap> cell_gaps(size_t value) const {
    const bool is_detail = value == PictureLayout::detail;
    const auto values_of = is_detail ? detail_at : light_at;
    const UsualPlaces usual = is_detail ? usual_of(others_.layouts, detail_at) : light_;
    Places own_factors, other_factors;
    for (const PictureLayout* layout : own_.layouts) own_factors.push_back(usual.factor(values_of(*layout)));
    for (const PictureLayout* layout : others_.layouts) other_factors.push_back(usual.factor(values_of(*layout)));
    std::vector<Gap> gaps(first_.cells[value].size());
    for (size_t cell = 0; cell < gaps.size(); ++cell) {
      Places own, own_scaled, others, others_scaled;
      for (size_t i = 0; i < own_.layouts.size(); ++i) {
        if (marked_[i][cell] != kFree) continue;
        own.push_back(static_cast<double>(own_.layouts[i]->cells[value][cell]));
        own_scaled.push_back(own.back() / own_factors[i]);
      }
      if (2 * own.size() < own_.layouts.size()) continue;
      for (size_t i = 0; i < others_.layouts.size(); ++i) {
        others.push_back(static_cast<double>(others_.layouts[i]->cells[value][cell]));
        others_scaled.push_back(others.back() / other_factors[i]);
      }
      const double least = is_detail ? kDetail : kLevels;
      gaps[cell] = both_of(gap_of(own, others, least), gap_of(own_scaled, others_scaled, least));
    }
    return gaps;
  }

  std::string place(bool anywhere, std::optional<Place>& found) const {
    std::array<std::vector<Gap>, 4> gaps;
    for (size_t value = 0; value < gaps.size(); ++value) gaps[value] = cell_gaps(value);
    std::vector<char> apart(gaps[0].size()), wide(gaps[0].size());
    for (const std::vector<Gap>& own : gaps)
      for (size_t i = 0; i < own.size(); ++i) {
        apart[i] = apart[i] || own[i].size > 0;
        wide[i] = wide[i] || own[i].wide;
      }
    found = largest_place(std::move(apart), wide, anywhere);
    if (!found) return "";
    Gap most;
    size_t value = 0;
    for (size_t v = 0; v < gaps.size(); ++v)
      for (const size_t cell : found->cells)
        if (const Gap& own = gaps[v][cell]; own.size > (v == PictureLayout::detail && value != v ? 2 : 1) * most.size) {
          most = own;
          value = v;
        }
    const int left = found->left * first_.width / first_.columns, right = found->right * first_.width / first_.columns,
              top = found->top * first_.height / first_.rows, bottom = found->bottom * first_.height / first_.rows;
    const bool is_detail = value == PictureLayout::detail;
    return "a place in the " + std::to_string(right - left) + " x " + std::to_string(bottom - top) + " pixels " +
           std::to_string(left) + " from the left and " + std::to_string(top) + " from the top " +
           (is_detail    ? most.above ? "shows more" : "shows less"
            : most.above ? "is brighter"
                         : "is darker") +
           " (by " + rounded(most.size) + " levels or more)";
  }

  // Of more than one cell, or a wide gap; nothing where a defect may be there.
  std::optional<Place> largest_place(std::vector<char> apart, const std::vector<char>& wide, bool anywhere) const {
    std::optional<Place> best;
    for (size_t i = 0; i < apart.size(); ++i) {
      if (!apart[i]) continue;
      Place place = place_from(i, apart);
      const bool fits = (place.cells.size() > 1 || wide[i]) && (anywhere || is_no_defect(place));
      if (fits && (!best || place.cells.size() > best->cells.size())) best = std::move(place);
    }
    return best;
  }

  Place place_from(size_t start, std::vector<char>& apart) const {
    const int columns = first_.columns, rows = first_.rows;
    Place place{.left = columns, .top = rows};
    std::vector<size_t> next = {start};
    apart[start] = 0;
    const auto add = [&](int column, int row) {
      if (column < 0 || row < 0 || column >= columns || row >= rows) return;
      const auto i = static_cast<size_t>(row * columns + column);
      if (std::exchange(apart[i], 0)) next.push_back(i);
    };
    while (!next.empty()) {
      const size_t cell = next.back();
      next.pop_back();
      place.cells.push_back(cell);
      const int column = static_cast<int>(cell) % columns, row = static_cast<int>(cell) / columns;
      place.left = std::min(place.left, column);
      place.right = std::max(place.right, column + 1);
      place.top = std::min(place.top, row);
      place.bottom = std::max(place.bottom, row + 1);
      for (const int step : {-1, 1}) {
        add(column + step, row);
        add(column, row + step);
      }
    }
    return place;
  }

  bool is_no_defect(const Place& place) const {
    const int columns = first_.columns, rows = first_.rows;
    int left = 0, right = 0, top = 0, bottom = 0;
    for (const size_t cell : place.cells) {
      const int column = static_cast<int>(cell) % columns, row = static_cast<int>(cell) / columns;
      left += column == 0;
      right += column == columns - 1;
      top += row == 0;
      bottom += row == rows - 1;
    }
    return std::max(left, right) >= kFewestSide * rows || std::max(top, bottom) >= kFewestSide * columns ||
           static_cast<double>(place.cells.size()) >= kFewestArea * columns * rows;
  }

  // As PictureLayout::lines.
  std::string line() const {
    Gap best;
    size_t at = 0;
    for (size_t k = 0; k < first_.lines.size(); ++k) {
      const Gap found = gap(kLine, [&](const PictureLayout& layout, const std::vector<char>*) {
        return static_cast<double>(layout.lines[k]);
      });
      if (found.size <= best.size) continue;
      best = found;
      at = k;
    }
    if (best.size <= 0) return "";
    const auto width = static_cast<size_t>(first_.width), height = static_cast<size_t>(first_.height);
    const bool is_column = at < 2 * width;
    if (!is_column) at -= 2 * width;
    const size_t length = is_column ? width : height;
    static constexpr const char* kHalves[] = {"upper", "lower", "left", "right"};
    return "the " + std::string(is_column ? "column" : "row") + " of pixels " + std::to_string(at % length) + " is " +
           (best.above ? "brighter" : "darker") + " than those beside it, in the " +
           kHalves[(is_column ? 0 : 2) + at / length] + " half";
  }

  std::string bands() const {
    Gap best;
    std::string which;
    for (size_t k = 2; k <= LightBands::kMost; ++k)
      for (const bool is_across : {true, false}) {
        const Gap found = gap(kBand, [&](const PictureLayout& layout, const std::vector<char>* marked) {
          const Places gray = gray_of(layout, marked);
          const LightBands bands = light_bands(gray, light_.values(), light_.factor(gray), first_.columns);
          return (is_across ? bands.across : bands.along)[k];
        });
        if (found.size <= best.size) continue;
        best = found;
        which = std::to_string(k) + (is_across ? " horizontal" : " vertical");
      }
    if (best.size <= 0) return "";
    return (best.above ? "" : "they lack ") + which + " bands of light" + (best.above ? " lie over them" : "") +
           " (by " + rounded(best.size) + " levels or more; a lamp that flickers?)";
  }

  const LookedAt &own_, &others_;
  const PictureLayout& first_;
  UsualPlaces light_;
  std::vector<std::vector<char>> marked_ = {};  // of each own picture
};

}  // namespace

std::vector<std::string> pictures_apart(const LookedAt& own, const LookedAt& others, const ApartRules& rules) {
  return Apart(own, others, rules.masks).found(rules.anywhere);
}

}  // namespace iuf
