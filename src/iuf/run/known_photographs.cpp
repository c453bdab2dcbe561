#include "iuf/run/known_photographs.h"

#include <algorithm>

#include "iuf/features/copies.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {

void check_known_elsewhere(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                           const FeatureCache& cache, const Progress& progress) {
  std::vector<size_t> images = distinct(facts);
  std::erase_if(images, [&](size_t i) { return facts[i].picture.looks.nearly_constant; });
  std::vector<std::string> unknown;
  for (size_t o = 0; o < model.objects().size(); ++o) {
    const ObjectRecord& object = model.objects()[o];
    if (object.name == source.name) continue;
    if (object.photographs.empty() && object.train_images > 0) unknown.push_back(object.name);
    const KnownPhotographs known = model.learned_from(o, source.images, facts, cache);
    std::vector<size_t> shared;
    std::ranges::copy_if(images, std::back_inserter(shared), [&](size_t i) { return known.are[i] != 0; });
    if (shared.empty()) continue;
    const std::string first = plain_text(source.images[shared.front()]);
    if (shared.size() == images.size())
      fail("all ", images.size(), " photographs of '", source.name, "' are ones that the model learned '", object.name,
           "' from", known.saved_anew_text(), ", first: ", first,
           "; an object cannot be another as well: give images of the new one alone");
    progress.note(source.name + ": " + std::to_string(shared.size()) + " of " + std::to_string(images.size()) +
                  (shared.size() == 1 ? " photographs is one" : " photographs are ones") + " that the model learned '" +
                  object.name + "' from" + known.saved_anew_text() + ", first: " + first);
  }
  if (!unknown.empty())
    progress.note("an older version learned " + joined(unknown) +
                  ", and the model cannot tell whether these photographs are theirs");
}

}  // namespace iuf
