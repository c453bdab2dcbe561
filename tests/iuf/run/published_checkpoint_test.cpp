#include "iuf/run/published_checkpoint.h"

#include <catch2/catch.hpp>

#include "iuf/features/published_weights.h"
#include "iuf/image/image.h"
#include "iuf/selfcheck/comparison.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

const std::filesystem::path kPublished = IUF_SOURCE_DIR "/tests/golden/published";

AdoptOptions options(const std::filesystem::path& checkpoint, std::vector<std::string> objects) {
  Settings base = profile("released");
  base.backbone = "efficientnet_lite0";
  return {.checkpoint = checkpoint,
          .profile = "released",
          .settings = settings_of_checkpoint(read_published_weights(checkpoint).tensors, base),
          .objects = std::move(objects),
          .backbone_weights = {},
          .normal = {},
          .cache = {}};
}

// The golden checkpoint's tensors, as `change` leaves them, in a file without wrappers.
void write_changed(const std::string& name, const std::filesystem::path& to,
                   const std::function<void(std::map<std::string, Tensor>&)>& change) {
  const TensorFile file = read_published_weights(kPublished / name).tensors;
  std::map<std::string, Tensor> tensors;
  for (const std::string& key : file.names()) tensors[key] = file.tensor(key).clone();
  change(tensors);
  SafetensorsWriter writer;
  for (const auto& [key, tensor] : tensors) writer.add(key, tensor);
  writer.write(to);
}

void check_map(const Model& model, const std::string& name) {
  const TensorFile expected = read_safetensors(kPublished / "maps.safetensors");
  const Judgement j = model.judge(read_image(IUF_SOURCE_DIR "/tests/golden/pattern.png"));
  const Tensor map = expected.tensor(name + ".map");
  Tensor some(map.shape());
  const int64_t step = j.map.dim(0) / map.dim(0);
  for (int64_t y = 0; y < map.dim(0); ++y)
    for (int64_t x = 0; x < map.dim(1); ++x)
      some.data()[y * map.dim(1) + x] = j.map.data()[y * step * j.map.dim(1) + x * step];
  // The backbone's 33 convolutions and the network's products, see selfcheck.
  check_close("map", some, map, rounding(33 + 71, 672));
  CHECK(j.score ==
        Approx(static_cast<double>(expected.tensor(name + ".score").item())).epsilon(rounding(33 + 71, 672)));
  if (!expected.contains(name + ".class_out")) return;
  const Tensor scores = expected.tensor(name + ".class_out");
  const real* best = std::max_element(scores.data(), scores.data() + scores.size());
  double total = 0;
  for (const real s : scores.span()) total += std::exp(static_cast<double>(s - *best));
  CHECK(j.object == best - scores.data());
  CHECK(j.confidence == Approx(1 / total).epsilon(1e-4));
}

}  // namespace

TEST_CASE("official IUF and UniAD checkpoints become models that give the published maps, also when read back",
          "[iuf][checkpoint][golden]") {
  const TemporaryFolder folder;
  for (const std::string name : {"iuf", "uniad"}) {
    INFO(name);
    const AdoptOptions o = options(kPublished / (name + ".pth"), name == "iuf" ? std::vector<std::string>{"a", "b", "c"}
                                                                               : std::vector<std::string>{"all"});
    CHECK(o.settings.hidden == 16);
    CHECK(o.settings.feed_forward == 24);
    CHECK(o.settings.encoder_layers == 2);
    CHECK(o.settings.decoder_layers == 3);
    CHECK(o.settings.grid == 14);
    CHECK(o.settings.image_size == 224);
    CHECK(o.settings.oasa == (name == "iuf"));
    CHECK(o.settings.neighbour_mask == (name == "iuf" ? 0 : 7));
    const Adopted adopted = adopt_checkpoint(o, {});
    CHECK(adopted.unknown.empty());
    CHECK(adopted.model.method_name() == name);
    CHECK(adopted.model.settings().projection == (name == "iuf"));
    CHECK(adopted.model.objects().size() == o.objects.size());
    for (const ObjectRecord& object : adopted.model.objects())
      CHECK(verdict(1, object.threshold) == Verdict::no_threshold);
    check_map(adopted.model, name);
    adopted.model.save(folder / "model.safetensors");
    const Model again = Model::load(folder / "model.safetensors");
    check_map(again, name);
    CHECK_FALSE(again.objects()[0].threshold);
    CHECK(again.bytes() == adopted.model.bytes());
  }
}

TEST_CASE("a checkpoint may hold its backbone's weights, and unknown tensors are named", "[iuf][checkpoint]") {
  const TemporaryFolder folder;
  const Backbone backbone = Backbone::embedded();
  write_changed("iuf.pth", folder / "whole.safetensors", [&](std::map<std::string, Tensor>& tensors) {
    for (const auto& [name, tensor] : backbone.state()) tensors["backbone." + name] = tensor.clone();
    tensors["backbone._fc.weight"] = Tensor::zeros({2, 2});
    tensors["extra.bias"] = Tensor::zeros({2});
  });
  const Adopted adopted = adopt_checkpoint(options(folder / "whole.safetensors", {"a", "b", "c"}), {});
  CHECK(adopted.unknown == std::vector<std::string>{"extra.bias"});
  check_map(adopted.model, "iuf");
}

TEST_CASE("normal images give a checkpoint's model thresholds, statistics and the old objects' space",
          "[iuf][checkpoint]") {
  const TemporaryFolder folder;
  for (const std::string object : {"a", "b", "c"})
    for (int i = 0; i < 5; ++i) {
      Image image{24, 24, 3, std::vector<uint8_t>(24 * 24 * 3)};
      for (size_t p = 0; p < image.pixels.size(); ++p)
        image.pixels[p] = static_cast<uint8_t>((p * static_cast<size_t>(7 + i) * static_cast<size_t>(object[0])) % 251);
      std::filesystem::create_directories(folder / object / "train/good");
      write_png(folder / (object + "/train/good/" + std::to_string(i) + ".png"), image);
    }
  AdoptOptions o = options(kPublished / "iuf.pth", {"a", "b", "c"});
  o.normal = folder.path();
  o.cache = folder / "cache";
  const Adopted adopted = adopt_checkpoint(o, {});
  for (const ObjectRecord& object : adopted.model.objects()) {
    CHECK(object.threshold > 0);
    CHECK(object.train_images + object.held_out_images == 5);
    CHECK(object.low < object.high);
  }
  check_map(adopted.model, "iuf");
  const std::vector<std::byte> bytes = adopted.model.bytes();
  const TensorFile file = parse_safetensors(bytes, "model");
  CHECK(file.integers("basis.transformer.decoder.layers.2.linear2.count") == std::vector<int64_t>{12});
  CHECK(file.contains("object.2.residual.whitener"));
}

TEST_CASE("outputs to spare are left out, and IUF's token means become the old objects' space", "[iuf][checkpoint]") {
  const Adopted adopted = adopt_checkpoint(options(kPublished / "iuf.pth", {"a", "b"}), {});
  CHECK(adopted.spare_classes == 1);
  CHECK(adopted.old_space);
  const std::vector<std::byte> bytes = adopted.model.bytes();
  const TensorFile file = parse_safetensors(bytes, "model"),
                   checkpoint = read_published_weights(kPublished / "iuf.pth").tensors;
  CHECK(file.shape("network.vitclassifiy.fc.2.weight") == std::vector<int64_t>{2, 16});
  const std::string layer = "transformer.encoder.layers.1.linear2";
  CHECK(file.integers("basis." + layer + ".count") == std::vector<int64_t>{20});
  const Tensor means = checkpoint.tensor("feature_metrix." + layer), sum = file.tensor("basis." + layer + ".sum");
  double expected = 0;
  for (int64_t i = 0; i < 20; ++i)
    expected += static_cast<double>(means.data()[i * 16 + 3]) * static_cast<double>(means.data()[i * 16 + 5]);
  CHECK(static_cast<double>(sum.data()[3 * 16 + 5]) == Approx(expected).epsilon(1e-6));
  CHECK_FALSE(adopt_checkpoint(options(kPublished / "uniad.pth", {"all"}), {}).old_space);
}

TEST_CASE("what does not fit is refused with what is wrong", "[iuf][checkpoint]") {
  const TemporaryFolder folder;
  const auto refused = [](const AdoptOptions& o, const std::string& reason) {
    CHECK_THROWS_WITH(adopt_checkpoint(o, {}), Contains(reason));
  };
  AdoptOptions o = options(kPublished / "iuf.pth", {"a", "b", "c", "d"});
  refused(o, "tells 3 objects apart, but 4 names are given");
  o.objects = {"a", "b", "c"};
  o.settings.backbone = "efficientnet_b4";
  refused(o, "have 192 channels, those of efficientnet_b4 272; choose a --backbone that has as many: efficientnet_b0");
  o = options(kPublished / "iuf.pth", {"a", "b", "c"});
  o.settings.hidden = 32;
  refused(o, "its hidden is 16, not 32");
  o = options(kPublished / "iuf.pth", {"a", "b", "c"});
  o.settings.score = ScoreKind::fused;
  refused(o, "need statistics of normal images");
  refused(options(kPublished / "uniad.pth", {"a", "b"}), "cannot tell objects apart by itself");

  write_changed("iuf.pth", folder / "changed.safetensors", [](std::map<std::string, Tensor>& tensors) {
    tensors.erase("transformer.decoder.norm.weight");
    tensors["vitclassifiy.fc.0.bias"] = Tensor::zeros({17});
  });
  refused(options(folder / "changed.safetensors", {"a", "b", "c"}),
          "missing: transformer.decoder.norm.weight; misshapen: vitclassifiy.fc.0.bias [17] instead of [16]");
  CHECK_THROWS_WITH(settings_of_checkpoint(golden("metrics"), {}),
                    Contains("no checkpoint of IUF or UniAD: it has no 'input_proj.weight'"));
}
