#include "iuf/run/comparison_runner.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "iuf/data/json_fields.h"
#include "iuf/features/copies.h"
#include "iuf/features/features.h"
#include "iuf/features/published_weights.h"
#include "iuf/learn/method.h"
#include "iuf/learn/training_pictures.h"
#include "iuf/run/comparison_results.h"
#include "iuf/run/comparison_tables.h"
#include "iuf/run/csv.h"
#include "iuf/run/data_check.h"
#include "iuf/run/ignore_masks.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

// The settings of a row as its method adjusts them.
Settings final_settings(const ComparisonOptions& o, const Variant& variant) {
  Settings settings = run_of(o, variant, 0).settings;
  method_info(variant.method).adjust(settings);
  return settings;
}

// But for the images.
ComparisonDescription description_of(const ComparisonOptions& o) {
  ComparisonDescription description{.data = absolute_text(o.data),
                                    .profile = o.profile,
                                    .steps = o.stream.steps,
                                    .first_seed = o.seeds.at(0),
                                    .weights = o.backbone_weights ? hash_bytes(read_file(*o.backbone_weights)) : 0};
  for (const MethodInfo& method : known_methods()) {
    nlohmann::json settings = to_json(o.settings(method.name));
    settings.erase("seed");
    description.settings[method.name] = settings;
  }
  if (o.ignore)
    for (const auto& [object, mask] : read_ignore_masks(*o.ignore, o.stream.objects()))
      description.ignore[object] = hash_bytes(std::as_bytes(std::span(mask.mask.pixels)));
  return description;
}

// The window of 16-bit images that the run decides on with its first step.
void fix_window(FeatureExtractor& extractor, Settings settings, const Stream& stream, const Dataset& data) {
  std::vector<std::string> files;
  for (const std::string& object : stream.steps.front())
    for (const Sample& sample : data.select(object, Part::train))
      if (!sample.defect) files.push_back(sample.file.string());
  decide_window(settings, files, {});  // each run says it
  if (const auto window = settings.known_window()) extractor.set_window(*window);
}

// Reads all images and masks, and computes the features that these rows share, so that none pays for them.
void prepare_images(const ComparisonOptions& o, const std::vector<Variant>& variants, const Dataset& data,
                    const Progress& progress) {
  std::set<std::pair<uint64_t, std::string>> done;  // features, and the window of 16-bit images
  for (const Variant& variant : variants) {
    const Settings settings = final_settings(o, variant);
    const Backbone backbone = load_backbone(settings.backbone, o.backbone_weights);
    FeatureExtractor extractor(backbone, settings);
    fix_window(extractor, settings, run_of(o, variant, 0).stream, data);
    const std::optional<ValueWindow> window = extractor.reading().window;
    if (!done.insert({extractor.fingerprint(), window ? text_of(*window) : ""}).second) continue;
    const FeatureCache cache(run_of(o, variant, 0).cache, extractor);
    if (done.size() == 1) {
      check_images(data, o.stream.objects(), cache, progress);
      if (o.ignore) require_masks_fit(read_ignore_masks(*o.ignore, o.stream.objects()), data, cache, progress);
    }
    for (const std::string& object : o.stream.objects()) {
      for (const Part part : {Part::train, Part::test}) {
        std::vector<std::string> files;
        for (const Sample& sample : data.select(object, part)) files.push_back(sample.file.string());
        const std::vector<ImageFacts> facts = cache.read(files, "features of " + object, progress);
        const std::string copies = part == Part::train ? copies_text(object, files, originals(facts)) : "";
        if (done.size() == 1 && !copies.empty()) progress.note(copies);
      }
    }
  }
}

class ComparisonRunner {
 public:
  ComparisonRunner(const ComparisonOptions& options, const Launch& launch, const Progress& progress)
      : o_(options), files_{options.out}, launch_(launch), progress_(progress) {}

  Comparison operator()(int64_t jobs) {
    open();
    fill_queue();
    std::vector<std::jthread> threads;
    for (int64_t t = 1; t < std::min<int64_t>(jobs, static_cast<int64_t>(queue_.size())); ++t)
      threads.emplace_back([this] { work(); });
    work();
    threads.clear();  // joins
    if (unwritten_) std::rethrow_exception(unwritten_);
    return write_results();
  }

 private:
  // Checks everything before hours of work, and computes the features.
  void open() {
    if (o_.variants.empty()) fail("compare: no methods to compare");
    if (o_.seeds.empty()) fail("compare: no seeds; give one at least");
    if (std::set<int64_t>(o_.seeds.begin(), o_.seeds.end()).size() != o_.seeds.size())
      fail("compare: a seed is given twice");
    const Dataset data = read_dataset(o_.data);
    for (const std::string& object : o_.stream.objects()) data.select(object, Part::train);
    make_folder(o_.out);
    lock_.emplace(o_.out);
    ComparisonDescription wanted = description_of(o_);
    std::optional<nlohmann::json> found;
    if (fs::exists(files_.description())) found = read_json_file(files_.description());
    if (found && found->is_object() && found->contains("images")) {  // what can be told before all images are read
      nlohmann::json rest = *found, now = to_json(wanted);
      for (nlohmann::json* side : {&rest, &now}) side->erase("images");
      require_same(o_.out, "comparison", rest, now);
    }
    prepare_images(o_, fitting_variants(), data, progress_);
    wanted.images = training_hashes(data, o_.stream.objects(), progress_);
    testing_ = testing_hashes(data, o_.stream.objects(), progress_);
    if (found) require_same(o_.out, "comparison", *found, to_json(wanted));
    write_json_file(files_.description(), wanted);  // now that all images can be read
  }

  // Those whose settings fit their method; the others have failed.
  std::vector<Variant> fitting_variants() {
    std::vector<Variant> fitting;
    for (const Variant& variant : o_.variants) {
      try {
        check(final_settings(o_, variant));
        fitting.push_back(variant);
      } catch (const Error& e) {
        for (size_t seed = 0; seed < o_.seeds.size(); ++seed) failures_[run_of(o_, variant, seed).out] = e.what();
      }
    }
    if (fitting.empty()) fail(failures_.begin()->second);
    return fitting;
  }

  // The first seed of every row comes first. A run that has ended is called again where the test images or their place
  // are others: it measures them.
  void fill_queue() {
    for (size_t seed = 0; seed < o_.seeds.size(); ++seed)
      for (const Variant& variant : o_.variants)
        if (const RunOptions run = run_of(o_, variant, seed);
            !failures_.contains(run.out) && !(finished(run) && is_up_to_date(run, testing_)))
          queue_.push_back(run);
  }

  // One thread: the next run, until none is left.
  void work() {
    for (;;) {
      RunOptions run;
      {
        const std::lock_guard lock(mutex_);
        if (next_ == queue_.size() || unwritten_) return;
        run = queue_[next_++];
      }
      std::string failure;
      try {
        failure = launch_(run);
      } catch (const std::exception& e) {
        failure = e.what();
      }
      const std::lock_guard lock(mutex_);
      try {
        if (!failure.empty()) failures_[run.out] = failure;
        write_results();
        progress_("runs", ++done_, static_cast<int64_t>(queue_.size()));
      } catch (...) {
        unwritten_ = std::current_exception();
      }
    }
  }

  Comparison write_results() const {
    const Comparison comparison = collect(o_, failures_);
    write_json_file(files_.results(), comparison);
    write_file(files_.csv(), comparison_csv(comparison.rows));
    write_file(files_.objects_csv(), to_csv(collect_objects(o_, failures_)));
    write_file(files_.markdown(), comparison_markdown(comparison.rows));
    if (o_.written) o_.written();
    return comparison;
  }

  const ComparisonOptions& o_;
  const ComparisonFiles files_;
  const Launch& launch_;
  const Progress& progress_;
  std::optional<FileLock> lock_ = {};
  std::map<std::string, uint64_t> testing_ = {};  // hashes of the test images by object
  std::vector<RunOptions> queue_ = {};

  std::mutex mutex_ = {};                          // of all below
  std::map<fs::path, std::string> failures_ = {};  // by folder
  size_t next_ = 0;                                // in the queue
  int64_t done_ = 0;
  std::exception_ptr unwritten_ = {};  // why results could not be written: ends all
};

}  // namespace

Settings quick(Settings settings) {
  settings.epochs = std::max<int64_t>(1, settings.epochs / 6);
  settings.increment_epochs = std::max<int64_t>(1, settings.increment_epochs / 6);
  return settings;
}

RunOptions run_of(const ComparisonOptions& o, const Variant& variant, size_t seed) {
  const ComparisonFiles files{o.out};
  const std::optional<int64_t> other = seed == 0 ? std::nullopt : std::optional(o.seeds.at(seed));
  RunOptions run{.data = o.data,
                 .out = files.run(variant.name, other).folder,
                 .backbone_weights = o.backbone_weights,
                 .cache = o.cache.or_in(files.cache()),
                 .profile = variant.profile.empty() ? o.profile : variant.profile,
                 .method = variant.method,
                 .stream = variant.joint ? joint(o.stream) : o.stream,
                 .settings = o.settings(variant.method),
                 .ignore = o.ignore};
  run.settings.seed = o.seeds.at(seed);
  variant.adjust(run.settings);
  return run;
}

bool finished(const RunOptions& run) {
  const fs::path metrics = RunFiles{run.out}.metrics();
  return fs::exists(metrics) && read_metrics(metrics).steps == run.stream.steps;
}

Comparison compare(const ComparisonOptions& options, int64_t jobs, const Launch& launch, const Progress& progress) {
  return ComparisonRunner(options, launch, progress)(jobs);
}

}  // namespace iuf
