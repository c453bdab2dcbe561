#include "iuf/settings/settings.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/learn/method.h"
#include "tensor/error.h"

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
    CHECK(s.metrics_size == "published");
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

namespace {

// What a method reads besides what every run reads.
std::set<std::string> read_by(const std::string& method) {
  std::set<std::string> names;
  visit_settings(Settings(), [&](const Setting& setting) {
    if (reads(method_info(method), setting.name)) names.insert(setting.name);
  });
  for (const char* always :
       {"image-size", "window", "orientation", "seed", "held-out", "false-alarms", "metrics-size"}) {
    INFO(method << ": " << always);
    CHECK(names.erase(always) == 1);
  }
  return names;
}

}  // namespace

TEST_CASE("an unknown profile is an error that lists the known ones", "[iuf][profile]") {
  for (const std::string& name : profile_names()) CHECK_NOTHROW(profile(name));
  CHECK_THROWS_WITH(profile("slow"), Catch::Contains("'slow'") && Catch::Contains("fast, paper, released"));
}

TEST_CASE("a method reads the settings of its parts", "[iuf][method]") {
  using Names = std::set<std::string>;
  CHECK(read_by("gaussian") == Names{"backbone", "ridge", "pooling", "blur"});
  CHECK(read_by("surroundings") == Names{"backbone", "views", "budget-ms", "ridge", "pooling", "blur"});
  CHECK(read_by("coreset") == Names{"backbone", "bank-size", "bank-candidates", "pooling", "blur"});
  CHECK(read_by("padim") == Names{"backbone", "padim-channels", "memory", "ridge", "pooling", "blur"});
  CHECK(read_by("patchcore") ==
        Names{"backbone", "bank-candidates", "patchcore-share", "patchcore-limit", "memory", "blur"});
  const Names training = {"epochs",
                          "increment-epochs",
                          "batch",
                          "optimizer",
                          "learning-rate",
                          "weight-decay",
                          "clip",
                          "schedule",
                          "increment-optimizer",
                          "increment-learning-rate"};
  const auto with = [&](Names names) {
    names.insert(training.begin(), training.end());
    return names;
  };
  CHECK(read_by("draem") == with({"draem-size", "draem-width", "draem-textures", "blur"}));
  for (const char* name : {"cad-cutpaste", "cad-dne", "cad-panda"})
    CHECK(read_by(name) == with({"cad-size", "cad-blocks"}));

  const Names uniad = with({"backbone",
                            "grid",
                            "align",
                            "standardise",
                            "hidden",
                            "heads",
                            "encoder-layers",
                            "decoder-layers",
                            "feed-forward",
                            "dropout",
                            "jitter",
                            "neighbour-mask",
                            "reconstruction-weight",
                            "score",
                            "local",
                            "fusion",
                            "views",
                            "budget-ms",
                            "ridge",
                            "object",
                            "pooling",
                            "blur"});
  const auto more = [](Names names, const Names& others) {
    names.insert(others.begin(), others.end());
    return names;
  };
  CHECK(read_by("uniad") == uniad);
  for (const char* name : {"ewc", "mas", "lvt"}) CHECK(read_by(name) == more(uniad, {"penalty"}));
  CHECK(read_by("si") == more(uniad, {"penalty", "path-damping"}));
  const Names finetune = more(uniad, {"stem", "oasa", "external-key", "classification-weight"});
  CHECK(read_by("finetune") == finetune);
  CHECK(read_by("iuf") == more(finetune, {"compression-weight", "compression", "compression-from", "pull", "settle",
                                          "projection", "basis", "compress-increments"}));
}

TEST_CASE("what a network is built of is either read or the method's own", "[iuf][method]") {
  for (const char* name : {"uniad", "ewc", "si", "mas"}) {
    Settings wanted;
    wanted.external_key = true;
    method_info(name).adjust(wanted);
    CHECK_FALSE(wanted.external_key);
  }
}

TEST_CASE("every setting has a name of its own, a group that is shown in one piece, and a value that its rule allows",
          "[iuf][settings]") {
  std::set<std::string> names, groups;
  std::string group;
  visit_settings(Settings(), [&](const Setting& setting) {
    INFO(setting.name);
    CHECK(names.insert(setting.name).second);
    if (setting.group != group) CHECK(groups.insert(setting.group).second);
    group = setting.group;
    CHECK_NOTHROW(check(setting));
  });
  for (const std::string& name : profile_names()) CHECK_NOTHROW(check(profile(name)));
}

TEST_CASE("settings of a method go with a copy and through JSON as all others do", "[iuf][settings]") {
  Settings s;
  set(s, "memory", "all");
  set(s, "patchcore-share", 0.5);
  set(s, "draem-textures", "folder");
  s.blur = 3;
  const Settings copy = s;
  set(s, "memory", "step");
  CHECK(to_json(copy).at("memory") == "all");
  CHECK(to_json(s).at("memory") == "step");
  const nlohmann::json json = to_json(copy);
  CHECK(to_json(settings_from_json(json, {}, "test")) == json);
  CHECK(json.at("blur") == 3);
  CHECK(json.at("draem-textures") == "folder");
  CHECK_FALSE(to_json(profile("paper")).at("memory") == "all");
}

TEST_CASE("a key or a kind of value that is wrong is an error that names it and where it stands", "[iuf][settings]") {
  const auto read = [](const nlohmann::json& json) { settings_from_json(json, {}, "here"); };
  CHECK_THROWS_WITH(read({{"blurr", 1}}), "here: unknown setting 'blurr'");
  CHECK_THROWS_WITH(read({{"grid", 1.5}}), "here: setting 'grid' must be a whole number");
  CHECK_THROWS_WITH(read({{"blur", "much"}}), "here: setting 'blur' must be a number");
  CHECK_THROWS_WITH(read({{"oasa", 1}}), "here: setting 'oasa' must be true or false");
  CHECK_THROWS_WITH(read({{"backbone", 1}}), "here: setting 'backbone' must be text");
  CHECK_THROWS_WITH(read({{"stem", 1}}), "here: setting 'stem' must be a name");
  CHECK_THROWS_WITH(read({{"memory", "none"}}), "here: setting 'memory' must be one of step, all");
  CHECK_THROWS_WITH(read({1}), "here: settings must be a JSON object");
}

TEST_CASE("a value outside of its rule is an error that says the rule and the value", "[iuf][settings]") {
  const auto refused = [](const char* name, const nlohmann::json& value) {
    Settings s;
    set(s, name, value);
    try {
      check(s);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("allowed");
  };
  CHECK(refused("image-size", 40) == "setting 'image-size': a multiple of 16 from 32 to 4096, not 40");
  CHECK(refused("image-size", 48) == "allowed");
  const std::string window = "setting 'window': auto, or LOW:HIGH with 0 <= LOW < HIGH <= 65535, not '";
  for (const char* wrong : {"", "Auto", "4095", ":", "0:", ":9", "9:9", "9:8", "-1:9", "0:65536", "0:9 ", "0x1:9",
                            "0:1:2", "0:99999999999999999999", "0.5:9"})
    CHECK(refused("window", wrong) == window + wrong + "'");
  for (const char* right : {"auto", "0:65535", "64:4095", "0:1"}) CHECK(refused("window", right) == "allowed");
  CHECK(refused("grid", 0) == "setting 'grid': from 1 to half the image size, not 0");
  CHECK(refused("grid", 113) == "setting 'grid': from 1 to half the image size, 112, not 113");
  CHECK(refused("hidden", 7) == "setting 'hidden': an even number from 2 to 8192, not 7");
  CHECK(refused("heads", 0) == "setting 'heads': must divide hidden, not 0");
  CHECK(refused("heads", 3) == "setting 'heads': must divide hidden, 128, which 3 does not");
  CHECK(refused("encoder-layers", 5) ==
        "setting 'encoder-layers': from 1 to 4 with oasa (one per block of the discriminator), not 5");
  CHECK(refused("dropout", 1) == "setting 'dropout': from 0 to below 1, not 1.0");
  CHECK(refused("dropout", 0) == "allowed");
  CHECK(refused("held-out", 0) == "setting 'held-out': between 0 and 1, or with %, not 0.0");
  CHECK(refused("held-out", 1) == "setting 'held-out': between 0 and 1, or with %, not 1.0");
  CHECK(refused("false-alarms", 0) == "setting 'false-alarms': from 1e-06 to 0.999999, or with %, not 0.0");
  CHECK(refused("false-alarms", 0.5) == "allowed");
  CHECK(refused("learning-rate", 0) == "setting 'learning-rate': above 0, not 0.0");
  CHECK(refused("clip", -1) == "setting 'clip': not negative, not -1.0");
  CHECK(refused("clip", std::nan("")) != "allowed");
  CHECK(refused("jitter", 1e7) == "setting 'jitter': from 0 to 1000000, not 10000000.0");
  CHECK(refused("cad-blocks", 11) == "setting 'cad-blocks': from 1 to 10, not 11");
  CHECK(refused("draem-size", 48) == "setting 'draem-size': a multiple of 32 from 32 to 2048, not 48");
  CHECK(refused("neighbour-mask", 2).starts_with("setting 'neighbour-mask': 0, or an odd number so small"));
}

TEST_CASE("every setting has a name of its own, and a default that obeys its rule", "[iuf][settings]") {
  std::set<std::string> names;
  visit_settings(Settings(), [&](const Setting& setting) {
    INFO(setting.name);
    CHECK(names.insert(setting.name).second);
    CHECK_NOTHROW(check(setting));
  });
}
