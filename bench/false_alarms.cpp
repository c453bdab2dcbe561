#include "bench/false_alarms.h"

#include <algorithm>
#include <cstdio>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/stats/conformal.h"
#include "iuf/stats/drift.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace iuf::bench {
namespace {

// Of one split at one rate.
struct Count {
  size_t alarms = 0, images = 0;
  bool inside = false;
};

Count count_alarms(const std::vector<double>& scores, const std::vector<double>& others, double rate) {
  const double threshold = conformal_threshold(scores, rate);
  Count count{.images = others.size()};
  count.alarms = static_cast<size_t>(std::ranges::count_if(others, [&](double s) { return s > threshold; }));
  const auto above = static_cast<double>(std::ranges::count_if(scores, [&](double s) { return s > threshold; }));
  const double a = above + 1, b = static_cast<double>(scores.size()) - above;
  const bool extrapolated = scores.size() < images_needed(rate);
  const double tail = extrapolated ? 0.05 : 0.025;
  const bool few = count.alarms == 0 || beta_binomial(count.alarms - 1, count.images, a, b) <= 1 - tail;
  const bool many = extrapolated || beta_binomial(count.alarms, count.images, a, b) >= tail;
  count.inside = few && many;
  return count;
}

class Splits {
 public:
  Splits(const FalseAlarmOptions& o, const std::string& method, const std::string& object,
         std::vector<std::string> files)
      : o_(o), method_(method), object_(object), files_(std::move(files)) {}

  // A row of counts, by rate, for each split.
  std::vector<std::vector<Count>> run(int64_t images) const {
    std::vector<std::vector<Count>> rows;
    for (int64_t split = 0; split < o_.splits; ++split) rows.push_back(one(images, static_cast<uint64_t>(split)));
    return rows;
  }

 private:
  std::vector<Count> one(int64_t images, uint64_t split) const {
    Settings settings = starting_settings("fast", method_);
    settings.epochs = settings.increment_epochs = o_.epochs;
    settings.seed = static_cast<int64_t>(split);
    Model model("fast", method_, settings, Backbone::embedded());
    const FeatureCache cache(o_.out / "cache", model.extractor());
    Model::Source source{object_, {}};
    std::vector<std::string> others;
    for (const int64_t i : random_permutation(static_cast<int64_t>(files_.size()), mix_key(split, 0x73706c6974)))
      (std::ssize(source.images) < images ? source.images : others).push_back(files_[static_cast<size_t>(i)]);
    model.learn({source}, cache, {});
    const std::vector<ImageFacts> facts = cache.read(others, "", {});
    std::vector<double> scores(others.size());
    parallel_for(std::ssize(others), 1, [&](int64_t n, int64_t) {
      const auto i = static_cast<size_t>(n);
      scores[i] = model.judge(cache.load(others[i], facts[i].content), 0).score;
    });
    std::vector<Count> counts;
    for (const double rate : o_.rates) counts.push_back(count_alarms(model.objects()[0].scores, scores, rate));
    return counts;
  }

  const FalseAlarmOptions& o_;
  const std::string method_, object_;
  const std::vector<std::string> files_;
};

void print_row(const std::string& method, const std::string& object, int64_t images,
               const std::vector<std::vector<Count>>& splits) {
  std::printf("| %s | %s | %lld |", method.c_str(), object.c_str(), static_cast<long long>(images));
  for (size_t r = 0; r < splits[0].size(); ++r) {
    size_t alarms = 0, all = 0, inside = 0;
    for (const std::vector<Count>& split : splits) {
      alarms += split[r].alarms;
      all += split[r].images;
      inside += split[r].inside;
    }
    std::printf(" %.1f %%, %zu of %zu |", 100 * static_cast<double>(alarms) / static_cast<double>(all), inside,
                splits.size());
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

void measure_false_alarms(const FalseAlarmOptions& o) {
  const Dataset data = read_dataset(o.data);
  std::printf("| method | object | images |");
  for (const double rate : o.rates) std::printf(" %g %% asked |", 100 * rate);
  std::printf("\n| --- | --- | --- |");
  for (size_t i = 0; i < o.rates.size(); ++i) std::printf(" --- |");
  std::printf("\n");
  constexpr int64_t kLeastOthers = 4;
  for (const std::string& method : o.methods.empty() ? method_names() : o.methods)
    for (const int64_t images : o.images) {
      std::vector<std::vector<Count>> all;
      for (const std::string& object : data.objects) {
        std::vector<std::string> files;
        for (const Part part : {Part::train, Part::test})
          for (const Sample& sample : data.select(object, part))
            if (!sample.defect) files.push_back(sample.file.string());
        if (std::ssize(files) < images + kLeastOthers) continue;
        const std::vector<std::vector<Count>> splits = Splits(o, method, object, files).run(images);
        print_row(method, object, images, splits);
        all.insert(all.end(), splits.begin(), splits.end());
      }
      if (!all.empty()) print_row(method, "all", images, all);
    }
}

}  // namespace iuf::bench
