#include "iuf/run/calibrate_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/json_fields.h"
#include "iuf/features/copies.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/model.h"
#include "iuf/learn/recalibration.h"
#include "iuf/learn/repeat_shots.h"
#include "iuf/run/known_photographs.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "iuf/run/sorted_out.h"
#include "iuf/run/text.h"
#include "iuf/stats/conformal.h"
#include "iuf/stats/drift.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

void check_request(const CalibrateOptions& o) {
  if (o.back && (o.false_alarms || o.threshold || o.folder))
    fail("calibrate: going back leaves no room for another threshold; ask for one of them");
  if (o.threshold && (o.false_alarms || o.folder))
    fail("calibrate: a threshold needs neither a share of false alarms nor images; ask for one of them");
  if (!o.back && !o.threshold && !o.false_alarms && !o.folder)
    fail(
        "calibrate: nothing is asked for: a share of false alarms, a threshold, a folder of normal images, or to go "
        "back");
}

std::vector<size_t> chosen_objects(const Model& model, const CalibrateOptions& o) {
  std::vector<size_t> chosen;
  if (o.object) {
    chosen.push_back(static_cast<size_t>(model.expected_object(*o.object)));
  } else {
    for (size_t i = 0; i < model.objects().size(); ++i) chosen.push_back(i);
  }
  if ((o.folder || o.threshold) && chosen.size() > 1)
    fail("calibrate: of which object? The model knows several, and ", o.folder ? "images are" : "a threshold is",
         " of one");
  return chosen;
}

// Images that are unlike every normal one as a whole are alarms at any threshold, and must not raise it: another
// product's would hide every defect.
void leave_out_unknown(std::vector<NormalScore>& scores, const std::vector<double>& novelty, const std::string& object,
                       const Progress& progress) {
  const size_t all = scores.size();
  std::string first;
  size_t kept = 0;
  for (size_t k = 0; k < all; ++k) {
    if (novelty[k] <= 1)
      scores[kept++] = scores[k];
    else if (first.empty())
      first = escaped(scores[k].image.file);
  }
  scores.resize(kept);
  if (kept == all) return;
  const std::string unlike = std::to_string(all - kept) + " of " + std::to_string(all) +
                             " images are unlike all that '" + plain_text(object) +
                             "' was learned from, first: " + first;
  if (2 * kept < all)
    fail(unlike,
         ": they are 'unknown' at every threshold. Is it another product, or another lamp or camera? Learn it as an "
         "object of its own (`iuf add`)");
  progress.note(unlike + ": they stay 'unknown' at every threshold, and their scores do not count");
}

// From where on a threshold's rise is questioned, as a multiple of the earlier one's distance to the usual scores.
constexpr double kDoubtfulRise = 2;

void note(const std::string& object, const std::string& text, const Progress& progress) {
  if (!text.empty()) progress.note(object + ": " + text);
}

// Of the images at these places the first of each part, where several shots show it: a threshold promises something of
// parts.
std::vector<size_t> one_of_each_part(const std::shared_ptr<const IgnoredRegion>& ignored,
                                     const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                                     const std::vector<size_t>& images, const ObjectRecord& object,
                                     const FeatureCache& cache, const Progress& progress) {
  std::vector<TrainingImage> pictures;
  for (const size_t i : images) pictures.push_back({.file = files[i], .hash = facts[i].content});
  const std::vector<size_t> first = first_shots(pictures, cache, ignored);
  std::vector<size_t> kept;
  for (size_t k = 0; k < images.size(); ++k)
    if (first[k] == k) kept.push_back(images[k]);
  if (kept.size() < images.size())
    progress.note(object.name + ": " + std::to_string(images.size()) + " images are of about " +
                  std::to_string(kept.size()) + " parts, which several shots show: each part counts once");
  return kept;
}

struct LaterLot {
  LaterScores scores = {};
  std::vector<uint64_t> photographs = {};      // of each part, which counts once
  std::vector<std::vector<float>> views = {};  // the same
};

// The scores of the folder's images that the object was not learned from.
LaterLot later_lot(const Model& model, size_t number, ObjectRecord& object, const CalibrateOptions& o,
                   const Progress& progress) {
  const Dataset data = read_object(*o.folder, object.name, o.trust);
  const std::vector<std::string> files = normal_images(data, object.name);
  refuse_sorted_out(*o.folder, files, o.trust, object.name, progress);
  note_normal_images(data, object.name, progress);
  note_taken_out(object.name, files, progress);
  const FeatureCache cache(o.cache.or_in(cache_beside(o.model)), model.extractor());
  const std::vector<ImageFacts> facts = cache.read(files, "features of " + object.name, progress);
  if (const std::string text = copies_text(object.name, files, originals(facts)); !text.empty()) progress.note(text);
  std::vector<size_t> images = distinct(facts);
  SeenImages seen(files, facts, cache);
  const KnownPhotographs learned = model.learned_from(number, seen);
  const KnownPhotographs calibrated =
      o.later == LaterImages::add ? model.calibrated_by(number, seen) : KnownPhotographs();
  const size_t known = std::erase_if(images, [&](size_t i) {
    return learned.are[i] != KnownPhotographs::no ||
           (!calibrated.are.empty() && calibrated.are[i] != KnownPhotographs::no);
  });
  const std::string anew = learned.anew_count > 0 ? learned.anew_text() : calibrated.anew_text();
  if (images.empty())
    fail(plain_text(o.folder->string()), ": the scores of all of these photographs are those of '", object.name,
         "' already", anew, "; give others");
  if (known > 0)
    progress.note(object.name + ": " + std::to_string(known) + " of " + std::to_string(known + images.size()) +
                  " photographs are ones that it knows" + anew + ", and do not count again");
  refuse_other_object(model, {object.name, files}, facts, images, cache, o.trust, progress);
  LaterLot lot;
  for (const size_t i : images) lot.scores.photographs.push_back(facts[i].photograph);
  images = one_of_each_part(model.ignored(number), files, facts, images, object, cache, progress);
  for (const size_t i : images) {
    lot.photographs.push_back(facts[i].photograph);
    lot.views.push_back(seen.views(model.ignored(number))[i]);
  }
  std::vector<NormalScore> scores(images.size());
  std::vector<double> novelty(images.size());
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t k, int64_t) {
    const size_t i = images[static_cast<size_t>(k)];
    const ImageFeatures features = cache.load(files[i], facts[i].content);
    novelty[static_cast<size_t>(k)] = model.novelties(features)[number].value_or(0);
    scores[static_cast<size_t>(k)] = normal_score({.file = files[i], .hash = facts[i].photograph},
                                                  model.judge_normal(features, static_cast<int64_t>(number)));
  });
  leave_out_unknown(scores, novelty, object.name, progress);
  take_out_apart(scores, object, progress);
  if (const std::optional<double> rate = o.false_alarms ? o.false_alarms : object.false_alarms)
    remark(hangs_on_text(scores, o.later == LaterImages::add ? object.scores : std::vector<double>(), *rate), object,
           progress);
  for (const NormalScore& s : scores) lot.scores.scores.push_back(s.score);
  return lot;
}

// What the model remembers of it.
ModelChange change_of(const std::vector<Recalibrated>& changed) {
  ModelChange change{.command = "calibrate"};
  std::vector<std::string> texts;
  for (const auto& [before, object] : changed) {
    change.objects.push_back(object.name);
    texts.push_back(object.name + ": threshold " + trimmed_text(object.threshold, 6) + " from " +
                    std::to_string(object.scores.size()) + " scores");
  }
  change.what = joined(texts, "; ");
  return change;
}

// Why a threshold does not go back beyond an update: it was one of other scores. Empty where the object's last change
// was none.
std::string updated_since(const Model& model, std::string object) {
  const std::string name = plain_text(object);
  const std::vector<ModelChange>& changes = model.changes();
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (std::ranges::find(change->objects, object) == change->objects.end()) continue;
    if (change->command == "rename") {
      object = change->objects.front();
      continue;
    }
    if (change->command != "update") return "";
    return "'" + name + "' was updated since (version " + std::to_string(change->version) +
           "), and earlier thresholds are of other scores: `iuf rollback --to " + std::to_string(change->version - 1) +
           "` brings back what the model was, `iuf calibrate --false-alarms` sets another share";
  }
  return "";
}

std::string percent(double share) {
  return percent_text(share) + " %";
}

}  // namespace

std::vector<Recalibrated> calibrate_model(const CalibrateOptions& o, const Progress& progress) {
  check_request(o);
  const fs::path target = o.out ? *o.out : o.model;
  if (o.out && target.has_parent_path()) make_folder(target.parent_path());
  std::optional<ModelLock> lock;
  if (fs::exists(target)) lock.emplace(target);
  Model model = Model::load(o.model, progress);
  if (model.objects().empty()) fail(o.model.string(), ": has not learned any object yet");
  std::vector<Recalibrated> changed;
  bool differs = o.out.has_value();  // a call that is made again, as after a power cut, is no further version
  for (const size_t number : chosen_objects(model, o)) {
    ObjectRecord object = model.objects()[number];
    const Calibration before = object;
    const std::string updated = o.back ? updated_since(model, object.name) : "";
    if (o.object && !updated.empty()) fail("object ", updated);
    if (!updated.empty()) {
      progress.note(updated);
      continue;
    }
    if (!o.object && (o.back ? object.earlier.empty() : o.false_alarms && !o.folder && object.scores.empty())) {
      progress.note(o.back ? object.name + ": its threshold was never changed, and stays" : threshold_stays(object));
      continue;
    }
    if (o.back) {
      undo_calibration(object);
    } else if (o.threshold) {
      set_threshold(object, *o.threshold);
    } else if (o.folder) {
      const LaterLot lot = later_lot(model, number, object, o, progress);
      const std::vector<double>& scores = lot.scores.scores;
      take_normal_scores(object, lot.scores, o.later, o.false_alarms);
      model.add_later_lot(number, lot.photographs, lot.views);
      note(object.name, known_by_score(before, scores), progress);
      note(object.name, none_above(model.objects()[number], scores), progress);
      note(object.name, doubtful_rise(before, object, "`iuf calibrate --back`"), progress);
    } else {
      set_false_alarms(object, *o.false_alarms);
    }
    differs |= to_json(object) != to_json(model.objects()[number]);
    model.set_calibration(number, object);
    changed.push_back({before, std::move(object)});
  }
  if (changed.empty()) fail("calibrate: no object of ", o.model.string(), " has a threshold that this changes");
  if (differs) save_version(model, target, change_of(changed), o.versions, progress);
  return changed;
}

std::string threshold_stays(const ObjectRecord& object) {
  return object.name + ": the model keeps no scores of normal images, its threshold stays";
}

std::string expected_false_alarms(const Calibration& c) {
  if (!c.threshold || c.scores.empty()) return "n/a";
  const AlarmRate rate = alarm_rate(c.scores, *c.threshold);
  const std::string interval = " (" + percent_text(rate.low) + " to " + percent(rate.high) + ")";
  if (*c.threshold > c.scores.back()) return "at most " + percent(rate.expected) + interval;
  return percent(rate.expected) + interval;
}

std::string doubtful_rise(const Calibration& before, const ObjectRecord& now, const std::string& undo) {
  // Lot by lot, each can stay below a limit that all together pass.
  const auto first = std::ranges::find_if(now.earlier, [](const Calibration& c) { return c.false_alarms.has_value(); });
  const Calibration& from = first == now.earlier.end() ? before : *first;
  const std::optional<double> scaled = now.threshold ? scaled_score(from, *now.threshold) : std::nullopt;
  if (!scaled || *scaled <= kDoubtfulRise) return "";
  return "the threshold rises from " + number_text(from.threshold) + " to " + number_text(now.threshold) +
         ", where defects may hide: are all of these images good parts of '" + now.name + "'? " + undo + " undoes it";
}

std::string known_by_score(const Calibration& before, const std::vector<double>& scores) {
  if (score_drift(before.scores, scores) != Drift::down) return "";
  return "these images score clearly lower than normal ones that the model has not seen: are photographs among them "
         "that it was learned from, saved anew? A threshold from them is too low, and new good parts become false "
         "alarms";
}

size_t images_missing(const Calibration& c) {
  if (!c.false_alarms) return 0;
  const size_t needed = images_needed(*c.false_alarms);
  return needed > c.scores.size() ? needed - c.scores.size() : 0;
}

bool is_extrapolated(const Calibration& c) {
  return c.threshold && !c.scores.empty() && images_missing(c) > 0;
}

}  // namespace iuf
