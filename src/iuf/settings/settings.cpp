#include "iuf/settings/settings.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "tensor/error.h"

namespace iuf {
namespace {

template <class Enum>
std::string spelling(Enum value) {
  for (const auto& [name, v] : Names<Enum>::all())
    if (v == value) return name;
  fail("settings: a value without a name");
}

void require(bool ok, const char* name, const char* rule) {
  if (!ok) fail("setting '", name, "': ", rule);
}

}  // namespace

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

nlohmann::json to_json(const Settings& settings) {
  nlohmann::json json = nlohmann::json::object();
  visit_settings(settings, [&](const char*, const char* name, const auto& value, const char*) {
    if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
      json[name] = spelling(value);
    } else {
      json[name] = value;
    }
  });
  return json;
}

Settings settings_from_json(const nlohmann::json& json, const Settings& base, const std::string& source) {
  if (!json.is_object()) fail(source, ": settings must be a JSON object");
  Settings settings = base;
  size_t used = 0;
  visit_settings(settings, [&](const char*, const char* name, auto& value, const char*) {
    const auto found = json.find(name);
    if (found == json.end()) return;
    ++used;
    using Value = std::decay_t<decltype(value)>;
    const auto wrong = [&](const char* kind) { fail(source, ": setting '", name, "' must be ", kind); };
    if constexpr (std::is_enum_v<Value>) {
      if (!found->is_string()) wrong("a name");
      std::string choices;
      for (const auto& [spelled, v] : Names<Value>::all()) {
        if (spelled == found->get<std::string>()) {
          value = v;
          return;
        }
        choices += (choices.empty() ? "" : ", ") + spelled;
      }
      wrong(("one of " + choices).c_str());
    } else if constexpr (std::is_same_v<Value, bool>) {
      if (!found->is_boolean()) wrong("true or false");
      value = found->get<bool>();
    } else if constexpr (std::is_same_v<Value, std::string>) {
      if (!found->is_string()) wrong("text");
      value = found->get<std::string>();
    } else if constexpr (std::is_integral_v<Value>) {
      if (!found->is_number_integer()) wrong("a whole number");
      value = found->get<Value>();
    } else {
      if (!found->is_number()) wrong("a number");
      value = found->get<Value>();
    }
  });
  if (used != json.size()) {
    const nlohmann::json known = to_json(settings);
    for (const auto& [key, value] : json.items())
      if (!known.contains(key)) fail(source, ": unknown setting '", key, "'");
  }
  return settings;
}

int64_t largest_neighbour_mask(int64_t grid) {
  const int64_t half = grid / 2 - 1;  // the centre reaches grid / 2 positions to its farther side
  return half >= 0 ? 2 * half + 1 : 0;
}

void check(const Settings& s) {
  require(s.image_size >= 32 && s.image_size <= 4096 && s.image_size % 16 == 0, "image-size",
          "a multiple of 16 from 32 to 4096");
  require(s.grid >= 1 && s.grid <= s.image_size / 2, "grid", "from 1 to half the image size");
  require(s.hidden >= 2 && s.hidden <= 8192 && s.hidden % 2 == 0, "hidden", "an even number from 2 to 8192");
  require(s.heads >= 1 && s.hidden % s.heads == 0, "heads", "must divide hidden");
  require(!s.oasa || s.hidden % 4 == 0, "hidden", "a multiple of 4 with oasa (the discriminator has 4 heads)");
  require(s.encoder_layers >= 1 && s.encoder_layers <= (s.oasa ? 4 : 64), "encoder-layers",
          "from 1 to 64 (to 4 with oasa: one per block of the discriminator)");
  require(s.decoder_layers >= 1 && s.decoder_layers <= 64, "decoder-layers", "from 1 to 64");
  require(s.feed_forward >= 1 && s.feed_forward <= 65536, "feed-forward", "from 1 to 65536");
  require(s.dropout >= 0 && s.dropout < 1, "dropout", "from 0 to below 1");
  require(s.jitter >= 0 && s.jitter <= 1e6, "jitter", "not negative");
  require(s.neighbour_mask == 0 ||
              (s.neighbour_mask > 0 && s.neighbour_mask % 2 == 1 && s.neighbour_mask <= largest_neighbour_mask(s.grid)),
          "neighbour-mask",
          "0, or an odd number so small that the grid's centre still sees something (half the grid is a good choice)");
  require(s.reconstruction_weight >= 0 && s.classification_weight >= 0 && s.compression_weight >= 0, "...-weight",
          "not negative");
  require(s.compression_from >= 0 && s.compression_from <= 1, "compression-from", "from 0 to 1");
  require(s.epochs >= 1 && s.epochs <= 1000000, "epochs", "at least 1");
  require(s.increment_epochs >= 0 && s.increment_epochs <= 1000000, "increment-epochs", "not negative");
  require(s.batch >= 2 && s.batch <= 4096, "batch", "from 2 to 4096");
  require(s.learning_rate > 0 && s.increment_learning_rate > 0, "learning-rate", "above 0");
  require(s.weight_decay >= 0, "weight-decay", "not negative");
  require(s.clip >= 0, "clip", "not negative");
  require(s.pull >= 0 && s.pull <= 1, "pull", "from 0 to 1");
  require(s.settle >= 0 && s.settle <= 1, "settle", "from 0 to 1");
  require(s.penalty >= 0, "penalty", "not negative");
  require(s.path_damping > 0, "path-damping", "above 0");
  require(s.ridge > 0, "ridge", "above 0");
  require(s.oasa || s.object == ObjectChoice::best_fit, "object", "best-fit without oasa: there is no classifier then");
  require(s.blur >= 0 && s.blur <= 100, "blur", "from 0 to 100");
  require(s.held_out > 0 && s.held_out < 1, "held-out", "between 0 and 1");
  require(s.quantile > 0 && s.quantile <= 1, "quantile", "above 0, up to 1");
  require(s.bank_size >= 1 && s.bank_size <= 1000000, "bank-size", "from 1 to 1000000");
  require(s.bank_candidates >= 1 && s.bank_candidates <= 100000000, "bank-candidates", "from 1 to 100000000");
  require(s.padim_channels >= 1 && s.padim_channels <= 4096, "padim-channels", "from 1 to 4096");
  require(s.patchcore_share > 0 && s.patchcore_share <= 1, "patchcore-share", "above 0, up to 1");
  require(s.patchcore_limit >= 1 && s.patchcore_limit <= 1000000, "patchcore-limit", "from 1 to 1000000");
  require(s.cad_size >= 32 && s.cad_size <= 4096 && s.cad_size % 16 == 0, "cad-size",
          "a multiple of 16 from 32 to 4096");
  require(s.cad_blocks >= 1 && s.cad_blocks <= 10, "cad-blocks", "from 1 to 10");
  require(s.draem_size >= 32 && s.draem_size <= 2048 && s.draem_size % 32 == 0, "draem-size",
          "a multiple of 32 from 32 to 2048");
  require(s.draem_width >= 1 && s.draem_width <= 512, "draem-width", "from 1 to 512");
}

}  // namespace iuf
