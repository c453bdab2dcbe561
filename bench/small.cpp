#include "bench/small.h"

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/parallel.h"

namespace iuf::bench {
namespace {

struct Count {
  int64_t flagged = 0, all = 0;
};
struct Row {
  std::map<std::string, Count> kinds;  // and "good"
  double alone = 0, folder = 0;        // milliseconds a photograph
};

class Clock {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool is_flagged(const Model& model, const Sample& sample) {
  const Judgement j = model.judge(model.extractor()(model.extractor().read(sample.file)));
  const std::optional<double> threshold = model.objects()[static_cast<size_t>(j.object)].threshold;
  return is_alarm(verdict(j.score, threshold, j.novelty));
}

Row measured(const Model& model, const std::vector<Sample>& samples) {
  constexpr size_t timed_alone = 10;
  Row row;
  is_flagged(model, samples.front());  // warms up
  const size_t alone = std::min(timed_alone, samples.size());
  const Clock one_by_one;
  for (size_t i = 0; i < alone; ++i) is_flagged(model, samples[i]);
  row.alone = one_by_one.milliseconds() / static_cast<double>(alone);

  std::vector<char> flagged(samples.size());
  const Clock together;
  parallel_for(static_cast<int64_t>(samples.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    flagged[i] = is_flagged(model, samples[i]);
  });
  row.folder = together.milliseconds() / static_cast<double>(samples.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    Count& count = row.kinds[samples[i].label_name];
    count.flagged += flagged[i];
    ++count.all;
  }
  return row;
}

std::string text(const Count& count) {
  return std::to_string(count.flagged) + " of " + std::to_string(count.all);
}

void print_head() {
  std::printf("%d threads\n\n", thread_count());
  std::printf("| method | object |");
  const std::vector<std::string> kinds = synthetic_defect_kinds(synthetic_object_names(SynthScene::plates).front());
  for (const std::string& kind : kinds) std::printf(" %s flagged |", kind.c_str());
  std::printf(" false alarms | ms, one at a time | ms, of a folder |\n| --- | --- |");
  for (size_t i = 0; i < kinds.size() + 3; ++i) std::printf(" --- |");
  std::printf("\n");
}

}  // namespace

void measure_small(const SmallOptions& o) {
  SynthOptions synth = synth_defaults(SynthScene::plates);
  synth.seed = o.seed;
  if (!is_written(o.data, synth)) write_synthetic(o.data, synth, {});
  const Dataset data = read_dataset(o.data);
  const std::vector<std::string> methods =
      o.methods.empty() ? std::vector<std::string>{"iuf", "surroundings", "gaussian"} : o.methods;
  print_head();
  for (const std::string& method : methods) {
    Model model("fast", method, starting_settings("fast", method), Backbone::embedded());
    std::vector<Model::Source> sources;
    for (const std::string& object : data.objects) {
      sources.push_back({object, {}});
      for (const Sample& sample : data.select(object, Part::train))
        sources.back().images.push_back(sample.file.string());
    }
    model.learn(sources, FeatureCache(o.out / "cache", model.extractor()), {});
    for (const std::string& object : data.objects) {
      const Row row = measured(model, data.select(object, Part::test));
      std::printf("| %s | %s |", method.c_str(), object.c_str());
      for (const std::string& kind : synthetic_defect_kinds(object))
        std::printf(" %s |", text(row.kinds.at(kind)).c_str());
      std::printf(" %s | %.0f | %.0f |\n", text(row.kinds.at("good")).c_str(), row.alone, row.folder);
      std::fflush(stdout);  // the next method may take minutes
    }
  }
}

}  // namespace iuf::bench
