#include "bench/missing.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "bench/missing_frames.h"
#include "bench/models.h"
#include "iuf/data/dataset.h"
#include "nn/file.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace iuf::bench {
namespace {

namespace fs = std::filesystem;

// An image, and of what kind it is: "good", "defect", or a kind of missing_kinds().
struct Case {
  std::string kind, file;
  uint64_t hash = 0;
};
struct Object {
  std::string name;
  std::vector<std::string> train;
  std::vector<Case> cases;
};

struct Judged {
  std::string kind;
  Verdict before = Verdict::ok, after = Verdict::ok;  // without the novelty and with it
  double novelty = 0, named = 0;                      // the smallest one, and that of the named object
};
using JudgedObjects = std::vector<std::vector<Judged>>;  // by object

Image upright(const std::string& file) {
  return decode_photograph(read_file(file), file, {}).image;
}

std::vector<Object> objects_of(const MissingOptions& o) {
  const Dataset data = read_dataset(o.data);
  std::vector<Object> objects;
  for (const std::string& name : data.objects) {
    Object object{.name = name, .train = {}, .cases = {}};
    for (const Sample& sample : data.select(name, Part::train)) object.train.push_back(sample.file.string());
    const auto all = static_cast<int64_t>(object.train.size());
    if (o.train > 0 && o.train < all) {
      const std::vector<int64_t> order = random_permutation(all, mix_key(o.seed, objects.size()));
      std::vector<std::string> some;
      for (int64_t i = 0; i < o.train; ++i)
        some.push_back(object.train[static_cast<size_t>(order[static_cast<size_t>(i)])]);
      object.train = some;
    }
    std::vector<std::string> good;
    for (const Sample& sample : data.select(name, Part::test)) {
      object.cases.push_back({sample.defect ? "defect" : "good", sample.file.string()});
      if (!sample.defect) good.push_back(sample.file.string());
    }
    std::vector<Image> photographs;
    const size_t count = std::min(good.size(), static_cast<size_t>(o.photographs));
    for (size_t i = 0; i < count; ++i) photographs.push_back(upright(good[i * good.size() / count]));
    const fs::path folder = o.out / "frames" / name;
    make_folder(folder);
    const std::vector<MissingFrame> frames = missing_frames(photographs, 1);
    for (size_t i = 0; i < frames.size(); ++i) {
      const fs::path file = folder / (frames[i].kind + "_" + std::to_string(i) + ".png");
      if (!fs::exists(file)) write_png(file, frames[i].image);
      object.cases.push_back({frames[i].kind, file.string()});
    }
    objects.push_back(std::move(object));
  }
  return objects;
}

std::vector<Judged> judged(const Model& model, const FeatureCache& cache, const std::vector<Case>& cases) {
  std::vector<std::string> files;
  for (const Case& c : cases) files.push_back(c.file);
  const std::vector<ImageFacts> facts = cache.read(files, "", {});
  std::vector<Judged> result(cases.size());
  parallel_for(static_cast<int64_t>(cases.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    const ImageFeatures features = cache.load(files[i], facts[i].content);
    const Judgement j = model.judge(features);
    const auto object = static_cast<size_t>(j.object);
    const std::optional<double> threshold = model.objects()[object].threshold;
    result[i] = {.kind = cases[i].kind,
                 .before = verdict(j.score, threshold),
                 .after = verdict(j.score, threshold, j.novelty),
                 .novelty = j.novelty.value_or(0),
                 .named = model.novelties(features)[object].value_or(0)};
  });
  return result;
}

bool is_frame(const Judged& j) {
  return j.kind != "good" && j.kind != "defect";
}

template <class Which>
size_t count(const std::vector<Judged>& judged, const Which& which) {
  return static_cast<size_t>(std::ranges::count_if(judged, which));
}

// What the novelty alone says, whatever the method.
void print_novelty(const std::vector<Object>& objects, const JudgedObjects& all) {
  std::printf("| object | images |");
  for (const std::string& kind : missing_kinds()) std::printf(" %s |", kind.c_str());
  std::printf(" smallest novelty of a frame | largest of a normal test image | normal above 1 |\n| --- | --- |");
  for (size_t i = 0; i < missing_kinds().size() + 3; ++i) std::printf(" --- |");
  for (size_t o = 0; o < objects.size(); ++o) {
    std::printf("\n| %s | %zu |", objects[o].name.c_str(), objects[o].train.size());
    double smallest = 1e30, largest = 0;
    for (const Judged& j : all[o]) {
      if (is_frame(j)) smallest = std::min(smallest, j.novelty);
      if (j.kind == "good") largest = std::max(largest, j.novelty);
    }
    for (const std::string& kind : missing_kinds())
      std::printf(" %zu of %zu |", count(all[o], [&](const Judged& j) { return j.kind == kind && j.novelty > 1; }),
                  count(all[o], [&](const Judged& j) { return j.kind == kind; }));
    std::printf(" %.2f | %.2f | %zu of %zu |", smallest, largest,
                count(all[o], [](const Judged& j) { return j.kind == "good" && j.novelty > 1; }),
                count(all[o], [](const Judged& j) { return j.kind == "good"; }));
  }
  std::printf("\n\n");
}

void print_method_head(const std::vector<Object>& objects) {
  std::printf("| method |");
  for (const Object& object : objects) std::printf(" %s |", object.name.c_str());
  std::printf(
      " normal `defect` | normal `unknown` | normal above 1 for the named object | defects `defect`, before and now | "
      "defects "
      "`unknown`, "
      "not `ok` |\n| --- |");
  for (size_t i = 0; i < objects.size() + 5; ++i) std::printf(" --- |");
  std::printf("\n");
}

// Shares of the frames that are caught, in percent, by object, without the novelty and with it; then what becomes of
// the test images of all objects.
void print_method(const std::string& method, const JudgedObjects& all) {
  std::printf("| %s |", method.c_str());
  std::vector<Judged> good, defects;
  for (const std::vector<Judged>& object : all) {
    const auto share = [&](Verdict Judged::*verdict) {
      return 100.0 * static_cast<double>(count(object, [&](auto& j) { return is_frame(j) && is_alarm(j.*verdict); })) /
             static_cast<double>(count(object, is_frame));
    };
    std::printf(" %.0f -> %.0f |", share(&Judged::before), share(&Judged::after));
    for (const Judged& j : object)
      if (!is_frame(j)) (j.kind == "good" ? good : defects).push_back(j);
  }
  const auto is = [](Verdict Judged::*which, Verdict value) {
    return [which, value](const Judged& j) { return j.*which == value; };
  };
  std::printf(" %zu of %zu | %zu | %zu | %zu, %zu of %zu | %zu |\n", count(good, is(&Judged::after, Verdict::defect)),
              good.size(), count(good, is(&Judged::after, Verdict::unknown)),
              count(good, [](const Judged& j) { return j.named > 1; }),
              count(defects, is(&Judged::before, Verdict::defect)), count(defects, is(&Judged::after, Verdict::defect)),
              defects.size(), count(defects, is(&Judged::after, Verdict::unknown)));
  std::fflush(stdout);  // the next method may take minutes
}

}  // namespace

void measure_missing(const MissingOptions& o) {
  const std::vector<Object> objects = objects_of(o);
  std::vector<std::vector<Model::Source>> steps;
  for (const Object& object : objects) steps.push_back({{object.name, object.train}});
  const std::vector<std::string> methods = chosen_methods(o.methods);
  for (const std::string& method : methods) {
    const Model model = learned(method, short_settings(method, o.epochs, 0), steps, o.out);
    const FeatureCache cache(o.out / "cache", model.extractor());
    JudgedObjects all;
    for (const Object& object : objects) all.push_back(judged(model, cache, object.cases));
    if (method == methods.front()) {
      print_novelty(objects, all);
      print_method_head(objects);
    }
    print_method(method, all);
  }
}

}  // namespace iuf::bench
