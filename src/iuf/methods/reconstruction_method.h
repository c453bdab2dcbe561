#pragma once

#include <memory>

#include "iuf/learn/method.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/paper/reconstruction.h"
#include "iuf/paper/retention.h"
#include "iuf/stats/gaussian.h"
#include "iuf/stats/standardisation.h"

namespace iuf {

/// Reconstruction of backbone features, with or without conditions by the discriminator, trained step by step: IUF,
/// UniAD and what is built on it, which differ in their settings and in their retention. Keeps between steps: the
/// network, per object three Gaussians (features, residual, local features), and what the retention keeps.
class ReconstructionMethod : public Method {
 public:
  ReconstructionMethod(const Settings& settings, const BackboneInfo& backbone, std::unique_ptr<Retention> retention);

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image) const override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;
  Retention& retention() { return *retention_; }

 private:
  struct ObjectStatistics {
    Gaussian feature, residual, local;
    ScoreScale residual_scale, local_scale;
  };

  void build(int64_t classes);
  void train(const StepData& data, const StepContext& context);
  void replay(const StepData& data, const LayerOutput& see) const;
  void remember(const StepData& data, const StepContext& context);
  Tensor standardised(const Tensor& aligned) const;
  Tensor residual(const ImageFeatures& image, Run& run, Tensor* logits = nullptr) const;
  std::pair<int64_t, double> recognise(const Tensor& feature, const Tensor& logits) const;

  Settings settings_;
  BackboneInfo backbone_;
  Standardisation standardisation_;  // of F; empty when not standardised
  mutable Reconstruction network_;   // frozen but while training: its call records nothing and changes nothing
  std::unique_ptr<Retention> retention_;
  std::vector<ObjectStatistics> objects_;
};

}  // namespace iuf
