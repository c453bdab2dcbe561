#include "bench/unknown.h"

#include <algorithm>
#include <iostream>

#include "bench/models.h"
#include "iuf/data/dataset.h"
#include "iuf/learn/verdict.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf::bench {
namespace {

struct Count {
  int64_t unknown = 0, images = 0;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("unknown", self.unknown);
    field("images", self.images);
  }
  void operator+=(const Count& other) {
    unknown += other.unknown;
    images += other.images;
  }
};
// Of a model that has not learned one object.
struct Counts {
  uint64_t fingerprint = 0;
  Count other, normal, defective;  // images of that object, and test images of learned ones

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("fingerprint", self.fingerprint);
    field("other", self.other);
    field("normal", self.normal);
    field("defective", self.defective);
  }
};

Count judged(const Model& model, const FeatureCache& cache, const std::vector<std::string>& files) {
  const std::vector<ImageFacts> facts = cache.read(files, "", {});
  std::vector<char> unknown(files.size());
  parallel_for(std::ssize(files), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    const Judgement j = model.judge(cache.load(files[i], facts[i].content));
    const std::optional<double> threshold = model.objects()[static_cast<size_t>(j.object)].threshold;
    unknown[i] = verdict(j.score, threshold, j.novelty) == Verdict::unknown;
  });
  return {.unknown = std::ranges::count(unknown, 1), .images = std::ssize(files)};
}

Counts counts_of(const UnknownOptions& o, const std::string& method, const Dataset& data, const std::string& object) {
  std::vector<Model::Source> learn;
  std::vector<std::string> files, other, normal, defective;
  for (const Sample& sample : data.samples) {
    const std::string file = sample.file.string();
    files.push_back(file);
    if (sample.object == object) {
      other.push_back(file);
    } else if (sample.train) {
      if (learn.empty() || learn.back().name != sample.object) learn.push_back({sample.object, {}});
      learn.back().images.push_back(file);
    } else {
      (sample.defect ? defective : normal).push_back(file);
    }
  }
  const Settings settings = short_settings(method, o.epochs, 0);
  const std::filesystem::path folder = o.out / method;
  make_folder(folder);
  const std::filesystem::path file = folder / (object + ".json");
  Counts counts = kept<Counts>(file, fingerprint(settings, files));
  if (counts.other.images > 0) return counts;
  const Model model = learned(method, settings, {learn}, o.out);
  const FeatureCache cache(o.out / "cache", model.extractor());
  counts.other = judged(model, cache, other);
  counts.normal = judged(model, cache, normal);
  counts.defective = judged(model, cache, defective);
  write_json_file(file, counts);
  return counts;
}

void print_row(const std::string& method, const std::string& object, const Counts& counts) {
  std::cout << "| " << method << " | " << object;
  for (const Count& count : {counts.other, counts.normal, counts.defective})
    std::cout << " | " << count.unknown << " of " << count.images;
  std::cout << " |\n" << std::flush;
}

}  // namespace

void measure_unknown(const UnknownOptions& o) {
  const Dataset data = read_dataset(o.data);
  if (data.objects.size() < 2) fail(o.data.string(), ": one object; to leave one out, two are needed");
  std::cout
      << "`unknown`:\n\n| method | not learned | its images | normal of learned ones | defective of learned ones |\n"
      << "| --- | --- | --- | --- | --- |\n";
  for (const std::string& method : chosen_methods(o.methods)) {
    Counts all;
    for (const std::string& object : data.objects) {
      const Counts counts = counts_of(o, method, data, object);
      print_row(method, object, counts);
      all.other += counts.other;
      all.normal += counts.normal;
      all.defective += counts.defective;
    }
    print_row(method, "all", all);
  }
}

}  // namespace iuf::bench
