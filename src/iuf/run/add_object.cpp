#include "iuf/run/add_object.h"

#include <algorithm>

#include "iuf/learn/model.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"

namespace iuf {

namespace fs = std::filesystem;

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
  const FeatureCache cache(o.cache ? *o.cache : cache_beside(o.model), model.extractor());
  const Model::Source source{name, normal_images(data, name)};
  model.decide_window({source}, progress);
  const uint64_t fingerprint = object_fingerprint(name, cache.read(source.images, "features of " + name, progress));
  const auto knows_it = [&](const Model& m) {
    return std::ranges::any_of(m.objects(), [&](const ObjectRecord& object) {
      return object.name == name && object.fingerprint == fingerprint;
    });
  };
  // Asked again after it was done, perhaps killed just after the last write: nothing is left to do.
  const bool written = fs::exists(target) && knows_it(Model::load(target));
  const bool learned = !written && !knows_it(model);
  if (learned)
    model.learn({source}, cache, {.state = state, .checkpoint_seconds = o.checkpoint_seconds, .progress = progress});
  if (!written) model.save(target);
  fs::remove(state);
  return learned;
}

}  // namespace iuf
