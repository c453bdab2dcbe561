#include "iuf/run/add_object.h"

#include <algorithm>

#include "iuf/checks/description.h"
#include "iuf/features/copies.h"
#include "iuf/learn/model.h"
#include "iuf/learn/normal_images.h"
#include "iuf/run/ignore_masks.h"
#include "iuf/run/known_photographs.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

// An object under a second name, its defects among the images, would have them learned as normal.
void refuse_known_product(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                          const FeatureCache& cache) {
  const std::vector<ObjectRecord>& objects = model.objects();
  if (std::ranges::find(objects, source.name, &ObjectRecord::name) != objects.end()) return;  // learn() refuses it
  const std::vector<size_t> images = distinct(facts);
  std::vector<std::vector<char>> alike(objects.size(), std::vector<char>(images.size()));
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t k, int64_t) {
    const size_t i = images[static_cast<size_t>(k)];
    const auto novelties =
        model.novelties(cache.load(source.images[i], facts[i].content, {.pixels = false, .aligned = false}));
    for (size_t o = 0; o < objects.size(); ++o)
      alike[o][static_cast<size_t>(k)] = novelties[o] && *novelties[o] <= kAlikeNovelty;
  });
  for (size_t o = 0; o < objects.size(); ++o) {
    const auto count = static_cast<size_t>(std::ranges::count(alike[o], 1));
    if (2 * count <= images.size() || !objects[o].threshold) continue;
    try {
      model.expected_object(objects[o].name);
    } catch (const Error&) {
      continue;  // the method keeps nothing to judge by
    }
    std::vector<double> scores(images.size());
    parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t k, int64_t) {
      const size_t i = images[static_cast<size_t>(k)];
      scores[static_cast<size_t>(k)] =
          model.judge(cache.load(source.images[i], facts[i].content), static_cast<int64_t>(o)).score;
    });
    const auto is_defect = [&](double score) { return verdict(score, objects[o].threshold) != Verdict::ok; };
    const auto defects = std::ranges::count_if(scores, is_defect);
    if (defects == 0) continue;
    const auto first = static_cast<size_t>(std::ranges::find_if(scores, is_defect) - scores.begin());
    fail("'", source.name, "': ", count, " of ", images.size(), " images look like '", objects[o].name,
         "', which the model knows already, and by it ", defects, (defects == 1 ? " is a defect" : " are defects"),
         ", first: ", plain_text(source.images[images[first]]), " (score ", scores[first], ", threshold ",
         *objects[o].threshold, "); as an object of its own these would be learned as normal, and such defects of '",
         objects[o].name, "' pass: take them out, or insist with --variant");
  }
}

// Of an object that was learned already.
void require_same_mask(const Model& model, const Model::Source& source) {
  const auto number = static_cast<size_t>(model.expected_object(source.name));
  const auto& region = model.ignored(number);
  if (!region || source.ignore->region(model.settings().image_size) != *region)
    fail("object '", source.name, "' was learned from these images ",
         region ? "with another mask of what to ignore" : "without a mask of what to ignore",
         "; `iuf remove` it and add it again with this one");
}

}  // namespace

bool add_object(const AddOptions& o, const Progress& progress) {
  const Dataset data = read_object(o.folder, o.name, o.trust);
  note_data(data, data.objects, progress);
  const std::string name = data.objects.at(0);
  const fs::path target = o.out ? *o.out : o.model;
  if (o.out && target.has_parent_path()) make_folder(target.parent_path());
  std::optional<ModelLock> lock;
  if (fs::exists(target)) lock.emplace(target);
  Model model = Model::load(o.model, progress);
  const fs::path state = fs::path(target).concat(".adding");
  const FeatureCache cache(o.cache.or_in(cache_beside(o.model)), model.extractor());
  const Model::Source source{name, normal_images(data, name), read_ignore_mask(o.ignore, name)};
  model.decide_window({source}, progress);
  const std::vector<ImageFacts> facts = cache.read(source.images, "features of " + name, progress);
  const uint64_t fingerprint = object_fingerprint(name, facts);
  const auto knows_it = [&](const Model& m) {
    return std::ranges::any_of(m.objects(), [&](const ObjectRecord& object) {
      return object.name == name &&
             object.fingerprint ==
                 (object.learned_as.empty() ? fingerprint : object_fingerprint(object.learned_as, facts));
    });
  };
  // Asked again after it was done, perhaps killed just after the last write: nothing is left to do.
  const bool written = fs::exists(target) && knows_it(Model::load(target));
  const bool learned = !written && !knows_it(model);
  if (!learned && source.ignore) {
    if (written) require_same_mask(Model::load(target), source);
    if (!written) require_same_mask(model, source);
  }
  if (learned) {
    SeenImages seen(source.images, facts, cache);
    check_known_elsewhere(model, source.name, seen, progress);
    if (o.alike == Alike::refused) refuse_known_product(model, source, facts, cache);
    model.learn({source}, cache, {.state = state, .checkpoint_seconds = o.checkpoint_seconds, .progress = progress});
  }
  if (learned) {
    const std::string images = plural(model.objects().back().train_images, "image", "images");
    save_version(model, target, {.command = "add", .objects = {name}, .what = "learned " + name + " from " + images},
                 o.versions, progress);
  } else if (!written) {
    save_copy(model, target, o.versions);
  }
  fs::remove(state);
  return learned;
}

}  // namespace iuf
