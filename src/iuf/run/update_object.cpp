#include "iuf/run/update_object.h"

#include <algorithm>

#include "iuf/data/copies.h"
#include "iuf/learn/model.h"
#include "iuf/run/ignore_masks.h"
#include "iuf/run/known_photographs.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

// The file that a command leaves, locked where it is there already.
class Target {
 public:
  Target(const fs::path& model, const std::optional<fs::path>& out) : path_(out ? *out : model) {
    if (out && path_.has_parent_path()) make_folder(path_.parent_path());
    if (fs::exists(path_)) lock_.emplace(path_);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  std::optional<ModelLock> lock_ = {};
};

const ObjectRecord& record_of(const Model& model, const std::string& object) {
  return model.objects().at(static_cast<size_t>(model.expected_object(object)));
}

// Images that are mostly defects by the threshold of now may be parts with defects, and would be usual from then on.
// Which they are; empty where they are not. `facts` are those of the source's images.
std::string mostly_defects(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                           const FeatureCache& cache) {
  const int64_t number = model.expected_object(source.name);
  const ObjectRecord& object = model.objects().at(static_cast<size_t>(number));
  std::vector<size_t> images = distinct(facts);
  std::erase_if(images, [&](size_t i) { return std::ranges::binary_search(object.photographs, facts[i].photograph); });
  if (!object.threshold || images.empty()) return "";
  std::vector<char> alarms(images.size());
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t k, int64_t) {
    const size_t i = images[static_cast<size_t>(k)];
    const Judgement j = model.judge_normal(cache.load(source.images[i], facts[i].content), number);
    alarms[static_cast<size_t>(k)] = j.score > *object.threshold;
  });
  const auto count = static_cast<size_t>(std::ranges::count(alarms, 1));
  if (2 * count <= images.size()) return "";
  const size_t first = images[static_cast<size_t>(std::ranges::find(alarms, 1) - alarms.begin())];
  return std::to_string(count) + " of " + std::to_string(images.size()) +
         (count == 1 ? " images is a defect" : " images are defects") +
         " by the present threshold, first: " + plain_text(source.images[first]);
}

template <class Edit>
void edit(const EditOptions& o, ModelChange change, const Progress& progress, const Edit& edit_model) {
  const Target target(o.model, o.out);
  Model model = Model::load(o.model, progress);
  edit_model(model);
  save_version(model, target.path(), std::move(change), o.versions, progress);
}

}  // namespace

Updated update_object(const UpdateOptions& o, const Progress& progress) {
  const Target target(o.model, o.out);
  Model model = Model::load(o.model, progress);
  Updated updated{.before = record_of(model, o.object), .now = {}};
  const Dataset data = read_object(o.folder, o.object, o.trust);
  note_data(data, data.objects, progress);
  const fs::path state = fs::path(target.path()).concat(".updating");
  const FeatureCache cache(o.cache.or_in(cache_beside(o.model)), model.extractor());
  const Model::Source source{o.object, normal_images(data, o.object), read_ignore_mask(o.ignore, o.object)};
  model.decide_window({source}, progress);
  const std::vector<ImageFacts> facts = cache.read(source.images, "features of " + o.object, progress);
  check_known_elsewhere(model, source, facts, progress);
  if (const std::string text = mostly_defects(model, source, facts, cache); !text.empty()) {
    if (o.trust != Trust::caller)
      fail("object '", o.object, "': ", text,
           ". Learned as normal, no such defect is found again. If they are good parts, as under another lamp or of "
           "another batch, `--normal` says so");
    progress.note(o.object + ": " + text + "; learned as normal, as is asked for");
  }
  updated.learned = model.update(
      source, cache, {.state = state, .checkpoint_seconds = o.checkpoint_seconds, .progress = progress}, o.later);
  updated.now = record_of(model, o.object);
  if (updated.learned) {
    const int64_t more = updated.now.train_images + updated.now.held_out_images - updated.before.train_images -
                         updated.before.held_out_images;
    save_version(model, target.path(),
                 {.command = "update",
                  .objects = {o.object},
                  .what = "learned " + std::to_string(more) + " more images of " + o.object},
                 o.versions, progress);
  } else if (o.out && !fs::exists(target.path())) {
    save_copy(model, target.path(), o.versions);
  }
  fs::remove(state);
  return updated;
}

void remove_object(const EditOptions& o, const std::string& object, const Progress& progress) {
  edit(o, {.command = "remove", .objects = {object}, .what = "forgot " + object}, progress,
       [&](Model& model) { model.remove(object); });
}

void rename_object(const EditOptions& o, const std::string& object, const std::string& to, const Progress& progress) {
  edit(o, {.command = "rename", .objects = {object, to}, .what = "renamed " + object + " to " + to}, progress,
       [&](Model& model) { model.rename(object, to); });
}

}  // namespace iuf
