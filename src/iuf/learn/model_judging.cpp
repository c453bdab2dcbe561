#include <algorithm>
#include <cmath>

#include "iuf/learn/calibration.h"
#include "iuf/learn/model.h"
#include "iuf/paper/anomaly_map.h"
#include "tensor/error.h"

// How a model judges an image: what its method says, where objects ignore regions of their images.
namespace iuf {
namespace {

// The lower of two, or the one that is not a number.
double lower(double a, double b) {
  return b < a || std::isnan(b) ? b : a;
}

// Of a model with so many objects.
size_t object_of(const Judgement& judgement, size_t objects) {
  if (judgement.object < 0 || static_cast<size_t>(judgement.object) >= objects)
    fail("damaged model: its networks know object number ", judgement.object, ", its description ", objects,
         " objects");
  return static_cast<size_t>(judgement.object);
}

bool are_same(const std::shared_ptr<const IgnoredRegion>& a, const std::shared_ptr<const IgnoredRegion>& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace

Judgement Model::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  return judge_look([&](const Region& region) { return region ? image.ignoring(region) : image; }, expected);
}

Judgement Model::judge(const Image& image, std::optional<int64_t> expected) const {
  return judge_look([&](const Region& region) { return extractor_->ignoring(region)(image); }, expected);
}

Judgement Model::judge_normal(const ImageFeatures& image, int64_t object) const {
  const Region& region = ignored(static_cast<size_t>(object));
  return left_out(method_->judge_normal(region ? image.ignoring(region) : image, object), region);
}

Judgement Model::judge_look(const Look& look, std::optional<int64_t> expected) const {
  if (expected && (*expected < 0 || !method_->remembers(*expected)))
    fail("the model cannot judge against object number ", *expected);
  // By that object's region; without one expected, nothing but the image says whose region it is.
  ImageFeatures image;
  std::optional<int64_t> against = expected;
  if (const std::vector<Region> all = regions(); expected) {
    image = look(ignored(static_cast<size_t>(*expected)));
  } else if (all.size() <= 1) {
    image = look(all.empty() ? nullptr : all.front());
  } else {
    std::tie(image, against) = best_look(look);
  }
  Judgement judgement = method_->judge(image, against);
  const size_t object = object_of(judgement, objects_.size());
  if (!expected) judgement.fits_better.reset();  // it was not asked whether it is this one
  judgement = left_out(std::move(judgement), ignored(object));
  const Tensor moments = channel_moments(image.local);
  for (size_t o = 0; o < objects_.size(); ++o) {
    if (!novelty_[o] || !novelty_[object] || (against && o != object)) continue;
    const double novelty = (*novelty_[o])(moments);
    judgement.novelty = judgement.novelty ? lower(*judgement.novelty, novelty) : novelty;
  }
  require_finite(judgement);
  return judgement;
}

// Different ones, null among them where an object ignores nothing.
std::vector<Model::Region> Model::regions() const {
  std::vector<Region> all;
  for (const Region& region : ignored_)
    if (std::ranges::none_of(all, [&](const Region& other) { return are_same(region, other); })) all.push_back(region);
  return all;
}

// Of the objects that fit the image best under the region that they ignore themselves, the one whose images it is most
// like; where there is none, the one that fits it best under the first region. With the image as that object sees it.
std::pair<ImageFeatures, std::optional<int64_t>> Model::best_look(const Look& look) const {
  struct Candidate {
    ImageFeatures image;
    int64_t object;
    double novelty, confidence;
  };
  std::optional<Candidate> best;
  std::optional<int64_t> first;
  for (const Region& region : regions()) {
    ImageFeatures image = look(region);
    const Judgement j = method_->judge(image);
    const size_t object = object_of(j, objects_.size());
    if (!first) first = j.object;
    if (!are_same(ignored(object), region)) continue;
    Candidate now{image, j.object, novelty_of(image, object).value_or(1), j.confidence};
    if (!best || std::pair(now.novelty, -now.confidence) < std::pair(best->novelty, -best->confidence))
      best = std::move(now);
  }
  if (!best) return {look(ignored(static_cast<size_t>(*first))), first};
  return {std::move(best->image), best->object};
}

// The score and the map of what is not ignored. The score of a method that is none of its map's is of an image without
// the region anyway.
Judgement Model::left_out(Judgement j, const Region& region) const {
  if (!region) return j;
  j.ignored = region;
  if (!j.map.defined()) return j;
  if (reads(method_info(method_name_), "pooling")) j.score = j.whole + image_score(j.map, settings_.pooling, *region);
  j.map = j.map.clone();
  std::optional<real> lowest;
  for (int64_t i = 0; i < j.map.size(); ++i)
    if (!region->holds(i)) lowest = std::min(lowest.value_or(j.map.data()[i]), j.map.data()[i]);
  for (int64_t i = 0; i < j.map.size(); ++i)
    if (region->holds(i)) j.map.data()[i] = *lowest;
  return j;
}

std::optional<double> Model::novelty_of(const ImageFeatures& image, size_t object) const {
  if (!novelty_[object]) return std::nullopt;
  return (*novelty_[object])(channel_moments(image.local));
}

std::vector<std::optional<double>> Model::novelties(const ImageFeatures& image) const {
  std::vector<std::optional<double>> novelties(objects_.size());
  const Tensor moments = channel_moments(image.local);
  for (size_t o = 0; o < novelties.size(); ++o) {
    if (!novelty_[o]) continue;
    novelties[o] = ignored_[o] ? novelty_of(image.ignoring(ignored_[o]), o) : (*novelty_[o])(moments);
  }
  return novelties;
}

}  // namespace iuf
