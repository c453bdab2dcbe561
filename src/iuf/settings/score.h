#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

struct Settings;

enum class ScoreKind { raw, whitened, fused };  // ||R||, sqrt(R^T S^-1 R), or that and the maps of the local features
inline Choices<ScoreKind> choices(ScoreKind) {
  return {{"raw", ScoreKind::raw}, {"whitened", ScoreKind::whitened}, {"fused", ScoreKind::fused}};
}

enum class ObjectChoice { classifier, best_fit };  // who says which object an image shows
inline Choices<ObjectChoice> choices(ObjectChoice) {
  return {{"classifier", ObjectChoice::classifier}, {"best-fit", ObjectChoice::best_fit}};
}

// Anomaly map to image score.
enum class Pooling { max_pool16, max, mean, deviation };
inline Choices<Pooling> choices(Pooling) {
  return {
      {"max-pool16", Pooling::max_pool16}, {"max", Pooling::max}, {"mean", Pooling::mean}, {"std", Pooling::deviation}};
}

/// The map of a reconstruction.
struct ScoreSettings {
  static constexpr const char* group = "Score";
  ScoreKind score = ScoreKind::fused;

  void visit(const Fields& field) { field("score", score, "what the anomaly map shows"); }
};

enum class LocalKind { gaussian, surroundings };  // one for all positions, or given their places and neighbours
inline Choices<LocalKind> choices(LocalKind) {
  return {{"gaussian", LocalKind::gaussian}, {"surroundings", LocalKind::surroundings}};
}

// The residual's map counts as each view's does, or as much as all of them together.
enum class Fusion { mean, sum };
inline Choices<Fusion> choices(Fusion) {
  return {{"mean", Fusion::mean}, {"sum", Fusion::sum}};
}

/// The local features' share of the fused score.
struct LocalSettings {
  static constexpr const char* group = "Score";
  LocalKind local = LocalKind::surroundings;
  Fusion fusion = Fusion::mean;

  void visit(const Fields& field) {
    field("local", local, "fused score: what judges the local features");
    field("fusion", fusion, "fused score: mean of the maps of residual and views, or residual + mean of the views");
  }
};

/// Every Gaussian: S = cov + ridge * I.
struct RidgeSettings {
  static constexpr const char* group = "Score";
  double ridge = 0.01;

  void visit(const Fields& field) { field("ridge", ridge, above(0), "added to the diagonal of covariances"); }
};

struct ObjectSettings {
  static constexpr const char* group = "Score";
  ObjectChoice object = ObjectChoice::best_fit;

  void visit(const Fields& field) { field("object", object, "who names the object of an image"); }
  void check(const Settings& all) const;
};

struct PoolingSettings {
  static constexpr const char* group = "Score";
  Pooling pooling = Pooling::max;  // a defect of a few pixels is no less one

  void visit(const Fields& field) { field("pooling", pooling, "anomaly map to image score"); }
};

struct BlurSettings {
  static constexpr const char* group = "Score";
  double blur = 0;

  void visit(const Fields& field) { field("blur", blur, range(0, 100), "Gaussian blur of the map, sigma in pixels"); }
};

/// Every object's threshold.
struct ThresholdSettings {
  static constexpr const char* group = "Score";
  double held_out = 0.15;
  double false_alarms = 0.01;

  void visit(const Fields& field) {
    field("held-out", held_out, between(0, 1).share(), "share of normal images that a network does not learn from");
    field("false-alarms", false_alarms, range(1e-6, 0.999999).share(), "share of normal parts to be called defects");
  }
};

}  // namespace iuf
