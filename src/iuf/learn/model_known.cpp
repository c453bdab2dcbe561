#include <algorithm>

#include "iuf/learn/model.h"
#include "tensor/text.h"

// Which images a model has seen before, and which objects are alike.
namespace iuf {

std::string KnownPhotographs::saved_anew_text() const {
  if (anew == 0) return "";
  return ", " + std::to_string(anew) + " of them saved anew or taken again (first: " + plain_text(first) + ")";
}

KnownPhotographs Model::learned_from(size_t object, SeenImages& images) const {
  KnownPhotographs known{.are = std::vector<KnownPhotographs::Kind>(images.files().size())};
  std::vector<size_t> others;
  for (size_t i = 0; i < images.files().size(); ++i) {
    if (images.facts()[i].content == 0) continue;
    if (std::ranges::binary_search(objects_.at(object).photographs, images.facts()[i].photograph))
      known.are[i] = KnownPhotographs::same_pixels;
    else if (!images.facts()[i].picture.looks.nearly_constant)
      others.push_back(i);
  }
  const KnownViews& views = known_views_.at(object);
  if (others.empty() || views.size() < KnownViews::kFewest) return known;
  const std::vector<std::vector<float>>& all = images.views(ignored_.at(object));
  std::vector<std::vector<float>> own;
  for (const size_t i : others) own.push_back(all[i]);
  const std::vector<std::optional<size_t>> found = views.known(own);
  for (size_t k = 0; k < others.size(); ++k) {
    if (!found[k]) continue;
    known.are[others[k]] = KnownPhotographs::saved_anew;
    if (known.anew++ == 0) known.first = images.files()[others[k]];
  }
  return known;
}

bool Model::are_siblings(size_t a, size_t b) const {
  const auto &one = novelty_.at(a), &other = novelty_.at(b);
  return one && other && std::max((*one)(other->centre()), (*other)(one->centre())) <= kSiblings;
}

}  // namespace iuf
