#include "iuf/checks/mask_boxes.h"

#include <algorithm>
#include <vector>

#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "iuf/image/mask.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr size_t kFewestBoxes = 5;
constexpr size_t kMostOthers = 10;  // of so many boxes one mask may be none
constexpr size_t kSmallest = 5;     // pixels a side; a small defect fills a smaller box by itself

// Marked pixels of a row side by side: [begin, end).
struct Span {
  size_t begin, end;
  bool operator==(const Span&) const = default;
};

std::vector<Span> spans_of(const uint8_t* row, size_t width) {
  std::vector<Span> spans;
  for (size_t x = 0; x < width; ++x) {
    if (row[x] == 0) continue;
    if (x > 0 && row[x - 1] != 0)
      spans.back().end = x + 1;
    else
      spans.push_back({x, x + 1});
  }
  return spans;
}

enum class Boxes { unknown, none, yes, no };  // none: nothing is marked

Boxes look_at(const std::filesystem::path& file) {
  try {
    const Image mask = read_mask(file).image;
    if (std::ranges::all_of(mask.pixels, [](uint8_t value) { return value == 0; })) return Boxes::none;
    return is_of_boxes(mask) ? Boxes::yes : Boxes::no;
  } catch (const std::exception&) {  // told about where it is used
    return Boxes::none;
  }
}

}  // namespace

bool is_of_boxes(const Image& mask) {
  struct Box {
    Span span;
    size_t top;
  };
  std::vector<Box> open;  // that the row before has
  size_t largest = 0;
  const auto close = [&](const Box& box, size_t bottom) {
    largest = std::max(largest, std::min(box.span.end - box.span.begin, bottom - box.top));
  };
  for (int y = 0; y < mask.height; ++y) {
    std::vector<Box> now;
    for (const Span& span : spans_of(mask.row(y), static_cast<size_t>(mask.width))) {
      const auto above = std::ranges::find(open, span, &Box::span);
      const auto touches = [&](const Box& box) { return box.span.begin <= span.end && span.begin <= box.span.end; };
      if (above == open.end() && std::ranges::any_of(open, touches)) return false;
      now.push_back(above == open.end() ? Box{span, static_cast<size_t>(y)} : *above);
    }
    for (const Box& box : open)
      if (std::ranges::none_of(now, [&](const Box& own) { return own.span == box.span; }))
        close(box, static_cast<size_t>(y));
    open = std::move(now);
  }
  for (const Box& box : open) close(box, static_cast<size_t>(mask.height));
  return largest >= kSmallest;
}

std::string box_masks(const Dataset& data, const std::string& object) {
  std::vector<std::filesystem::path> files;
  for (const Sample& sample : data.samples)
    if (sample.object == object) files.insert(files.end(), sample.masks.begin(), sample.masks.end());
  std::vector<Boxes> looked(files.size(), Boxes::unknown);
  const auto count = [&](Boxes what) { return static_cast<size_t>(std::ranges::count(looked, what)); };
  const auto are_boxes = [&](const std::vector<size_t>& which) {
    parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
      const size_t i = which[static_cast<size_t>(n)];
      if (looked[i] == Boxes::unknown) looked[i] = look_at(files[i]);
    });
    // Boxes that overlap are none together.
    return count(Boxes::yes) >= kFewestBoxes && kMostOthers * count(Boxes::no) <= count(Boxes::yes);
  };
  if (!are_boxes(spread_sample(files.size())) || !are_boxes(spread_sample(files.size(), files.size()))) return "";
  const size_t boxes = count(Boxes::yes), all = boxes + count(Boxes::no);
  const auto first = static_cast<size_t>(std::ranges::find(looked, Boxes::yes) - looked.begin());
  return (boxes == all ? "all " : std::to_string(boxes) + " of ") + std::to_string(all) +
         " masks are upright boxes (first: " + place_of(files[first]) + "): pixel figures measure boxes, not defects";
}

}  // namespace iuf
