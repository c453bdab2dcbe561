#include "iuf/run/update_object.h"

#include <algorithm>

#include "iuf/checks/description.h"
#include "iuf/features/copies.h"
#include "iuf/learn/model.h"
#include "iuf/learn/model_versions.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/ignore_masks.h"
#include "iuf/run/known_photographs.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "iuf/run/sorted_out.h"
#include "iuf/stats/conformal.h"
#include "iuf/stats/drift.h"
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

// The places of the images that the object was not learned from, copies of one another left out.
std::vector<size_t> new_images(const Model& model, const std::string& object, SeenImages& seen) {
  const KnownPhotographs known = model.learned_from(static_cast<size_t>(model.expected_object(object)), seen);
  std::vector<size_t> images = distinct(seen.facts());
  std::erase_if(images, [&](size_t i) { return known.are[i] != KnownPhotographs::no; });
  return images;
}

// What the model says of an object's new images before it learns them: those at these places of the source's, whose
// facts are `facts`.
class FirstLook {
 public:
  FirstLook(const Model& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
            const std::vector<size_t>& images, const FeatureCache& cache)
      : object_(record_of(model, source.name)), scores_(images.size()) {
    parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t k, int64_t) {
      const size_t i = images[static_cast<size_t>(k)];
      scores_[static_cast<size_t>(k)] =
          model.judge_normal(cache.load(source.images[i], facts[i].content), model.expected_object(source.name)).score;
    });
    if (images.empty()) return;
    alarms_ = static_cast<size_t>(
        std::ranges::count_if(scores_, [&](double score) { return object_.threshold && score > *object_.threshold; }));
    highest_ = source.images[images[static_cast<size_t>(std::ranges::max_element(scores_) - scores_.begin())]];
  }

  // They may be parts with defects, which would be usual from then on.
  bool are_mostly_defects() const { return 2 * alarms_ > scores_.size(); }
  // More of them than a good lot has.
  bool hold_defects() const {
    return alarms_ > 1 && !alarms_as_expected(object_.scores, *object_.threshold, alarms_, scores_.size());
  }
  std::string alarms() const {
    return std::to_string(alarms_) + " of " + std::to_string(scores_.size()) +
           (alarms_ == 1 ? " images is a defect" : " images are defects");
  }
  std::string defects() const {
    return alarms() + " by the present threshold, the highest score: " + plain_text(highest_);
  }
  std::string known() const { return known_by_score(object_, scores_); }
  std::string none_above() const { return iuf::none_above(object_, scores_); }
  // Of a lot that is unlike what was learned, though its images pass.
  std::string drift() const {
    if (score_drift(object_.scores, scores_) != Drift::up) return "";
    return "these images score clearly higher than the normal ones that were learned: another lamp, camera or batch, "
           "or wear? What they show becomes usual, and is no defect from then on";
  }

 private:
  const ObjectRecord& object_;
  std::vector<double> scores_ = {};
  size_t alarms_ = 0;
  std::string highest_ = {};
};

// What the oldest version that is kept beside the model and knows the object says of the images: lot by lot, wear that
// grows slowly becomes usual, though none of the lots is refused. Empty where it finds no more than half of them
// defective, too, and where it cannot be read.
std::string by_oldest(const fs::path& model, const Model::Source& source, const std::vector<ImageFacts>& facts,
                      const std::vector<size_t>& images, const CachePlace& place) {
  const std::vector<KeptModel> kept = ModelVersions(model).kept();
  for (auto version = kept.rbegin(); version != kept.rend(); ++version) {
    try {
      const Model old = Model::load(version->file, {});
      const auto object = std::ranges::find(old.objects(), source.name, &ObjectRecord::name);
      if (object == old.objects().end() || !object->threshold) continue;
      const FeatureCache cache(place, old.extractor());
      const FirstLook look(old, source, facts, images, cache);
      if (!look.are_mostly_defects()) return "";
      return "by version " + std::to_string(version->version) + ", " + look.alarms() +
             ": has the product changed lot by lot, as by wear? If so, defects of this kind are no longer found; "
             "`iuf rollback --to " +
             std::to_string(version->version) + "` goes back";
    } catch (const std::exception&) {  // damaged, or gone by now
    }
  }
  return "";
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
  const CachePlace cache_place = o.cache.or_in(cache_beside(o.model));
  const FeatureCache cache(cache_place, model.extractor());
  const Model::Source source{o.object, normal_images(data, o.object), read_ignore_mask(o.ignore, o.object)};
  refuse_sorted_out(o.folder, source.images, o.trust, o.object, progress);
  note_taken_out(o.object, source.images, progress);
  model.decide_window({source}, progress);
  const std::vector<ImageFacts> facts = cache.read(source.images, "features of " + o.object, progress);
  SeenImages seen(source.images, facts, cache);
  check_known_elsewhere(model, source.name, seen, progress);
  const std::vector<size_t> images = new_images(model, source.name, seen);
  refuse_other_object(model, source, facts, images, cache, o.trust, progress);
  const FirstLook look(model, source, facts, images, cache);
  if (look.are_mostly_defects() && o.trust != Trust::caller)
    fail("object '", o.object, "': ", look.defects(),
         ". Learned as normal, no such defect is found again. If they are good parts, as under another lamp or of "
         "another batch, `--normal` says so");
  if (look.are_mostly_defects())
    progress.note(o.object + ": " + look.defects() + "; learned as normal, as is asked for");
  else if (look.hold_defects())
    progress.note(o.object + ": " + look.defects() +
                  "; learned as normal, no such defect is found again: look at them, and if they are defects, undo it "
                  "(`iuf rollback`) and take them out");
  std::vector<std::string> remarks = {look.known(), look.none_above()};
  if (!look.are_mostly_defects()) {
    remarks.push_back(look.drift());
    remarks.push_back(by_oldest(target.path(), source, facts, images, cache_place));
  }
  for (const std::string& text : remarks)
    if (!text.empty()) progress.note(o.object + ": " + text);
  updated.learned = model.update(
      source, cache, {.state = state, .checkpoint_seconds = o.checkpoint_seconds, .progress = progress}, o.later);
  updated.now = record_of(model, o.object);
  if (const std::string text = doubtful_rise(updated.before, updated.now, "`iuf rollback`"); !text.empty())
    progress.note(o.object + ": " + text);
  if (updated.learned) {
    const int64_t more = updated.now.train_images + updated.now.held_out_images - updated.before.train_images -
                         updated.before.held_out_images;
    save_version(model, target.path(),
                 {.command = "update",
                  .objects = {o.object},
                  .what = "learned " + plural(more, "more image", "more images") + " of " + o.object},
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
