#include <nlohmann/json.hpp>

#include "iuf/learn/method.h"
#include "iuf/methods/bank_candidates.h"
#include "iuf/methods/bank_folds.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/feature_bank.h"
#include "iuf/stats/standardisation.h"
#include "tensor/error.h"
#include "tensor/random.h"

// A kept bank of normal features: of each object at most `bank-size` local ones (strides 8 and 16, averaged 3 x 3,
// standardised), chosen by greedy k-centre. The score of a position is its distance to the nearest feature of any
// object, the object the one that most positions are nearest to: a baseline that forgets nothing. Keeps between steps:
// the bank, and the channels' mean and deviation of the base step.
namespace iuf {
namespace {

struct CoresetSettings {
  static constexpr const char* group = "Without training";
  int64_t bank_size = 2000;

  void visit(const Fields& field) {
    field("bank-size", bank_size, range(1, 1000000), "coreset: features kept per object");
  }
};

class Coreset : public Method {
 public:
  explicit Coreset(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  std::string cannot_update(int64_t) const override { return ""; }
  void update(const StepData& data, const StepContext& context) override;
  std::string cannot_remove(int64_t) const override { return ""; }
  void remove(int64_t object) override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  FeatureBank candidates(const StepData& data, size_t n) const;
  ChosenFeatures chosen(const FeatureBank& own) const;
  void judge_new(const ChosenFeatures& chosen, const StepData& data, const StepContext& context) const;
  Judgement judge(const FeatureBank& bank, const Tensor& tokens, std::optional<int64_t> expected) const;

  Settings settings_;
  Standardisation standardised_;
  FeatureBank bank_;
  int64_t objects_ = 0;
};

// Standardised features of the step's object number n.
FeatureBank Coreset::candidates(const StepData& data, size_t n) const {
  const uint64_t key = mix_key(static_cast<uint64_t>(settings_.seed), 0x636f7265);
  FeatureBank own = gather_features(
      images_of(data, n), [&](const TrainingImage& image) { return data.local_features(image); },
      settings_.own<BankCandidatesSettings>().bank_candidates, key);
  own.features = standardised_(own.features);
  return own;
}

ChosenFeatures Coreset::chosen(const FeatureBank& own) const {
  return choose_features(own, own.features, settings_.own<CoresetSettings>().bank_size);
}

void Coreset::learn(const StepData& data, const StepContext& context) {
  const auto load = [&](const TrainingImage& image) { return data.local_features(image); };
  if (data.first_object == 0) standardised_ = Standardisation::fit(data.images, load);
  const auto count = static_cast<int64_t>(data.names.size());
  ChosenFeatures all{bank_};
  for (int64_t n = 0; n < count; ++n) {
    context.progress("choosing features", n, count);
    ChosenFeatures more = chosen(candidates(data, static_cast<size_t>(n)));
    all.bank.append(more.bank);
    all.instead.merge(more.instead);
  }
  bank_ = all.bank;
  objects_ = data.first_object + count;
  context.progress("choosing features", count, count);
  judge_new(all, data, context);
}

// The object's bank is chosen again, from what it holds and the new features.
void Coreset::update(const StepData& data, const StepContext& context) {
  context.progress("choosing features", 0, 1);
  FeatureBank own = bank_.of(data.first_object);
  own.append(candidates(data, 0));
  ChosenFeatures chosen = this->chosen(own);
  FeatureBank all;
  for (int64_t object = 0; object < objects_; ++object)
    all.append(object == data.first_object ? chosen.bank : bank_.of(object));
  bank_ = chosen.bank = std::move(all);
  context.progress("choosing features", 1, 1);
  judge_new(chosen, data, context);
}

void Coreset::remove(int64_t object) {
  bank_ = bank_.without_object(object);
  --objects_;
}

void Coreset::judge_new(const ChosenFeatures& chosen, const StepData& data, const StepContext& context) const {
  judge_folds(chosen, data, context, [&](const FeatureBank& without, const Tensor& local) {
    return judge(without, standardised_(local), std::nullopt);
  });
}

Judgement Coreset::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_ == 0) fail("the model has not learned any object yet");
  return judge(bank_, standardised_(image.local), expected);
}

Judgement Coreset::judge(const FeatureBank& bank, const Tensor& tokens, std::optional<int64_t> expected) const {
  const FeatureBank::Nearest found = bank.nearest(tokens);
  Judgement j;
  std::tie(j.object, j.confidence, j.fits_better) = bank.vote(found, expected);
  const Tensor distance = expected ? bank.of(*expected).nearest(tokens).distance : found.distance;
  j.map = anomaly_map(distance, settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
  return j;
}

void Coreset::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  standardised_.save(writer, "standardise.");
  bank_.save(writer, "bank.");
  meta["objects"] = objects_;
}

void Coreset::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_ = stored_count(file, meta, "objects");
  standardised_ = Standardisation::load(file, "standardise.");
  bank_ = FeatureBank::load(file, "bank.", objects_);
  if (standardised_.mean.size() != bank_.features.dim(1))
    fail(file.path(), ": 'standardise.' has ", standardised_.mean.size(), " channels, the bank ",
         bank_.features.dim(1));
}

}  // namespace

namespace methods {

MethodInfo coreset() {
  return {
      .name = "coreset",
      .summary = "the nearest of a few normal features kept of every object; nothing is forgotten",
      .folds = true,
      .trains = false,
      .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<Coreset>(settings); },
      .parts =
          settings_parts<BackboneSettings, CoresetSettings, BankCandidatesSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
