#include "iuf/run/known_photographs.h"

#include <algorithm>

#include "iuf/features/copies.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {

void check_known_elsewhere(const Model& model, const std::string& name, SeenImages& seen, const Progress& progress) {
  std::vector<size_t> images = distinct(seen.facts());
  std::erase_if(images, [&](size_t i) { return seen.facts()[i].picture.looks.nearly_constant; });
  std::vector<std::string> unknown;
  for (size_t o = 0; o < model.objects().size(); ++o) {
    const ObjectRecord& object = model.objects()[o];
    if (object.name == name) continue;
    if (object.photographs.empty() && object.train_images > 0) unknown.push_back(object.name);
    const KnownPhotographs known = model.learned_from(o, seen);
    std::vector<size_t> shared;
    std::ranges::copy_if(images, std::back_inserter(shared),
                         [&](size_t i) { return known.are[i] != KnownPhotographs::no; });
    if (shared.empty()) continue;
    const std::string first = plain_text(seen.files()[shared.front()]);
    if (shared.size() == images.size())
      fail("all ", images.size(), " photographs of '", name, "' are ones that the model learned '", object.name,
           "' from", known.anew_text(), ", first: ", first,
           "; an object cannot be another as well: give images of the new one alone");
    progress.note(name + ": " + std::to_string(shared.size()) + " of " + std::to_string(images.size()) +
                  (shared.size() == 1 ? " photographs is one" : " photographs are ones") + " that the model learned '" +
                  object.name + "' from" + known.anew_text() + ", first: " + first);
  }
  if (!unknown.empty())
    progress.note("an older version learned " + joined(unknown) +
                  ", and the model cannot tell whether these photographs are theirs");
}

void refuse_other_object(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                         const std::vector<size_t>& images, const FeatureCache& cache, Trust trust,
                         const Progress& progress) {
  if (model.objects().size() < 2) return;
  const int64_t number = model.expected_object(source.name);
  std::vector<std::optional<int64_t>> better(images.size());
  parallel_for(std::ssize(images), 1, [&](int64_t k, int64_t) {
    const size_t i = images[static_cast<size_t>(k)];
    better[static_cast<size_t>(k)] = model.judge(cache.load(source.images[i], facts[i].content), number).fits_better;
  });
  const auto fits = [](const std::optional<int64_t>& object) { return object.has_value(); };
  const auto first = std::ranges::find_if(better, fits);
  if (first == better.end()) return;
  const auto count = static_cast<size_t>(std::ranges::count_if(better, fits));
  const std::string what = "another object than '" + plain_text(source.name) + "' fits " + std::to_string(count) +
                           " of " + plural(images.size(), "image", "images") + " better, first: " +
                           plain_text(source.images[images[static_cast<size_t>(first - better.begin())]]) + " (" +
                           plain_text(model.objects()[static_cast<size_t>(**first)].name) + ")";
  if (2 * count > images.size() && trust != Trust::caller)
    fail(what, ": are they parts of that one? Name it (`--object`), or say `--normal` if they are not");
  progress.note(what);
}

}  // namespace iuf
