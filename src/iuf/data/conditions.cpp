#include "iuf/data/conditions.h"

#include <algorithm>
#include <map>

#include "iuf/data/image_header.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr double kCommon = 0.1;  // share of the images that may be like those of the other kind

using Counts = std::map<std::string, size_t>;

struct Group {
  size_t images = 0;
  Counts sizes = {}, formats = {};

  void add(const std::filesystem::path& file) {
    try {
      const ImageHeader header = read_header(file);
      const auto [low, high] = std::minmax(header.width, header.height);
      ++sizes[low > 0 ? std::to_string(high) + " x " + std::to_string(low) : "unknown"];
      ++formats[header.name + (header.bits == 16 ? " of 16 bits" : "") +
                (header.palette         ? " palette"
                 : header.channels <= 2 ? " gray"
                                        : "")];
      ++images;
    } catch (const Error&) {  // told about where it is read
    }
  }
};

// Of the smaller shares of each.
double common(const Counts& a, const Group& of_a, const Counts& b, const Group& of_b) {
  double share = 0;
  for (const auto& [value, count] : a)
    if (const auto other = b.find(value); other != b.end())
      share += std::min(static_cast<double>(count) / static_cast<double>(of_a.images),
                        static_cast<double>(other->second) / static_cast<double>(of_b.images));
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

}  // namespace

std::string different_conditions(const Dataset& data, const std::string& object) {
  Group normal, defective;
  for (const Sample& sample : data.samples)
    if (sample.object == object && !sample.train) (sample.defect ? defective : normal).add(sample.file);
  if (normal.images == 0 || defective.images == 0) return "";
  const auto differ = [&](Counts Group::*of) {
    return common(normal.*of, normal, defective.*of, defective) <= kCommon;
  };
  const bool sizes = !vary(normal) && !vary(defective) && differ(&Group::sizes), formats = differ(&Group::formats);
  if (!sizes && !formats) return "";
  return "normal and defective test images differ in " +
         (sizes ? difference("size", normal.sizes, defective.sizes) : "") + (sizes && formats ? " and " : "") +
         (formats ? difference("format", normal.formats, defective.formats) : "") +
         ": figures may tell the cameras apart, not the defects";
}

}  // namespace iuf
