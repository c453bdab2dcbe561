#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iuf/learn/method.h"
#include "iuf/methods/object_statistics.h"

namespace iuf {

/// Statistics of the local features of all positions (strides 8 and 16, averaged 3 x 3): no network, a baseline that
/// forgets nothing. The object is the one whose Gaussian fits best, the map the distance to it, standardised by its
/// mean and deviation on the object's normal images, or that of LocalViews. Keeps between steps: per object a Gaussian
/// and its scale, or the views.
class LocalMethod : public Method {
 public:
  LocalMethod(const Settings& settings, const BackboneInfo& backbone, LocalKind kind)
      : settings_(settings), backbone_(backbone), kind_(kind) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const override;
  int64_t objects() const override { return static_cast<int64_t>(objects_.size()); }
  std::string cannot_update(int64_t) const override { return ""; }
  void update(const StepData& data, const StepContext& context) override;
  std::string cannot_remove(int64_t) const override { return ""; }
  void remove(int64_t object) override { objects_.erase(objects_.begin() + object); }
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  struct Object {
    Gaussian gaussian;
    ScoreScale scale = {};
    std::optional<LocalViews> views = {};  // of LocalKind::surroundings
  };
  class Fit;
  int64_t passes(const StepData& data) const;
  Judgement judged(const ImageScores& scores, int64_t object) const;
  ImageScores scores(const Object& object, const Tensor& distance) const;
  ImageScores scores(const Object& object, const ImageFeatures& image) const;
  static std::string prefix(size_t object) { return "object." + std::to_string(object) + "."; }

  const Settings settings_;
  const BackboneInfo backbone_;
  const LocalKind kind_;
  std::vector<Object> objects_;
};

}  // namespace iuf
