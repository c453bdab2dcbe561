#include <nlohmann/json.hpp>

#include "iuf/settings/settings.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

Settings fast() {
  return {};
}

// What the text and the published code have in common.
Settings published() {
  Settings s;
  s.backbone = "efficientnet_b4";
  s.align = Align::corners;
  s.standardise = false;
  s.hidden = 256;
  s.feed_forward = 1024;
  s.dropout = 0.1;
  s.compression_weight = 5;
  s.batch = 24;
  s.epochs = 1000;
  s.increment_epochs = 1000;
  s.learning_rate = 1e-4;
  s.clip = 0.1;
  s.schedule = ScheduleKind::step;
  s.increment_learning_rate = 1e-4;
  s.settle = 1;
  s.score = ScoreKind::raw;
  s.pooling = Pooling::max_pool16;
  s.views = "coarse";
  s.local = LocalKind::gaussian;
  s.fusion = Fusion::sum;
  s.object = ObjectChoice::classifier;
  s.metrics_size = "published";
  return s;
}

Settings paper() {
  Settings s = published();
  s.compress_increments = true;
  return s;
}

Settings released() {
  Settings s = published();
  s.stem = Stem::pixel;
  s.classification_weight = 1;
  s.compression = CompressionKind::released;
  s.compression_from = 0.1;
  s.increment_optimizer = OptimizerKind::sgd;
  s.increment_learning_rate = 1;
  s.compression_weight = 10;
  return s;
}

struct Profile {
  const char* name;
  Settings (*settings)();
};
constexpr Profile kProfiles[] = {{"fast", fast}, {"paper", paper}, {"released", released}};

}  // namespace

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const Profile& known : kProfiles) names.emplace_back(known.name);
  return names;
}

Settings profile(std::string_view name) {
  for (const Profile& known : kProfiles)
    if (known.name == name) return known.settings();
  fail("unknown profile '", name, "'; there are: ", joined(profile_names()));
}

}  // namespace iuf
