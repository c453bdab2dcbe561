#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/methods/reconstruction_method.h"
#include "support/small_network.h"
#include "tensor/random.h"

// The rows of a comparison are settings: each must change what its name says, and nothing else.
using namespace iuf;

namespace {

const BackboneInfo kBackbone{.name = "none",
                             .mean = {127, 127, 127},
                             .deviation = {128, 128, 128},
                             .strides = {2, 4, 8, 16},
                             .channels = {2, 2, 2, 2}};

Settings tiny(const std::string& profile, const std::string& method) {
  Settings s = starting_settings(profile, method);
  s.image_size = 32;
  s.views = "coarse";  // made-up images have no photograph
  s.grid = 4;
  s.neighbour_mask = std::min<int64_t>(s.neighbour_mask, 3);
  s.hidden = 8;
  s.heads = 2;
  s.encoder_layers = s.decoder_layers = 2;
  s.feed_forward = 8;
  s.epochs = 2;
  s.increment_epochs = 1;
  s.batch = 64;  // one iteration an epoch
  return s;
}

// Two steps, or one, of one object each, six made-up images each.
struct Learned {
  std::unique_ptr<Method> method;
  std::vector<LogEntry> log[2];
  std::vector<std::byte> bytes;
  TensorFile file;

  explicit Learned(const std::string& name, Settings settings, int64_t steps = 2) {
    method_info(name).adjust(settings);
    method = method_info(name).make(settings, kBackbone);
    for (int64_t step = 0; step < steps; ++step) {
      StepData data{.step = step, .first_object = step, .names = {step ? "b" : "a"}};
      for (uint64_t i = 0; i < 6; ++i)
        data.images.push_back({.file = {}, .hash = 10 * static_cast<uint64_t>(step) + i, .object = step});
      data.load = [](const TrainingImage& image, Parts) { return image_of(image.hash); };
      method->learn(data, {.log = [&](const auto& entries) { log[step] = entries; }});
    }
    SafetensorsWriter writer;
    nlohmann::json meta = nlohmann::json::object();
    method->save(writer, meta);
    bytes = writer.bytes();
    file = parse_safetensors(bytes, "model");
  }
  static ImageFeatures image_of(uint64_t hash) {
    ImageFeatures f{.width = 32,
                    .height = 32,
                    .pixels = std::vector<uint8_t>(32 * 32 * 3),
                    .aligned = Tensor({16, 8}),
                    .local = Tensor({16, 4})};
    for (size_t i = 0; i < f.pixels.size(); ++i) f.pixels[i] = static_cast<uint8_t>(mix_key(hash, i));
    fill_normal(f.aligned, hash >= 10 ? 1 : 0, 1, mix_key(hash, 1));
    fill_normal(f.local, 0, 1, mix_key(hash, 2));
    return f;
  }
  bool has(const std::string& part) const {
    return std::any_of(file.names().begin(), file.names().end(),
                       [&](const std::string& name) { return name.find(part) != std::string::npos; });
  }
  // The weights that differ from another model's.
  std::vector<std::string> differing(const Learned& other) const {
    std::vector<std::string> names;
    for (const std::string& name : file.names()) {
      if (!name.starts_with("network.")) continue;
      const auto a = file.bytes(name), b = other.file.bytes(name);
      if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) names.push_back(name);
    }
    return names;
  }
};

}  // namespace

TEST_CASE("without OASA there is no discriminator", "[iuf][methods][variants]") {
  Settings s = tiny("fast", "iuf");
  CHECK(Learned("iuf", s).has("vitclassifiy"));
  s.oasa = false;
  const Learned without("iuf", s);
  CHECK_FALSE(without.has("vitclassifiy"));
  CHECK(without.log[0][0].part("classification") == 0);
}

TEST_CASE("without SCL nothing else differs at first", "[iuf][methods][variants]") {
  Settings s = tiny("fast", "iuf");
  const Learned with("iuf", s);
  s.compression = CompressionKind::off;
  const Learned without("iuf", s);
  CHECK(with.log[0][0].part("compression") > 0);
  CHECK(without.log[0][0].part("compression") == 0);
  CHECK(without.log[0][0].part("reconstruction") == with.log[0][0].part("reconstruction"));
  CHECK(without.log[0][0].part("classification") == with.log[0][0].part("classification"));
  CHECK(without.log[0][1].part("reconstruction") != with.log[0][1].part("reconstruction"));
}

TEST_CASE("without projected updates linear2 alone differs after one update, and the pull is kept",
          "[iuf][methods][variants]") {
  Settings s = tiny("fast", "iuf");
  const Learned with("iuf", s);
  s.projection = false;
  const Learned without("iuf", s);
  const std::vector<std::string> names = without.differing(with);
  CHECK(names.size() == 8);  // weight and bias of two encoder and two decoder layers
  for (const std::string& name : names) CHECK(name.find(".linear2.") != std::string::npos);
  s.pull = 0;
  CHECK_FALSE(Learned("iuf", s).differing(without).empty());
}

TEST_CASE("the kinds of score differ, the networks do not", "[iuf][methods][variants]") {
  Settings s = tiny("fast", "iuf");
  std::vector<Tensor> maps;
  std::unique_ptr<Learned> first;
  for (const ScoreKind kind : {ScoreKind::raw, ScoreKind::whitened, ScoreKind::fused}) {
    s.score = kind;
    auto learned = std::make_unique<Learned>("iuf", s);
    maps.push_back(learned->method->judge(Learned::image_of(3)).map);
    if (first) CHECK(learned->differing(*first).empty());
    if (!first) first = std::move(learned);
  }
  for (size_t i = 0; i < 3; ++i) CHECK(maps[i].data()[5] != maps[(i + 1) % 3].data()[5]);
}

TEST_CASE("the released profile trains as published under any budget", "[iuf][methods][variants]") {
  Settings s = tiny("released", "iuf");
  const Learned released("iuf", s);
  CHECK(released.file.shape("network.vitclassifiy.conv1.weight") ==
        std::vector<int64_t>{8, 3, 1, 1});  // the full image
  CHECK(released.log[0][0].learning_rate == Approx(1e-4));
  CHECK(released.log[1][0].learning_rate == 1);  // plain SGD
  s.compression = CompressionKind::off;          // the published loss has a value, but no gradient
  CHECK(Learned("iuf", s).differing(released).empty());
  s.compression = CompressionKind::paper;
  CHECK_FALSE(Learned("iuf", s).differing(released).empty());
}

TEST_CASE("UniAD is masked, has neither discriminator nor compression, and scores by the plain residual",
          "[iuf][methods][variants]") {
  Settings s = starting_settings("fast", "uniad");
  method_info("uniad").adjust(s);
  CHECK(s.neighbour_mask == 7);
  CHECK(s.score == ScoreKind::raw);
  for (const std::string name : {"uniad", "ewc", "si", "mas", "lvt"}) {
    INFO(name);
    s = tiny("fast", name);
    CHECK((to_json(s).at("penalty") > 0) == (name != "uniad"));
    s.score = ScoreKind::fused;  // a user's choice stays
    const Learned learned(name, s);
    CHECK_FALSE(learned.has("vitclassifiy"));
    CHECK(learned.has("external_key") == (name == "lvt"));
    CHECK(learned.has("importance.") == (name != "uniad"));
    CHECK(learned.log[0][0].part("compression") == 0);
    s.score = ScoreKind::raw;
    CHECK(Learned(name, s).method->judge(Learned::image_of(3)).map.data()[5] !=
          learned.method->judge(Learned::image_of(3)).map.data()[5]);
  }
}

TEST_CASE("what keeps old objects does nothing in the first step: EWC, SI and MAS are UniAD",
          "[iuf][methods][variants]") {
  const Learned uniad("uniad", tiny("fast", "uniad"), 1);
  const ImageFeatures image = Learned::image_of(3);
  const Tensor map = uniad.method->judge(image).map;
  for (const char* name : {"ewc", "si", "mas"}) {
    CAPTURE(name);
    const Tensor other = Learned(name, tiny("fast", name), 1).method->judge(image).map;
    CHECK(std::ranges::equal(map.span(), other.span()));
  }
}

TEST_CASE("fine-tuning is IUF without pull, projection and compression", "[iuf][methods][variants]") {
  Settings s = tiny("fast", "iuf");
  const Learned finetuned("finetune", s);
  CHECK(finetuned.log[0][0].part("compression") == 0);
  s.compression = CompressionKind::off;
  const Learned iuf("iuf", s);
  CHECK_FALSE(iuf.differing(finetuned).empty());
  s.pull = 0;
  s.settle = 1;
  s.projection = false;
  CHECK(Learned("iuf", s).differing(finetuned).empty());
}

TEST_CASE("a neighbourhood that hides everything is refused", "[iuf][methods][variants]") {
  for (int64_t grid = 2; grid <= 16; ++grid) {
    Settings s;
    s.grid = grid;
    s.neighbour_mask = largest_neighbour_mask(grid);
    CHECK(s.neighbour_mask % 2 == 1);
    CHECK_NOTHROW(check(s));
    const auto seen = [&](int64_t side) {  // the fewest positions that a position sees
      const Tensor mask = neighbour_mask(grid, grid, side, side);
      int64_t fewest = grid * grid;
      for (int64_t i = 0; i < grid * grid; ++i)
        fewest = std::min<int64_t>(
            fewest, std::count(mask.data() + i * grid * grid, mask.data() + (i + 1) * grid * grid, real(0)));
      return fewest;
    };
    CHECK(seen(s.neighbour_mask) > 0);
    CHECK(seen(s.neighbour_mask + 2) == 0);
    s.neighbour_mask += 2;
    CHECK_THROWS(check(s));
  }
}
