#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "bench/bench.h"
#include "iuf/data/dataset.h"
#include "iuf/features/neck.h"
#include "iuf/learn/model.h"
#include "iuf/paper/metrics.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace iuf::bench {
namespace {

namespace fs = std::filesystem;

class ScratchFolder {
 public:
  ScratchFolder() : path_(fs::temp_directory_path() / ("iuf_bench." + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Features, one epoch, statistics and thresholds: everything that grows with the images.
Measurement learn(Model& model, const std::vector<Model::Source>& sources, const fs::path& cache_folder) {
  const FeatureCache cache(cache_folder, model.extractor());
  return measure_once([&] { model.learn(sources, cache, {}); });
}

void bench_images(const Plan& plan, Table& table) {
  const ScratchFolder scratch;
  const fs::path data = scratch.path() / "data";
  const std::string object = synthetic_object_names().front();
  write_synthetic(data, {.train = static_cast<int>(plan.images), .test_good = 1, .per_defect = 1, .objects = {object}},
                  {});
  std::vector<std::string> files;
  for (const Sample& sample : read_dataset(data).select(object, Part::train)) files.push_back(sample.file.string());
  const auto first = [&](int64_t count) {
    return std::vector<Model::Source>{{object, {files.begin(), files.begin() + count}}};
  };

  Settings settings = profile("fast");
  settings.epochs = 1;
  const int64_t few = std::min<int64_t>(100, plan.images);
  Model model("fast", "iuf", settings, Backbone::embedded());
  const Measurement small = learn(model, first(few), scratch.path() / "few");
  table.row("learn, one epoch", few, small);
  Model large_model("fast", "iuf", settings, Backbone::embedded());
  const Measurement large = learn(large_model, first(plan.images), scratch.path() / "all");
  table.row("learn, one epoch", plan.images, large);
  const auto per_image = [](const Measurement& m, int64_t images) { return m.seconds / static_cast<double>(images); };
  table.note("cost of an image among all / among the first", "learn_cost_growth",
             per_image(large, plan.images) / per_image(small, few));

  // From the file to the score and the map, then without reading, decoding and resizing: on pixels in memory.
  const auto judge = [&](int64_t count) {
    parallel_for(count, 1, [&](int64_t i, int64_t) { model.judge(read_image(files[static_cast<size_t>(i)])); });
  };
  judge(few);  // warms up
  const Measurement judge_few = measure_once([&] { judge(few); });
  table.row("file to score and map", few, judge_few);
  const Measurement judge_all = measure_once([&] { judge(plan.images); });
  table.row("file to score and map", plan.images, judge_all);
  table.note("cost of an image among all / among the first", "judge_cost_growth",
             per_image(judge_all, plan.images) / per_image(judge_few, few));

  const int64_t folder = std::min<int64_t>(500, plan.images);
  std::vector<ImageFeatures> inputs(static_cast<size_t>(folder));
  parallel_for(folder, 1, [&](int64_t i, int64_t) {
    ImageFeatures& f = inputs[static_cast<size_t>(i)];
    f = model.extractor()(read_image(files[static_cast<size_t>(i)]));
  });
  const auto networks_alone = [&] {
    parallel_for(folder, 1, [&](int64_t i, int64_t) {
      const ImageFeatures& f = inputs[static_cast<size_t>(i)];
      const std::vector<Tensor> maps = model.backbone().features(
          normalised_image(model.backbone().info(), f.pixels, settings.image_size, settings.image_size));
      aligned_tokens(maps, settings.grid, settings.align);
      local_tokens(maps[maps.size() - 2], maps.back());
      model.judge(f);
    });
  };
  // In turns, because a shared machine changes its speed.
  std::array<Measurement, 3> wholes, alone;
  for (size_t turn = 0; turn < wholes.size(); ++turn) {
    wholes[turn] = measure_once([&] { judge(folder); });
    alone[turn] = measure_once(networks_alone);
  }
  const auto median = [](std::array<Measurement, 3>& turns) {
    std::ranges::sort(turns, {}, &Measurement::seconds);
    return turns[1];
  };
  const Measurement whole = median(wholes), networks = median(alone);
  table.row("folder: file to score and map", folder, whole);
  table.row("folder: backbone, neck and model alone", folder, networks);
  table.note("whole / backbone, neck and model alone", "folder_over_networks", whole.seconds / networks.seconds);
}

void bench_metrics(const Plan& plan, Table& table) {
  constexpr int64_t kSide = 224, kImage = kSide * kSide;
  const int64_t images = std::max<int64_t>(1, plan.pixels / kImage);
  Tensor map({kImage});
  std::vector<uint8_t> mask(kImage);
  for (int64_t i = 0; i < kImage; ++i) mask[static_cast<size_t>(i)] = i / kSide < 20 && i % kSide < 20;
  const Measurement m = measure_once([&] {
    PixelAccumulator pixels;
    for (int64_t n = 0; n < images; ++n) {
      fill_uniform(map, 0, 10, static_cast<uint64_t>(n));
      pixels.add("image", map.span(), mask, kSide);
    }
    if (!pixels.rank().auroc || !pixels.aupro()) fail("bench: a metric has no value");
  });
  table.row("exact AUROC, AP, F1-max, AUPRO of " + std::to_string(images * kImage) + " pixels", images, m);
  table.note("seconds", "metrics_seconds", m.seconds);
}

// The same work on 1, 2, 4, ... threads.
void bench_threads(Table& table) {
  const int all = thread_count();
  const Backbone backbone = Backbone::embedded();
  const Tensor image = Tensor::full({16, 224, 224, 3}, real(0.5));
  double one = 0;
  for (int threads = 1; threads <= all; threads *= 2) {
    set_thread_count(threads);
    const Measurement m = measure([&] { backbone.features(image); }, 3, 0.5);
    if (threads == 1) one = m.fastest;
    table.row("EfficientNet-Lite0, batch 16, threads " + std::to_string(threads), 16, m);
    table.note("efficiency", "thread_efficiency_" + std::to_string(threads), one / m.fastest / threads);
  }
  set_thread_count(all);
}

}  // namespace

void bench_scale(const Plan& plan, Table& table) {
  if (!plan.wants("scaling")) return;
  table.section("scaling");
  bench_threads(table);
  bench_metrics(plan, table);
  bench_images(plan, table);
}

}  // namespace iuf::bench
