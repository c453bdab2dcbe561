#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "iuf/methods/bank_candidates.h"
#include "iuf/methods/bank_folds.h"
#include "iuf/methods/memory.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/feature_bank.h"
#include "iuf/stats/k_centre.h"
#include "tensor/error.h"
#include "tensor/random.h"

// PatchCore (Roth et al. 2022): a bank of `patchcore-share` of a step's local features (strides 8 and 16, averaged 3 x
// 3), chosen by greedy k-centre after a random projection; the score of a position is its distance to the nearest
// feature of the bank, the map is blurred with sigma 4. Keeps between steps: the bank, of the last step alone (memory =
// step, the row of the paper's table) or of all steps within `patchcore-limit` features, thinned by k-centre again
// (memory = all).
namespace iuf {
namespace {

constexpr double kProjectionEps = 0.9;
constexpr int64_t kNeighbours = 9;  // b of Eq. 7 there

struct PatchCoreSettings {
  static constexpr const char* group = "Without training";
  double share = 0.01;
  int64_t limit = 10000;

  void visit(const Fields& field) {
    field("patchcore-share", share, above_up_to(0, 1), "patchcore: of a step's features, kept in the bank");
    field("patchcore-limit", limit, range(1, 1000000), "patchcore: features of all steps with memory = all");
  }
};

// Where features are chosen: with fewer channels, which keep the distances.
Tensor projected(const Tensor& features, uint64_t key) {
  const int64_t dimensions = johnson_lindenstrauss_dimensions(features.dim(0), kProjectionEps);
  const bool fewer = dimensions > 0 && dimensions < features.dim(1);
  return fewer ? random_projection(features, dimensions, key) : features;
}

class PatchCore : public Method {
 public:
  explicit PatchCore(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  bool remembers(int64_t object) const override { return bank_.has(object); }
  std::string cannot_update(int64_t) const override { return ""; }
  void update(const StepData& data, const StepContext& context) override;
  std::string cannot_remove(int64_t object) const override;
  void remove(int64_t object) override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  Judgement judge(const FeatureBank& all, const Tensor& local, std::optional<int64_t> expected) const;
  void judge_new(const ChosenFeatures& chosen, const StepData& data, const StepContext& context) const;
  uint64_t key_of(const StepData& data) const;
  ChosenFeatures chosen(const StepData& data) const;

  Settings settings_;
  FeatureBank bank_;
  int64_t objects_ = 0;
};

uint64_t PatchCore::key_of(const StepData& data) const {
  return mix_key(mix_key(static_cast<uint64_t>(settings_.seed), 0x70636f72), static_cast<uint64_t>(data.step));
}

// A share of these images' features.
ChosenFeatures PatchCore::chosen(const StepData& data) const {
  const FeatureBank all = gather_features(
      data.images, [&](const TrainingImage& image) { return data.local_features(image); },
      settings_.own<BankCandidatesSettings>().bank_candidates, key_of(data));
  const auto share = static_cast<int64_t>(settings_.own<PatchCoreSettings>().share * static_cast<double>(all.size()));
  return choose_features(all, projected(all.features, key_of(data)), std::max<int64_t>(share, 1));
}

void PatchCore::learn(const StepData& data, const StepContext& context) {
  const uint64_t key = key_of(data);
  context.progress("choosing features", 0, 1);
  const PatchCoreSettings& own = settings_.own<PatchCoreSettings>();
  const bool remember_all = settings_.own<MemorySettings>().memory == Memory::all;
  ChosenFeatures chosen = this->chosen(data);
  if (remember_all && bank_.size() > 0) {
    FeatureBank joined = bank_;
    joined.append(chosen.bank);
    chosen.bank = joined;
  }
  if (remember_all && chosen.bank.size() > own.limit)
    chosen.bank = chosen.bank.rows(greedy_k_centre(projected(chosen.bank.features, key), own.limit));
  bank_ = chosen.bank;
  objects_ = data.first_object + static_cast<int64_t>(data.names.size());
  context.progress("choosing features", 1, 1);
  judge_new(chosen, data, context);
}

// Within the limit, the object's features alone are thinned.
void PatchCore::update(const StepData& data, const StepContext& context) {
  context.progress("choosing features", 0, 1);
  ChosenFeatures chosen = this->chosen(data);
  FeatureBank own = bank_.of(data.first_object), all;
  const int64_t others = bank_.size() - own.size(), limit = settings_.own<PatchCoreSettings>().limit;
  own.append(chosen.bank);
  if (settings_.own<MemorySettings>().memory == Memory::all && others + own.size() > limit)
    own = own.rows(greedy_k_centre(projected(own.features, key_of(data)), std::max<int64_t>(limit - others, 1)));
  for (int64_t object = 0; object < objects_; ++object)
    if (bank_.has(object)) all.append(object == data.first_object ? own : bank_.of(object));
  bank_ = chosen.bank = std::move(all);
  context.progress("choosing features", 1, 1);
  judge_new(chosen, data, context);
}

std::string PatchCore::cannot_remove(int64_t object) const {
  return bank_.of(object).size() < bank_.size() ? "" : "its bank holds the features of this object alone";
}

void PatchCore::remove(int64_t object) {
  bank_ = bank_.without_object(object);
  --objects_;
}

void PatchCore::judge_new(const ChosenFeatures& chosen, const StepData& data, const StepContext& context) const {
  judge_folds(chosen, data, context,
              [&](const FeatureBank& without, const Tensor& local) { return judge(without, local, std::nullopt); });
}

Judgement PatchCore::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_ == 0) fail("the model has not learned any object yet");
  return judge(bank_, image.local, expected);
}

Judgement PatchCore::judge(const FeatureBank& all, const Tensor& local, std::optional<int64_t> expected) const {
  const FeatureBank own = expected ? all.of(*expected) : FeatureBank{};
  const FeatureBank& bank = expected ? own : all;
  Judgement j;
  FeatureBank::Nearest found = all.nearest(local);
  std::tie(j.object, j.confidence, j.fits_better) = all.vote(found, expected);
  if (expected) found = bank.nearest(local);
  j.map = anomaly_map(found.distance, settings_.image_size, settings_.blur);
  // The largest distance s of a position, to the feature m, counts less where the bank is dense around m:
  // s (1 - e^s / sum of e^|x - m'| over m and its nearest features m').
  const real* farthest = std::max_element(found.distance.data(), found.distance.data() + found.distance.size());
  const auto position = farthest - found.distance.data();
  const auto s = static_cast<double>(*farthest);
  double sum = 0;
  const int64_t channels = bank.features.dim(1);
  for (int64_t neighbour : bank.neighbours(found.features[static_cast<size_t>(position)], kNeighbours)) {
    double squared = 0;
    for (int64_t c = 0; c < channels; ++c) {
      const double d = static_cast<double>(local.data()[position * channels + c]) -
                       static_cast<double>(bank.features.data()[neighbour * channels + c]);
      squared += d * d;
    }
    sum += std::exp(std::sqrt(squared) - s);
  }
  j.score = bank.size() > 1 ? (1 - 1 / sum) * s : s;
  return j;
}

void PatchCore::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  bank_.save(writer, "bank.");
  meta["objects"] = objects_;
}

void PatchCore::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_ = stored_count(file, meta, "objects");
  bank_ = FeatureBank::load(file, "bank.", objects_);
}

}  // namespace

namespace methods {

MethodInfo patchcore() {
  return {
      .name = "patchcore",
      .summary = "the nearest of a few normal features of the last step alone (memory = all: of all steps)",
      .folds = true,
      .trains = false,
      .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<PatchCore>(settings); },
      .defaults = [](Settings& s) { s.blur = 4; },
      .parts =
          settings_parts<BackboneSettings, BankCandidatesSettings, PatchCoreSettings, MemorySettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
