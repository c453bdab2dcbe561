#include "iuf/settings/settings.h"

#include <catch2/catch.hpp>
#include <set>

#include "iuf/learn/method.h"

using namespace iuf;

TEST_CASE("the profile `released` holds the published code's choices, `paper` the text's", "[iuf][profile]") {
  const Settings released = profile("released"), paper = profile("paper");
  for (const Settings& s : {released, paper}) {
    CHECK(s.backbone == "efficientnet_b4");
    CHECK(s.image_size == 224);
    CHECK(s.grid == 14);
    CHECK(s.align == Align::corners);
    CHECK_FALSE(s.standardise);
    CHECK(s.hidden == 256);
    CHECK(s.heads == 8);
    CHECK((s.encoder_layers == 4 && s.decoder_layers == 4));
    CHECK(s.feed_forward == 1024);
    CHECK(s.dropout == 0.1);
    CHECK(s.jitter == 20);
    CHECK(s.oasa);
    CHECK(s.neighbour_mask == 0);
    CHECK(s.reconstruction_weight == 1);
    CHECK(s.batch == 24);
    CHECK(s.optimizer == OptimizerKind::adamw);
    CHECK(s.learning_rate == 1e-4);
    CHECK(s.weight_decay == 1e-4);
    CHECK(s.clip == 0.1);
    CHECK(s.pull == 0.05);
    CHECK(s.projection);
    CHECK(s.score == ScoreKind::raw);
    CHECK(s.pooling == Pooling::max_pool16);
  }
  CHECK(paper.classification_weight == 0.5);
  CHECK(paper.compression == CompressionKind::paper);
  CHECK((paper.compression_weight >= 1 && paper.compression_weight <= 10));
  CHECK(paper.compress_increments);
  CHECK(released.stem == Stem::pixel);
  CHECK(released.classification_weight == 1);
  CHECK(released.compression == CompressionKind::released);
  CHECK(released.compression_weight == 10);
  CHECK(released.compression_from == 0.1);
  CHECK_FALSE(released.compress_increments);
  CHECK(released.increment_optimizer == OptimizerKind::sgd);
  CHECK(released.increment_learning_rate == 1);
}

TEST_CASE("what a method reads are settings or groups of them", "[iuf][method]") {
  std::set<std::string> known;
  Settings s;
  visit_settings(s, [&](const char* group, const char* name, const auto&, const char*) {
    known.insert({group, name});
  });
  for (const MethodInfo& info : known_methods())
    for (const std::string& name : info.reads) {
      INFO(info.name << ": " << name);
      CHECK(known.contains(name));
    }
  CHECK(reads(method_info("padim"), "Score", "ridge"));
  CHECK(reads(method_info("padim"), "Score", "quantile"));
  CHECK_FALSE(reads(method_info("padim"), "Retention", "pull"));
  CHECK(reads(method_info("si"), "Penalty", "path-damping"));
  CHECK_FALSE(reads(method_info("ewc"), "Penalty", "path-damping"));
  // What a network is built of is either read or the method's own.
  for (const char* name : {"uniad", "ewc", "si", "mas"}) {
    Settings wanted;
    wanted.external_key = true;
    method_info(name).adjust(wanted);
    CHECK_FALSE(wanted.external_key);
  }
}
