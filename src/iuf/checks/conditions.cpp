#include "iuf/checks/conditions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "iuf/data/listing.h"
#include "iuf/image/file_habits.h"
#include "iuf/image/image_header.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr double kCommon = 0.1;       // share of the images that may be like those of the other kind
constexpr size_t kFewestWritten = 3;  // images of each label
constexpr double kOtherQuality = 10;  // of a JPEG, from 1 to 100
constexpr double kOtherRatio = 0.05, kOtherSize = 0.1;

using Counts = std::map<std::string, size_t>;

// An image of the object with what its file says.
struct Seen {
  const Sample* sample;
  ImageHeader header;
  FileHabits habits = {};  // of a test image
};

struct Group {
  size_t images = 0;
  Counts sizes = {}, formats = {};

  void add(const ImageHeader& header) {
    const auto [low, high] = std::minmax(header.width, header.height);
    ++sizes[low > 0 ? std::to_string(high) + " x " + std::to_string(low) : "unknown"];
    ++formats[header.name + (header.bits == 16 ? " of 16 bits" : "") +
              (header.palette         ? " palette"
               : header.channels <= 2 ? " gray"
                                      : "")];
    ++images;
  }
};

// Of the smaller shares of each.
double common(const Counts& a, size_t all_a, const Counts& b, size_t all_b) {
  double share = 0;
  for (const auto& [value, count] : a)
    if (const auto other = b.find(value); other != b.end())
      share += std::min(static_cast<double>(count) / static_cast<double>(all_a),
                        static_cast<double>(other->second) / static_cast<double>(all_b));
  return share;
}

// "128 x 128", of many the most frequent.
std::string text_of(const Counts& counts) {
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most->first + (counts.size() > 1 ? ", ..." : "");
}

std::string difference(const std::string& what, const Counts& normal, const Counts& defective) {
  return what + " (" + text_of(normal) + " and " + text_of(defective) + ")";
}

bool vary(const Group& group) {
  return group.sizes.size() > std::max<size_t>(1, group.images / 2);
}

// However turned.
struct Sides {
  double longer = 0, shorter = 0;

  double ratio() const { return longer / shorter; }
};

std::optional<Sides> sides_of(const ImageHeader& header) {
  const auto [low, high] = std::minmax(header.width, header.height);
  return low > 0 ? std::optional(Sides{static_cast<double>(high), static_cast<double>(low)}) : std::nullopt;
}

std::string size_text(const Sides& sides) {
  return std::to_string(static_cast<int64_t>(sides.longer)) + " x " +
         std::to_string(static_cast<int64_t>(sides.shorter));
}

class Spread {
 public:
  void add(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  bool is_outside(double value, double share) const {
    return value < low_ * (1 - share) || value > high_ * (1 + share);
  }
  bool is_single() const { return low_ == high_; }

 private:
  double low_ = std::numeric_limits<double>::infinity(), high_ = 0;
};

// Whether normal and defective test images hardly have a size or a format in common.
std::string different_cameras(const std::vector<Seen>& images) {
  Group normal, defective;
  for (const auto& [sample, header, habits] : images)
    if (!sample->train) (sample->defect ? defective : normal).add(header);
  if (normal.images == 0 || defective.images == 0) return "";
  const auto differ = [&](Counts Group::*of) {
    return common(normal.*of, normal.images, defective.*of, defective.images) <= kCommon;
  };
  const bool sizes = !vary(normal) && !vary(defective) && differ(&Group::sizes), formats = differ(&Group::formats);
  if (!sizes && !formats) return "";
  return "normal and defective test images differ in " +
         (sizes ? difference("size", normal.sizes, defective.sizes) : "") + (sizes && formats ? " and " : "") +
         (formats ? difference("format", normal.formats, defective.formats) : "") +
         ": figures may tell the cameras apart, not the defects";
}

// How the files of one label are written.
struct Habits {
  size_t images = 0;
  std::vector<double> qualities = {};  // of JPEGs, ascending
  Counts extras = {};                  // of those that are known

  void add(const FileHabits& habits) {
    ++images;
    if (habits.jpeg_quality)
      qualities.insert(std::ranges::upper_bound(qualities, *habits.jpeg_quality), *habits.jpeg_quality);
    if (!habits.extras.empty()) ++extras[habits.extras];
  }
  double quality() const { return qualities[qualities.size() / 2]; }
  // Of the qualities of `other`, those that this one has, too.
  double share_within(const Habits& other) const {
    const auto within = std::ranges::count_if(
        other.qualities, [&](double q) { return q >= qualities.front() && q <= qualities.back(); });
    return static_cast<double>(within) / static_cast<double>(other.qualities.size());
  }
};

// Whether normal and defective test images were written by other programs or settings: saved anew after labelling.
std::string different_writing(const std::vector<Seen>& images) {
  Habits normal, defective;
  for (const auto& [sample, header, habits] : images)
    if (!sample->train) (sample->defect ? defective : normal).add(habits);
  if (std::min(normal.images, defective.images) < kFewestWritten) return "";
  std::string found;
  const auto mostly = [](const Habits& habits) { return 10 * habits.qualities.size() >= 9 * habits.images; };
  if (mostly(normal) && mostly(defective) && std::abs(normal.quality() - defective.quality()) >= kOtherQuality &&
      std::max(normal.share_within(defective), defective.share_within(normal)) <= kCommon)
    found = "the quality of their JPEGs (about " + std::to_string(std::lround(normal.quality())) + " and " +
            std::to_string(std::lround(defective.quality())) + " of 100)";
  const auto known = [](const Habits& habits) {
    size_t count = 0;
    for (const auto& [extra, own] : habits.extras) count += own;
    return 10 * count >= 9 * habits.images;
  };
  if (known(normal) && known(defective) &&
      common(normal.extras, normal.images, defective.extras, defective.images) <= kCommon)
    found += (found.empty() ? "" : " and ") + difference("what their files note", normal.extras, defective.extras);
  return found.empty() ? ""
                       : "normal and defective test images differ in " + found +
                             ": if one label was saved anew, figures may tell that apart, not the defects";
}

// Whether test images are of another shape or size than those to learn from.
std::string different_sizes(const std::vector<Seen>& images) {
  Spread lengths, ratios;
  std::string learned;
  std::vector<std::pair<const Sample*, Sides>> tests;
  for (const auto& [sample, header, habits] : images) {
    const std::optional<Sides> sides = sides_of(header);
    if (!sides) continue;
    if (!sample->train) {
      tests.emplace_back(sample, *sides);
      continue;
    }
    if (learned.empty()) learned = size_text(*sides);
    lengths.add(sides->longer);
    ratios.add(sides->ratio());
  }
  if (learned.empty()) return "";
  const auto tell = [&](const std::string& what, const auto& differs) -> std::string {
    const auto other = [&](const auto& test) { return differs(test.second); };
    const auto count = std::ranges::count_if(tests, other);
    if (count == 0) return "";
    const auto& [sample, sides] = *std::ranges::find_if(tests, other);
    return std::to_string(count) + " of " + std::to_string(tests.size()) + " test images " +
           (count == 1 ? "is" : "are") + " of another " + what + " than those to learn from (" +
           place_of(sample->file) + ": " + size_text(sides) + ", not " + learned +
           (lengths.is_single() ? ")" : " or the like)");
  };
  const std::string shape =
      tell("aspect ratio", [&](const Sides& sides) { return ratios.is_outside(sides.ratio(), kOtherRatio); });
  if (!shape.empty()) return shape + ": all are stretched to one square, and figures may tell the shapes apart";
  return tell("size", [&](const Sides& sides) { return lengths.is_outside(sides.longer, kOtherSize); });
}

}  // namespace

std::vector<std::string> different_conditions(const Dataset& data, const std::string& object) {
  std::vector<Seen> images;
  for (const Sample& sample : data.samples) {
    if (sample.object != object) continue;
    try {
      images.push_back({&sample, read_header(sample.file), sample.train ? FileHabits() : habits_of(sample.file)});
    } catch (const Error&) {  // told about where it is read
    }
  }
  std::vector<std::string> remarks = {different_cameras(images)};
  if (remarks.front().empty()) remarks.push_back(different_writing(images));
  remarks.push_back(different_sizes(images));
  std::erase(remarks, "");
  return remarks;
}

}  // namespace iuf
