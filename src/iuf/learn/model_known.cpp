#include <algorithm>

#include "iuf/learn/model.h"
#include "tensor/text.h"

// Which images a model has seen before, and which objects are alike.
namespace iuf {
namespace {

// Those that have the pixels of one of these photographs, which are sorted.
KnownPhotographs with_pixels_of(const std::vector<uint64_t>& photographs, const SeenImages& images) {
  KnownPhotographs known{.are = std::vector<KnownPhotographs::Kind>(images.files().size())};
  for (size_t i = 0; i < images.files().size(); ++i)
    if (images.facts()[i].content != 0 && std::ranges::binary_search(photographs, images.facts()[i].photograph))
      known.are[i] = KnownPhotographs::same_pixels;
  return known;
}

// Adds those that these views know again.
void add_anew(const KnownViews& views, SeenImages& images, const std::shared_ptr<const IgnoredRegion>& ignored,
              KnownPhotographs& known) {
  std::vector<size_t> others;
  for (size_t i = 0; i < images.files().size(); ++i)
    if (known.are[i] == KnownPhotographs::no && images.facts()[i].content != 0 &&
        !images.facts()[i].picture.looks.nearly_constant)
      others.push_back(i);
  if (others.empty() || views.size() < KnownViews::kFewest) return;
  const std::vector<std::vector<float>>& all = images.views(ignored);
  std::vector<std::vector<float>> own;
  for (const size_t i : others) own.push_back(all[i]);
  const std::vector<std::optional<size_t>> saved = views.known(own);
  const std::vector<uint8_t> taken = views.taken_again(own);
  for (size_t k = 0; k < others.size(); ++k) {
    if (!saved[k] && !taken[k]) continue;
    known.are[others[k]] = KnownPhotographs::anew;
    if (known.anew_count++ == 0) known.first = images.files()[others[k]];
  }
}

}  // namespace

std::string KnownPhotographs::anew_text() const {
  if (anew_count == 0) return "";
  return ", " + std::to_string(anew_count) + " of them saved anew or taken again (first: " + plain_text(first) + ")";
}

KnownPhotographs Model::learned_from(size_t object, SeenImages& images) const {
  KnownPhotographs known = with_pixels_of(objects_.at(object).photographs, images);
  add_anew(known_views_.at(object), images, ignored_.at(object), known);
  return known;
}

KnownPhotographs Model::calibrated_by(size_t object, SeenImages& images) const {
  const std::vector<uint64_t>& later = objects_.at(object).later_photographs;
  KnownPhotographs known = with_pixels_of(later, images);
  for (const KnownViews& lot : later_lots_.at(object).among(later)) add_anew(lot, images, ignored_.at(object), known);
  return known;
}

void Model::add_later_lot(size_t object, const std::vector<uint64_t>& photographs,
                          const std::vector<std::vector<float>>& views) {
  std::vector<uint64_t> counted;
  for (const Calibration& c : calibrations_of(objects_.at(object)))
    counted.insert(counted.end(), c.later_photographs.begin(), c.later_photographs.end());
  std::ranges::sort(counted);
  later_lots_.at(object).keep(counted);
  later_lots_[object].add(photographs, views);
}

bool Model::are_siblings(size_t a, size_t b) const {
  const auto &one = novelty_.at(a), &other = novelty_.at(b);
  return one && other && std::max((*one)(other->centre()), (*other)(one->centre())) <= kSiblings;
}

}  // namespace iuf
