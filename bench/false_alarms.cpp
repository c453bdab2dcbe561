#include "bench/false_alarms.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>

#include "bench/models.h"
#include "iuf/data/dataset.h"
#include "iuf/stats/conformal.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace iuf::bench {
namespace {

// Scores that a split gives: of the normal images that the threshold comes from, and of the others.
struct Split {
  std::vector<double> calibration = {}, others = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("calibration", self.calibration);
    field("others", self.others);
  }
};
// Of a method, an object and a number of images, as far as they are measured.
struct Splits {
  uint64_t fingerprint = 0;
  std::vector<Split> splits = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("fingerprint", self.fingerprint);
    field("splits", self.splits);
  }
};

Split measured(const FalseAlarmOptions& o, const std::string& method, const std::string& object,
               const std::vector<std::string>& files, int64_t images, uint64_t number) {
  Model::Source source{object, {}};
  std::vector<std::string> others;
  for (const int64_t i : random_permutation(std::ssize(files), mix_key(number, 0x73706c6974)))
    (std::ssize(source.images) < images ? source.images : others).push_back(files[static_cast<size_t>(i)]);
  if (o.others > 0) others.resize(std::min(others.size(), static_cast<size_t>(o.others)));
  const Model model = learned(method, short_settings(method, o.epochs, number), {{source}}, o.out);
  const FeatureCache cache(o.out / "cache", model.extractor());
  const std::vector<ImageFacts> facts = cache.read(others, "", {});
  Split split{.calibration = model.objects()[0].scores, .others = std::vector<double>(others.size())};
  parallel_for(std::ssize(others), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    split.others[i] = model.judge(cache.load(others[i], facts[i].content), 0).score;
  });
  return split;
}

// What an earlier call has measured, and what is missing; kept split by split.
std::vector<Split> splits_of(const FalseAlarmOptions& o, const std::string& method, const std::string& object,
                             const std::vector<std::string>& files, int64_t images) {
  const std::filesystem::path folder = o.out / method;
  make_folder(folder);
  const std::filesystem::path file = folder / (object + "-" + std::to_string(images) + ".json");
  Splits known = kept<Splits>(
      file, mix_key(fingerprint(short_settings(method, o.epochs, 0), files), static_cast<uint64_t>(o.others)));
  while (std::ssize(known.splits) < o.splits) {
    known.splits.push_back(measured(o, method, object, files, images, known.splits.size()));
    write_json_file(file, known);
    std::cerr << method << " " << object << " " << images << ": split " << known.splits.size() << " of " << o.splits
              << "\n";
  }
  known.splits.resize(static_cast<size_t>(o.splits));
  return known.splits;
}

// "3.4 %, 19 of 20": the share of alarms among the other images, and the splits with a number of them as promised.
std::string cell(const std::vector<Split>& splits, double rate) {
  size_t alarms = 0, images = 0, inside = 0;
  for (const Split& split : splits) {
    if (split.calibration.empty()) fail("false alarms: a model keeps no scores of so few images; name more --images");
    const double threshold = conformal_threshold(split.calibration, rate);
    const auto above =
        static_cast<size_t>(std::ranges::count_if(split.others, [&](double s) { return s > threshold; }));
    alarms += above;
    images += split.others.size();
    inside += alarms_as_expected(split.calibration, threshold, above, split.others.size());
  }
  char text[64];
  std::snprintf(text, sizeof text, "%.1f %%, %zu of %zu",
                100 * static_cast<double>(alarms) / static_cast<double>(images), inside, splits.size());
  return text;
}

void print_head(const FalseAlarmOptions& o, const std::vector<std::string>& columns) {
  for (const std::string& column : columns) std::cout << "| " << column << " ";
  for (const double rate : o.rates) std::cout << "| " << 100 * rate << " % asked ";
  std::cout << "|\n";
  for (size_t i = 0; i < columns.size() + o.rates.size(); ++i) std::cout << "| --- ";
  std::cout << "|\n" << std::flush;
}

void print_row(const FalseAlarmOptions& o, const std::vector<std::string>& cells, const std::vector<Split>& splits) {
  for (const std::string& text : cells) std::cout << "| " << text << " ";
  for (const double rate : o.rates) std::cout << "| " << cell(splits, rate) << " ";
  std::cout << "|\n" << std::flush;
}

// Every object's normal images, for training and for tests.
std::map<std::string, std::vector<std::string>> normal_images(const Dataset& data) {
  std::map<std::string, std::vector<std::string>> files;
  for (const std::string& object : data.objects)
    for (const Part part : {Part::train, Part::test})
      for (const Sample& sample : data.select(object, part))
        if (!sample.defect) files[object].push_back(sample.file.string());
  return files;
}

}  // namespace

void measure_false_alarms(const FalseAlarmOptions& o) {
  constexpr int64_t kLeastOthers = 4;
  const std::map<std::string, std::vector<std::string>> objects = normal_images(read_dataset(o.data));
  const std::vector<std::string> methods = chosen_methods(o.methods);
  std::map<std::pair<std::string, int64_t>, std::vector<Split>> all;  // by method and number of images
  print_head(o, {"method", "images", "object"});
  for (const int64_t images : o.images)
    for (const std::string& method : methods)
      for (const auto& [object, files] : objects) {
        if (std::ssize(files) < images + kLeastOthers) continue;
        const std::vector<Split> splits = splits_of(o, method, object, files, images);
        print_row(o, {method, std::to_string(images), object}, splits);
        std::vector<Split>& sum = all[{method, images}];
        sum.insert(sum.end(), splits.begin(), splits.end());
      }
  std::cout << "\nOver all objects:\n\n";
  print_head(o, {"method", "images"});
  for (const std::string& method : methods)
    for (const int64_t images : o.images)
      if (const auto found = all.find({method, images}); found != all.end())
        print_row(o, {method, std::to_string(images)}, found->second);
}

}  // namespace iuf::bench
