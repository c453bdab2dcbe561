#include "iuf/settings/settings.h"

namespace iuf {

std::vector<std::string> profile_names() {
  return {"fast", "paper", "released"};
}

Settings profile(std::string_view name) {
  if (name == "fast") return {};
  Settings s;  // the published architecture, for `paper` and `released`
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
  s.object = ObjectChoice::classifier;
  if (name == "paper") {
    s.compress_increments = true;
    return s;
  }
  if (name == "released") {
    s.stem = Stem::pixel;
    s.classification_weight = 1;
    s.compression = CompressionKind::released;
    s.compression_from = 0.1;
    s.increment_optimizer = OptimizerKind::sgd;
    s.increment_learning_rate = 1;
    s.compression_weight = 10;
    return s;
  }
  fail("unknown profile '", name, "'; there are: fast, paper, released");
}

}  // namespace iuf
