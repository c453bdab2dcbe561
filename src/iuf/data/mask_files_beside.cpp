#include <algorithm>
#include <map>
#include <set>

#include "iuf/data/mask_files.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/roles.h"
#include "iuf/image/image.h"
#include "iuf/image/image_header.h"
#include "iuf/image/picture_looks.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// JPEG blurs the edges of what was drawn.
bool has_two_values(const Image& image) {
  const auto [low, high] = std::ranges::minmax(image.pixels);
  if (high - low <= 64) return false;  // one value and its noise
  const auto between = std::ranges::count_if(
      image.pixels, [low = int{low}, high = int{high}](uint8_t v) { return v - low > 32 && high - v > 32; });
  return between * 50 <= static_cast<std::ptrdiff_t>(image.pixels.size());
}

// Drawn, not photographed: what keeps its values has few colours then, since masks number their regions; a WebP may or
// may not. What cannot be decoded is told about where it is read as a photograph.
bool is_drawn(const fs::path& file) {
  try {
    const ImageHeader header = read_header(file);
    if (header.bits == 1) return true;
    const Image image = read_image(file);
    const bool jpeg = header.format == ImageHeader::Format::jpeg, webp = header.format == ImageHeader::Format::webp;
    return (!jpeg && look_at(image).colours < kManyColours) || ((jpeg || webp) && has_two_values(image));
  } catch (const Error&) {
    return false;
  }
}

class Telling {
 public:
  Telling(const std::vector<fs::path>& images, Doubtful doubtful) : images_(images), doubtful_(doubtful) {
    for (const fs::path& image : images) names_.push_back(mask_name(image.stem().string()));
    // Where all are called so, it is what they show: face masks.
    if (std::ranges::all_of(names_, [](const MaskName& name) { return name.word != MaskWord::none; }))
      for (MaskName& name : names_) name = {};
    for (size_t i = 0; i < images.size(); ++i)
      if (names_[i].word == MaskWord::none) by_stem_[photograph_stem(images[i].stem().string())].push_back(i);
    for (size_t i = 0; i < images.size(); ++i)
      if (names_[i].word == MaskWord::none) same_stem_[composed(images[i].stem().string())].push_back(i);
  }

  Pictures pictures() {
    look();
    for (const auto& [stem, same] : same_stem_)
      if (same.size() > 1) by_stem(same);
    for (size_t i = 0; i < images_.size(); ++i)
      if (names_[i].word != MaskWord::none) by_name(i);
    Pictures found;
    for (size_t i = 0; i < images_.size(); ++i) {
      if (const auto mask = masks_.find(i); mask != masks_.end())
        found.masks.push_back({images_[i], images_[mask->second]});
      else
        found.photographs.push_back(images_[i]);
    }
    return found;
  }

 private:
  std::vector<size_t> photographs_of(size_t mask) const {
    const auto found = by_stem_.find(names_[mask].stem);
    return found == by_stem_.end() ? std::vector<size_t>() : found->second;
  }

  // Decodes those whose names do not tell.
  void look() {
    std::vector<size_t> unsure;
    for (size_t i = 0; i < images_.size(); ++i) {
      const bool known = !photographs_of(i).empty();
      if ((names_[i].word == MaskWord::weak && known) || (names_[i].word == MaskWord::strong && !known))
        unsure.push_back(i);
    }
    for (const auto& [stem, same] : same_stem_)
      if (same.size() > 1) unsure.insert(unsure.end(), same.begin(), same.end());
    std::vector<char> drawn(unsure.size());
    parallel_for(static_cast<int64_t>(unsure.size()), 1, [&](int64_t begin, int64_t) {
      const auto i = static_cast<size_t>(begin);
      drawn[i] = is_drawn(images_[unsure[i]]);
    });
    for (size_t i = 0; i < unsure.size(); ++i)
      if (drawn[i]) drawn_.insert(unsure[i]);
  }

  void by_name(size_t i) {
    std::vector<size_t> photographs = photographs_of(i);
    std::erase_if(photographs, [&](size_t p) { return masks_.contains(p); });
    if (photographs.empty()) {
      if (drawn_.contains(i) && doubtful_ == Doubtful::error)
        fail(images_[i].string(), ": called like a mask, but no photograph ", names_[i].stem,
             " is beside it; rename it, or move it to ground_truth/KIND");
    } else if (names_[i].word == MaskWord::strong || drawn_.contains(i)) {
      if (photographs.size() > 1 && doubtful_ == Doubtful::error)
        fail(images_[i].string(), ": a mask of ", images_[photographs[0]].filename().string(), " or of ",
             images_[photographs[1]].filename().string(), "? Rename one of them");
      masks_[i] = photographs.front();
    }
  }

  void by_stem(const std::vector<size_t>& same) {
    const auto is_photograph = [&](size_t i) { return !drawn_.contains(i); };
    if (same.size() == 2 && std::ranges::count_if(same, is_photograph) == 1) {
      const bool first = is_photograph(same[0]);
      masks_[same[first]] = same[!first];
    } else if (doubtful_ == Doubtful::error) {
      fail(images_[same[0]].string(), " and ", images_[same[1]].filename().string(),
           ": two photographs of one name, or one and its mask? Rename one, or move masks to ground_truth/KIND");
    }
  }

  const std::vector<fs::path>& images_;
  Doubtful doubtful_;
  std::vector<MaskName> names_ = {};
  std::map<std::string, std::vector<size_t>> by_stem_ = {}, same_stem_ = {};  // of photographs, as far as names tell
  std::set<size_t> drawn_ = {};
  std::map<size_t, size_t> masks_ = {};  // with the photograph of each
};

}  // namespace

Pictures tell_masks(const std::vector<fs::path>& images, Doubtful doubtful) {
  std::set<std::string> stems;
  for (const fs::path& image : images) stems.insert(name_key(image.stem().string()));
  std::vector<fs::path> derived, others;
  for (const fs::path& image : images)
    (stems.contains(derived_from(image.stem().string())) ? derived : others).push_back(image);
  Pictures found = Telling(others, doubtful).pictures();
  found.derived = std::move(derived);
  return found;
}

}  // namespace iuf
