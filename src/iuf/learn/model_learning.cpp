#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>

#include "iuf/checks/name_groups.h"
#include "iuf/checks/turned_copies.h"
#include "iuf/features/copies.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/held_out.h"
#include "iuf/learn/ignored_part.h"
#include "iuf/learn/model.h"
#include "iuf/learn/normal_images.h"
#include "iuf/learn/repeat_shots.h"
#include "iuf/learn/training_pictures.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tensor/text.h"

// How a model learns: a step of new objects, and more images of a known one.
namespace iuf {
namespace {

uint64_t hash_text(const std::string& text, uint64_t seed) {
  return hash_bytes(std::as_bytes(std::span(text)), seed);
}

// Puts the groups together of images that repeat one another: copies of one photograph, shots of one part. The content
// of all but the first joins `again`. `first`: of each of `which`, by its place there.
void join_repeated(const std::vector<size_t>& which, const std::vector<size_t>& first, const std::string& of,
                   const std::vector<TrainingImage>& images, std::vector<size_t>& groups, std::set<uint64_t>& again,
                   ObjectRecord& record, const Progress& progress) {
  size_t copies = 0;
  for (size_t k = 0; k < which.size(); ++k) {
    if (first[k] == k) continue;
    ++copies;
    again.insert(images[which[k]].hash);
    std::ranges::replace(groups, size_t{groups[which[k]]}, size_t{groups[which[first[k]]]});
  }
  if (copies == 0) return;
  remark(std::to_string(which.size()) + " images are of about " + std::to_string(which.size() - copies) + of, record,
         progress);
}

}  // namespace

uint64_t object_fingerprint(const std::string& name, const std::vector<ImageFacts>& images) {
  uint64_t hash = hash_text(name, 0);
  for (const size_t i : distinct(images)) hash = mix_key(hash, images[i].content);
  return hash;
}

// A step as it is learned: which images are held out, and what is known of its objects before.
struct Model::Step {
  /// Features of the step's images, without what their objects ignore.
  struct Seen {
    const FeatureCache& whole;
    std::map<int64_t, Region> regions = {};  // by object, where it ignores one
    std::map<int64_t, std::shared_ptr<const IgnoringCache>> caches = {};

    Region region(int64_t object) const { return regions.contains(object) ? regions.at(object) : nullptr; }
    const FeatureCache& cache(int64_t object) const { return caches.contains(object) ? **caches.at(object) : whole; }
  };

  StepData data;
  std::shared_ptr<Seen> seen;
  std::vector<ObjectRecord> records = {};
  std::vector<std::vector<Tensor>> moments = {};  // of each object's images, as a whole
  std::vector<KnownViews> views = {};             // of each object's photographs
  std::set<uint64_t> again = {};                  // content of images that repeat others (photographs_of, first_shots)
  uint64_t fingerprint = 0;                       // of the model before and of all images
};

// The first 16-bit images that are learned say by which window this model reads any.
void Model::decide_window(const std::vector<Source>& sources, const Progress& progress) {
  std::vector<std::string> files;
  for (const Source& source : sources) files.insert(files.end(), source.images.begin(), source.images.end());
  iuf::decide_window(settings_, files, progress);
  if (const auto window = settings_.known_window()) extractor_->set_window(*window);
}

// That begins with this object.
Model::Step Model::step_of(const FeatureCache& cache, int64_t first_object) const {
  const auto seen = std::make_shared<Step::Seen>(Step::Seen{cache});
  return {
      .data = {.step = steps_,
               .first_object = first_object,
               .load = [seen](const TrainingImage& image,
                              Parts parts) { return seen->cache(image.object).load(image.file, image.hash, parts); }},
      .seen = seen,
      .fingerprint = hash_bytes(bytes())};
}

// What an object's images hold, and their features, without what the object ignores.
std::vector<ImageFacts> Model::seen_images(Step& step, const Source& source, int64_t object, const Region& region,
                                           const StepContext& context) const {
  if (region) {
    step.seen->regions[object] = region;
    step.seen->caches[object] = std::make_shared<const IgnoringCache>(step.seen->whole, region);
    step.fingerprint = mix_key(step.fingerprint, region->hash());
  }
  const FeatureCache& cache = step.seen->cache(object);
  std::vector<ImageFacts> facts = cache.read(source.images, "features of " + source.name, context.progress);
  check_training_pictures(source.name, source.images, facts, cache.extractor().reading().window, context.progress);
  if (source.ignore)
    for (size_t i = 0; i < facts.size(); ++i)
      source.ignore->require_fit(plain_text(source.images[i]), facts[i].width, facts[i].height);
  return facts;
}

JudgeNormal Model::judge_of(const Step& step) const {
  return [this, &step](const TrainingImage& image) {
    return left_out(method_->judge_normal(step.data.load(image, {}), image.object), step.seen->region(image.object));
  };
}

// What the method is told; its judgements of what is unseen go to `unseen`.
StepContext Model::context_of(const Step& step, const StepContext& context, std::vector<NormalScore>& unseen) const {
  StepContext own = context;
  own.fingerprint = step.fingerprint;
  // What a threshold promises is promised by parts.
  own.unseen = [this, &step, &unseen](const TrainingImage& image, const Judgement& j) {
    if (step.again.contains(image.hash)) return;
    unseen.push_back(normal_score(image, left_out(j, step.seen->region(image.object))));
  };
  return own;
}

void Model::learn(const std::vector<Source>& sources, const FeatureCache& cache, const StepContext& context,
                  const std::vector<Source>& old, const TensorFile* network) {
  decide_window(sources, context.progress);
  Step step = step_of(cache, static_cast<int64_t>(objects_.size()));
  step.data.network = network;
  for (const Source& source : sources) {
    for (const ObjectRecord& known : objects_)
      if (known.name == source.name) fail("object '", source.name, "' is already in the model; choose another name");
    if (source.images.empty() && !network) fail("object '", source.name, "' has no normal images to learn from");
    const int64_t object = step.data.first_object + static_cast<int64_t>(step.data.names.size());
    const Region region =
        source.ignore ? std::make_shared<const IgnoredRegion>(source.ignore->region(settings_.image_size)) : nullptr;
    if (region)
      context.progress.note(source.name + ": neither learned nor judged is the " +
                            std::to_string(std::lround(100 * region->share())) + " % of the picture that " +
                            plain_text(source.ignore->file.string()) + " marks");
    const std::vector<ImageFacts> facts = seen_images(step, source, object, region, context);
    add_object(step, source, facts, context.progress);
    if (region) remark(ignored_part_text(source.images, facts, cache, *region), step.records.back(), context.progress);
  }
  for (size_t o = 0; o < old.size(); ++o) {
    const std::vector<ImageFacts> facts = seen_images(step, old[o], static_cast<int64_t>(o), ignored(o), context);
    for (const size_t i : distinct(facts)) {
      step.fingerprint = mix_key(step.fingerprint, facts[i].content);
      step.data.old_images.push_back({old[o].images[i], facts[i].content, static_cast<int64_t>(o)});
    }
  }
  note_alike(step, 0, context.progress);  // before anything is learned
  std::vector<NormalScore> unseen;
  method_->learn(step.data, context_of(step, context, unseen));
  for (size_t n = 0; n < step.records.size(); ++n) {
    calibrate(judge_of(step), method_info(method_name_), step.data, unseen, settings_, n, step.records[n],
              context.progress);
    ignored_.push_back(step.seen->region(step.data.first_object + static_cast<int64_t>(n)));
    objects_.push_back(step.records[n]);
    novelty_.push_back(NoveltyDetector::fit(step.moments[n]));
    known_views_.push_back(std::move(step.views[n]));
    later_lots_.emplace_back();
  }
  note_alike(step, static_cast<size_t>(step.data.first_object), context.progress);
  ++steps_;
}

// Adds an object to a step: of its images, without the copies among them, some are held out at random.
void Model::add_object(Step& step, const Source& source, const std::vector<ImageFacts>& facts,
                       const Progress& progress) const {
  const int64_t object = step.data.first_object + static_cast<int64_t>(step.data.names.size());
  step.data.names.push_back(source.name);
  const uint64_t own = object_fingerprint(source.name, facts);
  step.fingerprint = mix_key(step.fingerprint, own);
  if (const std::string text = copies_text(source.name, source.images, originals(facts)); !text.empty())
    progress.note(text);
  std::vector<TrainingImage> images;
  std::vector<uint64_t> photographs;
  const std::vector<size_t> places = distinct(facts);
  for (const size_t i : places) {
    images.push_back({source.images[i], facts[i].content, object});
    photographs.push_back(facts[i].photograph);
  }
  KnownViews& known = step.views.emplace_back();
  for (const std::vector<float>& view :
       views_of(source.images, facts, places, step.seen->whole, step.seen->region(object)))
    known.add(view);
  std::ranges::sort(photographs);
  ObjectRecord record;
  record.name = source.name;
  record.step = steps_;
  record.copies = static_cast<int64_t>(facts.size() - images.size());
  record.fingerprint = own;
  record.photographs = std::move(photographs);
  leave_out_unlike(step, images, record, progress);
  const auto count = static_cast<int64_t>(images.size());
  const uint64_t key = mix_key(static_cast<uint64_t>(settings_.seed), hash_text(source.name, 1));
  const std::vector<int64_t> order = random_permutation(count, key);
  std::vector<std::filesystem::path> files;
  for (const TrainingImage& image : images) files.emplace_back(image.file);
  std::vector<size_t> groups = name_groups(files);
  std::vector<size_t> which(images.size());
  std::iota(which.begin(), which.end(), size_t{0});
  join_repeated(
      which, photographs_of(files, extractor_->reading().window.value_or(ValueWindow())),
      " photographs, mirrored, turned by quarters, lighter or darker: the threshold counts each photograph once",
      images, groups, step.again, record, progress);
  std::erase_if(which, [&](size_t i) { return step.again.contains(images[i].hash); });
  std::vector<TrainingImage> photographs_once;
  for (const size_t i : which) photographs_once.push_back(images[i]);
  join_repeated(which, first_shots(photographs_once, step.seen->whole, step.seen->region(object)),
                " parts, which several shots show: the threshold counts each part once", images, groups, step.again,
                record, progress);
  assign_folds(images, groups, mix_key(key, 0x666f6c64));
  const std::set<size_t> held =
      method_info(method_name_).trains ? held_out_groups(groups, order, settings_.held_out) : std::set<size_t>();
  for (const int64_t i : order) {
    const bool is_held = held.contains(groups[static_cast<size_t>(i)]);
    (is_held ? step.data.held_out : step.data.images).push_back(images[static_cast<size_t>(i)]);
    (is_held ? record.held_out_images : record.train_images) += 1;
  }
  step.records.push_back(std::move(record));
}

// Takes the images that as a whole are unlike the others out of an object's, says where the rest are of two kinds, and
// keeps the moments of these, in the order of their content: neither the order of files nor the split moves an image to
// another fold.
void Model::leave_out_unlike(Step& step, std::vector<TrainingImage>& images, ObjectRecord& record,
                             const Progress& progress) const {
  std::vector<TrainingImage> sorted = images;
  std::ranges::stable_sort(sorted, {}, &TrainingImage::hash);
  std::vector<Tensor> moments = moments_of(step.data, sorted);
  const Outliers unlike = NoveltyDetector::outliers(moments);
  const bool few = unlike.which.size() <= most_outliers(sorted.size());
  if (!unlike.which.empty()) remark(unlike_text(sorted, unlike), record, progress);
  if (few)
    for (auto i = unlike.which.rbegin(); i != unlike.which.rend(); ++i) {
      std::erase_if(images, [&](const TrainingImage& image) { return image.hash == sorted[*i].hash; });
      moments.erase(moments.begin() + static_cast<std::ptrdiff_t>(*i));
      sorted.erase(sorted.begin() + static_cast<std::ptrdiff_t>(*i));
    }
  if (few) remark(kinds_text(sorted, moments), record, progress);
  step.moments.push_back(std::move(moments));
}

// Says which new objects look like one that is known, or of the same step.
void Model::note_alike(const Step& step, size_t first, const Progress& progress) const {
  for (size_t n = 0; n < step.records.size(); ++n)
    for (size_t o = first; o < novelty_.size(); ++o) {
      const size_t own = static_cast<size_t>(step.data.first_object) + n;
      if (o == own || !novelty_[o]) continue;
      const auto alike =
          std::ranges::count_if(step.moments[n], [&](const Tensor& m) { return (*novelty_[o])(m) <= kAlikeNovelty; });
      if (2 * static_cast<size_t>(alike) <= step.moments[n].size()) continue;
      progress.note(step.records[n].name + ": " + std::to_string(alike) + " of " +
                    std::to_string(step.moments[n].size()) + " normal images look like '" + objects_[o].name +
                    "' as a whole; if both are one product, its defects can pass as normal parts of the other");
    }
}

// Images that look like another object, and not like this one, would have it pass for this one.
void Model::check_same_object(const Step& step, const Progress& progress) const {
  const auto number = static_cast<size_t>(step.data.first_object);
  const std::vector<Tensor>& images = step.moments.at(0);
  if (!novelty_[number]) return;
  const auto count = [&](size_t object, double limit) {
    return static_cast<size_t>(
        std::ranges::count_if(images, [&](const Tensor& moments) { return (*novelty_[object])(moments) <= limit; }));
  };
  const size_t unlike = images.size() - count(number, 1);
  if (2 * unlike <= images.size()) return;
  const std::string text = std::to_string(unlike) + " of " + std::to_string(images.size()) + " images are unlike '" +
                           objects_[number].name + "' as a whole";
  for (size_t o = 0; o < novelty_.size(); ++o)
    if (o != number && novelty_[o] && 2 * count(o, kAlikeNovelty) > images.size())
      fail("object '", objects_[number].name, "': ", text, ", and most look like '", objects_[o].name,
           "': are these images of that one?");
  progress.note(objects_[number].name + ": " + text +
                ": a product, a lamp or a camera is another one; from now on they are usual");
}

// `counted`: contents of images whose scores the object keeps already, as those of later lots; they do not count again.
void Model::take_scores(const Step& step, const std::set<uint64_t>& counted, std::vector<NormalScore> scores,
                        LaterImages how, ObjectRecord& object, const Progress& progress) const {
  if (!object.false_alarms) {
    progress.note(object.name + ": its threshold was set by hand, and stays");
    return;
  }
  const size_t again =
      std::erase_if(scores, [&](const NormalScore& score) { return counted.contains(score.image.hash); });
  take_out_apart(scores, object, progress);
  LaterScores later;
  for (const NormalScore& score : scores) later.scores.push_back(score.score);
  if (!later.scores.empty()) {
    const std::vector<double> others = how == LaterImages::add ? object.scores : std::vector<double>();
    remark(hangs_on_text(scores, others, *object.false_alarms), object, progress);
    return take_normal_scores(object, later, how, std::nullopt);
  }
  const std::string images = std::to_string(step.data.images.size() + step.data.held_out.size()) + " new images ";
  progress.note(
      object.name + ": " + images +
      (again > 0 ? "have no score that does not count already" : "are too few to be judged by what has not seen them") +
      ": its threshold stays");
}

bool Model::update(const Source& more, const FeatureCache& cache, const StepContext& context, LaterImages how) {
  const int64_t number = expected_object(more.name);
  ObjectRecord object = objects_[static_cast<size_t>(number)];
  if (const std::string why = method_->cannot_update(number); !why.empty())
    fail("object '", more.name, "': ", method_name_, " cannot learn more images of it: ", why,
         "; learn it anew from all of them");
  const Region region = ignored_[static_cast<size_t>(number)];
  if (more.ignore && !(region && more.ignore->region(settings_.image_size) == *region))
    fail("object '", more.name, "' was learned ", region ? "with another mask of what to ignore" : "without a mask",
         ": what it ignores stays as it is; leave --ignore out, or `iuf remove` it and learn it anew with this one");
  decide_window({more}, context.progress);
  Step step = step_of(cache, number);
  const std::vector<ImageFacts> all = seen_images(step, more, number, region, context);
  Source source{.name = more.name, .images = {}};
  std::vector<ImageFacts> facts;
  SeenImages images(more.images, all, cache);
  const KnownPhotographs known = learned_from(static_cast<size_t>(number), images);
  for (size_t i = 0; i < all.size(); ++i) {
    if (known.are[i]) continue;
    source.images.push_back(more.images[i]);
    facts.push_back(all[i]);
  }
  if (known.anew_count > 0 || (!facts.empty() && facts.size() < all.size()))
    context.progress.note(more.name + ": " + std::to_string(all.size() - facts.size()) + " of " +
                          std::to_string(all.size()) + " photographs are ones that it was learned from" +
                          known.anew_text() + ", and do not count again");
  if (facts.empty()) return false;
  std::set<uint64_t> counted;
  if (how == LaterImages::add) {
    const KnownPhotographs calibrated = calibrated_by(static_cast<size_t>(number), images);
    for (size_t i = 0; i < all.size(); ++i)
      if (calibrated.are[i]) counted.insert(all[i].content);
    if (calibrated.anew_count > 0)
      context.progress.note(
          more.name + ": scores of " + std::to_string(calibrated.anew_count) +
          " of these parts are among those of its threshold already, photographed otherwise (first: " +
          plain_text(calibrated.first) + "), and do not count again");
  }
  step.data.known_images = object.train_images + object.held_out_images;
  add_object(step, source, facts, context.progress);
  check_same_object(step, context.progress);
  std::vector<NormalScore> unseen;
  method_->update(step.data, context_of(step, context, unseen));
  const ObjectRecord& added = step.records.front();
  take_scores(step, counted, unseen_scores(judge_of(step), method_info(method_name_), step.data, unseen, number), how,
              object, context.progress);
  object.earlier.clear();  // thresholds of other scores
  object.train_images += added.train_images;
  object.held_out_images += added.held_out_images;
  object.copies += added.copies;
  object.remarks.insert(object.remarks.end(), added.remarks.begin(), added.remarks.end());
  object.photographs.insert(object.photographs.end(), added.photographs.begin(), added.photographs.end());
  std::ranges::sort(object.photographs);
  std::optional<NoveltyDetector>& novelty = novelty_[static_cast<size_t>(number)];
  novelty = novelty ? NoveltyDetector::extended(*novelty, static_cast<size_t>(step.data.known_images), step.moments[0])
                    : NoveltyDetector::fit(step.moments[0]);
  objects_[static_cast<size_t>(number)] = std::move(object);
  known_views_[static_cast<size_t>(number)].add(step.views[0]);
  return true;
}

}  // namespace iuf
