#pragma once

#include <memory>

#include "iuf/learn/method.h"
#include "iuf/methods/object_statistics.h"
#include "iuf/paper/reconstruction.h"
#include "iuf/paper/retention.h"
#include "iuf/stats/standardisation.h"

namespace iuf {

/// Reconstruction of backbone features, with or without conditions by the discriminator, trained step by step: IUF,
/// UniAD and what is built on it, which differ in their settings and in their retention. Keeps between steps: the
/// network, per object its statistics, and what the retention keeps.
class ReconstructionMethod : public Method {
 public:
  /// Errors: settings out of range.
  ReconstructionMethod(const Settings& settings, const BackboneInfo& backbone, std::unique_ptr<Retention> retention);

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const override;
  int64_t objects() const override { return static_cast<int64_t>(objects_.size()); }
  std::string cannot_update(int64_t object) const override;
  void update(const StepData& data, const StepContext& context) override;
  std::string cannot_remove(int64_t) const override { return ""; }
  void remove(int64_t object) override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;
  /// What keeps the old objects.
  Retention& retention() { return *retention_; }

 private:
  /// How an image passes through the network.
  struct Pass {
    Tensor feature;   // T x C: F, standardised
    Tensor residual;  // T x C: F_rec - F
    Tensor logits;    // 1 x objects; undefined without a discriminator
  };

  void build(int64_t objects);
  void start(const StepData& data);
  void take_network(const TensorFile& weights);
  void take_token_means(const TensorFile& weights);
  void train(const StepData& data, const StepContext& context);
  void replay(const StepData& data, const LayerOutputCallback& see) const;
  void fit(const StepData& data, const StepContext& context, const ObjectStatistics* known = nullptr);
  Tensor standardised(const Tensor& aligned) const;
  Tensor network_image(const ImageFeatures& image) const;
  Pass pass(const ImageFeatures& image, Run& run) const;
  Observation observe(const ImageFeatures& image) const;
  void score(Judgement& j, const Pass& passed, const ImageFeatures& image) const;

  Settings settings_;
  BackboneInfo backbone_;
  Standardisation standardisation_;  // of F; empty when not standardised
  mutable Reconstruction network_;   // frozen but while training: its call records nothing and changes nothing
  std::unique_ptr<Retention> retention_;
  std::vector<ObjectStatistics> objects_;
};

}  // namespace iuf
