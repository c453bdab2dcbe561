#include "iuf/run/data_check.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "iuf/checks/near_copies.h"
#include "iuf/image/mask.h"
#include "iuf/learn/known_views.h"
#include "iuf/learn/repeat_shots.h"
#include "iuf/learn/training_pictures.h"
#include "iuf/run/pixel_figures.h"
#include "iuf/run/run_description.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kFewestDrawn = 3;  // one or two may be a part that was photographed before and after it was damaged

std::string name_of(const Sample& sample) {
  return plain_text(sample.file.string());
}

std::string label_of(const Sample& sample) {
  return sample.train ? "a training image" : sample.defect ? "a defect" : "a normal test image";
}

// How many, and the first pair.
struct Pairs {
  size_t count = 0;
  std::string first = {};

  void add(const Sample& copy, const Sample& original, const std::string& between = " = ") {
    if (count++ == 0) first = name_of(copy) + between + name_of(original);
  }
};

// Test images of one object that the figures count again.
struct Repeated {
  Pairs learned = {};      // also training images
  Pairs tested = {};       // copies of other test images
  Pairs other_masks = {};  // copies with other masks, of any images
  Pairs saved_anew = {};   // also training images, but for compression
};

// Whether both have masks, and these show different defects.
bool masks_differ(const Sample& a, const MaskedPhoto& photo_a, const Sample& b, const MaskedPhoto& photo_b) {
  if (a.masks.empty() || b.masks.empty() || a.masks == b.masks) return false;
  try {
    return united_mask(a.masks, photo_a).image.pixels != united_mask(b.masks, photo_b).image.pixels;
  } catch (const Error&) {  // told where the masks are checked
    return false;
  }
}

class ImageCheck {
 public:
  ImageCheck(const Dataset& data, const FeatureCache& cache, const Progress& progress)
      : data_(data), cache_(cache), progress_(progress) {}

  // Of a model that has learned elsewhere: what cannot be used is told where it is measured.
  void add_test(const std::string& object, const Model& model) {
    const std::vector<Sample> test = data_.select(object, Part::test);
    std::vector<std::string> files;
    for (const Sample& sample : test) files.push_back(sample.file.string());
    const std::vector<ImageFacts> facts =
        cache_.read(files, "features of " + object, progress_, [](size_t, const std::string&) {});
    Repeated repeated;
    for (size_t i = 0; i < test.size(); ++i) see(test[i], facts[i], repeated);
    std::unordered_map<uint64_t, const Sample*> by_content;
    for (size_t i = 0; i < test.size(); ++i) by_content.try_emplace(facts[i].content, &test[i]);
    std::set<uint64_t> told;
    for (const Sample& sample : data_.select(object, Part::train)) {
      const auto same = by_content.find(readable_hash(sample.file));
      if (same == by_content.end() || same->first == 0) continue;
      if (same->second->defect)
        compare(*same->second, sample, repeated);
      else if (told.insert(same->first).second)
        repeated.learned.add(*same->second, sample);
    }
    note_repeated(object, test.size(), repeated);
    see_shots(object, test, facts, 0);
    const auto number =
        static_cast<size_t>(std::ranges::find(model.objects(), object, &ObjectRecord::name) - model.objects().begin());
    SeenImages seen(files, facts, cache_);
    const KnownPhotographs learned = model.learned_from(number, seen);
    for (const bool defect : {false, true})
      note_seen({.object = object,
                 .are = learned.are,
                 .defect = defect,
                 .what = std::string("that the model was given to learn from") + (defect ? " as normal" : ""),
                 .so = "their figures say nothing of new ones"},
                test, facts, told);
    const KnownPhotographs calibrated = model.calibrated_by(number, seen);
    note_seen({.object = object,
               .are = calibrated.are,
               .defect = false,
               .what = "whose scores set the threshold (`iuf calibrate`, `iuf update`)",
               .so = "new ones have more false alarms"},
              test, facts, told);
  }

  void add(const std::string& object) {
    std::vector<Sample> samples = data_.select(object, Part::train);
    const std::vector<Sample> test = data_.select(object, Part::test);
    const auto learned_from = static_cast<std::ptrdiff_t>(samples.size());
    samples.insert(samples.end(), test.begin(), test.end());
    std::vector<std::string> files;
    for (const Sample& sample : samples) files.push_back(sample.file.string());
    const std::vector<ImageFacts> facts =
        cache_.read(files, "features of " + object, progress_,
                    [&](size_t, const std::string& reason) { problems_.push_back(reason); });
    check_training({files.begin(), files.begin() + learned_from}, {facts.begin(), facts.begin() + learned_from},
                   object);
    check_masks(samples, facts);
    Repeated repeated;
    for (size_t i = 0; i < samples.size(); ++i) see(samples[i], facts[i], repeated);
    see_saved_anew(samples, static_cast<size_t>(learned_from), repeated);
    see_drawn_in(object, samples, facts);
    note_repeated(object, test.size(), repeated);
    see_shots(object, samples, facts, static_cast<size_t>(learned_from));
  }

  std::map<std::string, std::vector<std::string>> finish() {
    if (!problems_.empty())
      fail(problems_text(problems_),
           problems_.size() == 1 ? "" : "; nothing was done: mend these files, or take them out");
    return notes_;
  }

 private:
  void see(const Sample& sample, const ImageFacts& facts, Repeated& repeated) {
    // Frames of a closed lens are alike and show no product.
    if (facts.content == 0 || facts.picture.looks.nearly_constant) return;
    const MaskedPhoto photo = masked_photo(facts);
    const auto [known, added] = seen_.try_emplace(facts.photograph, Seen{sample, photo});
    if (added) return;
    const Sample& original = known->second.sample;
    compare(sample, original, repeated);
    if (sample.object == original.object && masks_differ(sample, photo, original, known->second.photo))
      repeated.other_masks.add(sample, original);
  }

  // The first `learned_from` are training images.
  void see_saved_anew(const std::vector<Sample>& samples, size_t learned_from, Repeated& repeated) {
    std::vector<std::string> learned, tests;
    for (size_t i = 0; i < samples.size(); ++i)
      (i < learned_from ? learned : tests).push_back(samples[i].file.string());
    for (const NearCopy& copy : near_copies(tests, learned, cache_.extractor().reading())) {
      const Sample &test = samples[learned_from + copy.test], &original = samples[copy.learned];
      if (test.defect)
        problems_.push_back(name_of(original) + " and " + name_of(test) + " are the same photograph but for " +
                            "compression, " + label_of(original) + " and " + label_of(test) + "; take one of them out");
      else
        repeated.saved_anew.add(test, original);
    }
  }

  // Defects that were drawn into copies of normal images.
  void see_drawn_in(const std::string& object, const std::vector<Sample>& samples,
                    const std::vector<ImageFacts>& facts) {
    std::vector<std::string> files;
    std::vector<size_t> normal, defects;
    for (size_t i = 0; i < samples.size(); ++i) {
      files.push_back(samples[i].file.string());
      if (facts[i].content == 0 || facts[i].picture.looks.nearly_constant) continue;
      (samples[i].defect ? defects : normal).push_back(i);
    }
    if (defects.empty() || normal.size() < KnownViews::kFewest) return;
    KnownViews known;
    for (const std::vector<float>& view : views_of(files, facts, normal, cache_, nullptr)) known.add(view);
    if (known.size() < normal.size()) return;  // pictures that are too small
    const auto nearest = known.known(views_of(files, facts, defects, cache_, nullptr), KnownViews::Compared::most);
    Pairs drawn;
    for (size_t k = 0; k < defects.size(); ++k)
      if (nearest[k] && is_drawn_in(files[normal[*nearest[k]]], files[defects[k]]))
        drawn.add(samples[defects[k]], samples[normal[*nearest[k]]]);
    if (drawn.count < kFewestDrawn) return;
    tell(object, std::to_string(drawn.count) + " of " + std::to_string(defects.size()) +
                     " defective test images are normal ones of this data set but for a small part: were their defects "
                     "drawn in? "
                     "The figures say little of real ones, first: " +
                     drawn.first);
  }

  // Several shots of one part among the test images, and of parts to learn from: the first `learned_from`.
  void see_shots(const std::string& object, const std::vector<Sample>& samples, const std::vector<ImageFacts>& facts,
                 size_t learned_from) {
    for (const bool defect : {false, true}) {
      std::vector<size_t> places;
      std::vector<TrainingImage> pictures;
      std::set<uint64_t> photographs;
      for (size_t i = 0; i < samples.size(); ++i)
        if (samples[i].defect == defect && facts[i].content != 0 && !facts[i].picture.looks.nearly_constant &&
            photographs.insert(facts[i].photograph).second) {
          places.push_back(i);
          pictures.push_back({.file = samples[i].file.string(), .hash = facts[i].content});
        }
      const std::vector<size_t> first = first_shots(pictures, cache_, nullptr);
      size_t tests = 0;
      Pairs learned, tested;
      for (size_t k = 0; k < places.size(); ++k) {
        if (places[k] < learned_from) continue;
        ++tests;
        if (first[k] == k) continue;
        const size_t shown = places[first[k]];
        (shown < learned_from ? learned : tested).add(samples[places[k]], samples[shown], " and ");
      }
      const std::string images = std::to_string(tests) + (defect ? " defective" : " normal") + " test images";
      note(object, learned,
           std::to_string(learned.count) + " of " + images +
               " are other shots of parts to learn from, and say little of new ones, first: ");
      note(object, tested,
           images + " are of about " + std::to_string(tests - tested.count) +
               " parts, which several shots show: the figures are of so few, first: ");
    }
  }

  bool is_drawn_in(const std::string& learned, const std::string& test) const {
    try {
      const auto gray = [&](const std::string& file) { return gray_of(cache_.extractor().read(file).image); };
      return differ_by_a_part(gray(learned), gray(test));
    } catch (const std::exception&) {  // told about where it is used
      return false;
    }
  }

  void note_repeated(const std::string& object, size_t images, const Repeated& repeated) {
    const std::string of = " of " + std::to_string(images) + " test images are ";
    note(object, repeated.learned,
         std::to_string(repeated.learned.count) + of +
             "also training images and count in the figures all the same, first: ");
    note(object, repeated.saved_anew,
         std::to_string(repeated.saved_anew.count) + of +
             "also training images, but for compression, and count in the figures all the same, first: ");
    note(object, repeated.tested,
         std::to_string(repeated.tested.count) + of + "copies of other test images and count again, first: ");
    note(object, repeated.other_masks,
         std::to_string(repeated.other_masks.count) + " of these copies" +
             (repeated.other_masks.count == 1 ? " has" : " have") +
             " other masks than the same photograph elsewhere, and the pixel figures take what "
             "one marks for normal in the other; give each photograph once, with all its masks, first: ");
  }

  // Photographs that the model has seen before, wherever they were then.
  struct Known {
    const std::string& object;
    const std::vector<KnownPhotographs::Kind>& are;  // of each test image
    bool defect = false;                             // of which test images it is told
    std::string what = {}, so = {};
  };

  // But for those whose content is told already.
  void note_seen(const Known& known, const std::vector<Sample>& test, const std::vector<ImageFacts>& facts,
                 const std::set<uint64_t>& told) {
    size_t all = 0, count = 0, anew = 0;
    std::string first;
    for (size_t i = 0; i < test.size(); ++i) {
      if (test[i].defect != known.defect) continue;
      ++all;
      if (facts[i].content == 0 || facts[i].picture.looks.nearly_constant || told.contains(facts[i].content)) continue;
      anew += known.are[i] == KnownPhotographs::anew;
      if (known.are[i] != KnownPhotographs::no && count++ == 0) first = name_of(test[i]);
    }
    if (count == 0) return;
    tell(known.object, std::to_string(count) + " of " + std::to_string(all) +
                           (known.defect ? " defective" : " normal") + " test images are photographs " + known.what +
                           (anew > 0 ? ", " + std::to_string(anew) + " of them saved anew or taken again: " : ": ") +
                           known.so + ", first: " + first);
  }

  // Their remarks come when they are learned.
  void check_training(const std::vector<std::string>& files, const std::vector<ImageFacts>& facts,
                      const std::string& object) {
    try {
      check_training_pictures(object, files, facts, cache_.extractor().reading().window, {});
    } catch (const Error& e) {
      problems_.push_back(e.what());
    }
  }

  void check_masks(const std::vector<Sample>& samples, const std::vector<ImageFacts>& facts) {
    std::vector<std::string> problems(samples.size());
    parallel_for(static_cast<int64_t>(samples.size()), 1, [&](int64_t n, int64_t) {
      const auto i = static_cast<size_t>(n);
      for (const std::filesystem::path& path : samples[i].masks) {
        try {
          if (facts[i].content == 0) {
            read_mask(path);
          } else {
            read_mask(path, masked_photo(facts[i]));
          }
        } catch (const Error& e) {
          if (problems[i].empty()) problems[i] = e.what();
        }
      }
    });
    for (const std::string& problem : problems)
      if (!problem.empty()) problems_.push_back(problem);
  }

  void compare(const Sample& copy, const Sample& original, Repeated& repeated) {
    if (copy.object != original.object) {
      problems_.push_back(name_of(original) + " and " + name_of(copy) + " are the same photograph, of '" +
                          original.object + "' and of '" + copy.object + "'; take it out of one of them");
    } else if (copy.defect != original.defect) {
      problems_.push_back(name_of(original) + " and " + name_of(copy) + " are the same photograph, " +
                          label_of(original) + " and " + label_of(copy) + "; take one of them out");
    } else if (!copy.train) {
      (original.train ? repeated.learned : repeated.tested).add(copy, original);
    }
  }

  void note(const std::string& object, const Pairs& pairs, const std::string& text) {
    if (pairs.count > 0) tell(object, text + pairs.first);
  }

  void tell(const std::string& object, const std::string& text) {
    notes_[object].push_back(text);
    progress_.note(object + ": " + text);
  }

  const Dataset& data_;
  const FeatureCache& cache_;
  const Progress& progress_;
  struct Seen {
    Sample sample;
    MaskedPhoto photo;
  };
  std::unordered_map<uint64_t, Seen> seen_ = {};  // by photograph, of all objects so far
  std::vector<std::string> problems_ = {};
  std::map<std::string, std::vector<std::string>> notes_ = {};
};

}  // namespace

std::map<std::string, std::vector<std::string>> check_images(const Dataset& data,
                                                             const std::vector<std::string>& objects,
                                                             const FeatureCache& cache, const Progress& progress) {
  ImageCheck check(data, cache, progress);
  for (const std::string& object : objects) check.add(object);
  return check.finish();
}

std::map<std::string, std::vector<std::string>> check_test_images(const Dataset& data,
                                                                  const std::vector<std::string>& objects,
                                                                  const Model& model, const FeatureCache& cache,
                                                                  const Progress& progress) {
  ImageCheck check(data, cache, progress);
  for (const std::string& object : objects) check.add_test(object, model);
  return check.finish();
}

}  // namespace iuf
