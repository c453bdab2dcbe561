#include "iuf/selfcheck/selfcheck.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

const std::filesystem::path kGolden = IUF_SOURCE_DIR "/tests/golden";

// A copy of a golden file, as `change` leaves its tensors; an undefined one is left out.
void write_changed(const std::string& name, const std::filesystem::path& to,
                   const std::function<void(const std::string&, Tensor&)>& change,
                   const std::map<std::string, std::string>& metadata = {}) {
  const TensorFile file = golden(name);
  SafetensorsWriter writer;
  for (const std::string& key : file.names()) {
    if (file.at(key).dtype != DType::f32) {
      writer.add(key, file.at(key));
      continue;
    }
    Tensor tensor = file.tensor(key).clone();
    change(key, tensor);
    if (tensor.defined()) writer.add(key, tensor);
  }
  for (const auto& [key, value] : file.metadata())
    writer.set_metadata(key, metadata.contains(key) ? metadata.at(key) : value);
  writer.write(to);
}

std::set<std::string> failures(const std::filesystem::path& folder) {
  std::set<std::string> failed;
  for (const Check& c : selfcheck(folder))
    if (!c.ok()) failed.insert(c.quantity.substr(0, c.quantity.find(" (")));
  return failed;
}

}  // namespace

TEST_CASE("every golden file is reproduced", "[iuf][nn][data][golden]") {
  std::set<std::string> files;
  for (const Check& c : selfcheck(kGolden)) {
    INFO(c.file << ": " << c.quantity << ": " << c.detail << "; error " << c.error << ", tolerance " << c.tolerance);
    CHECK(c.ok());
    files.insert(c.file);
  }
  std::set<std::string> expected;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden))
    if (const std::string name = entry.path().filename().string();
        name.ends_with(".pth") || (name.ends_with(".safetensors") && name != "checkpoint.safetensors"))
      expected.insert(name);
  CHECK(files == expected);
  CHECK(files.size() >= 13);
}

TEST_CASE("a change of a thousandth in any expected value is a failure of that quantity alone", "[iuf][golden]") {
  const std::pair<const char*, const char*> changes[] = {
      {"out.feature_rec", "reconstruction, evaluation mode"},
      {"out.class_out", "class scores"},
      {"out.latent.1", "latents"},
      {"out.pred", "anomaly map"},
      {"loss.compression_eval", "compression loss, evaluation mode"},
      {"loss.compression_released_eval", "compression loss, as released"},
      {"loss.mse", "reconstruction loss, training mode"},
      {"loss.ce", "classification loss"},
      {"loss.compression", "compression loss"},
      {"loss.total", "total loss"},
      {"out.grad_norm", "gradient norm"},
      {"adamw.transformer.encoder.layers.1.linear2.bias", "one AdamW step"},
      {"projected.transformer.decoder.layers.3.linear2.weight", "one projected step"}};
  for (const auto& [changed, quantity] : changes) {
    const TemporaryFolder folder;
    write_changed("iuf_patch16", folder / "any name.safetensors",
                  [&, key = std::string(changed)](const std::string& name, Tensor& tensor) {
                    if (name != key) return;
                    real* largest = std::max_element(tensor.data(), tensor.data() + tensor.size(),
                                                     [](real a, real b) { return std::abs(a) < std::abs(b); });
                    *largest = *largest * real(1.001) + (*largest == 0 ? real(0.001) : 0);
                  });
    INFO(changed);
    CHECK(failures(folder.path()) == std::set<std::string>{quantity});
  }
}

TEST_CASE("a replay follows its metadata: another loss or another optimiser shows in its curves", "[iuf][golden]") {
  for (const auto& [key, value] : std::map<std::string, std::string>{{"lambda0", "1.01"},
                                                                     {"lambda1", "0.51"},
                                                                     {"lambda2", "5.05"},
                                                                     {"t", "4"},
                                                                     {"adamw_lr", "0.00101"},
                                                                     {"adamw_weight_decay", "0.5"}}) {
    INFO(key);
    const TemporaryFolder folder;
    write_changed("replay", folder / "a.safetensors", [](const std::string&, Tensor&) {}, {{key, value}});
    CHECK(failures(folder.path()).contains("total loss over 30 steps"));
  }
  const TemporaryFolder folder;
  write_changed("replay", folder / "a.safetensors", [](const std::string&, Tensor&) {}, {{"t", "7"}});
  const std::vector<Check> checks = selfcheck(folder.path());
  REQUIRE(checks.size() == 1);
  CHECK_THAT(checks[0].detail, Catch::Contains("metadata 't' is 7; 5 singular values need one from 1 to 6"));
}

TEST_CASE("one wrong gradient is found and named", "[iuf][golden]") {
  const TemporaryFolder folder;
  write_changed("uniad", folder / "a.safetensors", [](const std::string& name, Tensor& tensor) {
    if (name == "grad.pos_embed.row_embed.weight") tensor.data()[3] = -tensor.data()[3];
  });
  for (const Check& c : selfcheck(folder.path()))
    if (c.quantity.starts_with("clipped gradients")) {
      CHECK_FALSE(c.ok());
      CHECK_THAT(c.detail, Catch::StartsWith("grad.pos_embed.row_embed.weight[0, 3]"));
    }
}

TEST_CASE("a damaged or incomplete golden file fails with the reason, and the others are checked", "[iuf][golden]") {
  const TemporaryFolder folder;
  const std::vector<std::byte> whole = read_file(kGolden / "linalg.safetensors");
  write_file(folder / "good.safetensors", whole);
  write_file(folder / "short.safetensors", std::span(whole).first(whole.size() / 2));
  write_file(folder / "short.pth", std::span(whole).first(100));
  write_changed("uniad", folder / "incomplete.safetensors", [](const std::string& name, Tensor& tensor) {
    if (name == "param.input_proj.bias") tensor = Tensor();
  });
  std::map<std::string, std::string> reasons;
  for (const Check& c : selfcheck(folder.path()))
    if (!c.ok()) reasons[c.file] = c.detail;
  CHECK(reasons.size() == 3);
  CHECK_THAT(reasons["short.safetensors"], Catch::Contains("short.safetensors"));
  CHECK_THAT(reasons["short.pth"], Catch::Contains("short.pth"));
  CHECK_THAT(reasons["incomplete.safetensors"], Catch::Contains("missing: param.input_proj.bias"));

  const TemporaryFolder empty;
  CHECK_THROWS_WITH(selfcheck(empty.path()), Catch::Contains("holds no .safetensors"));
  CHECK_THROWS_WITH(selfcheck(empty / "nowhere"), Catch::Contains("No such"));
}

TEST_CASE("singular values in a golden file do not choose what it is held to", "[iuf][golden]") {
  const std::string quantity = "tall, projected by the stored second moment";
  const auto found = [&](const std::function<void(const std::string&, Tensor&)>& change) {
    const TemporaryFolder folder;
    write_changed("linalg", folder / "a.safetensors", change);
    for (const Check& c : selfcheck(folder.path()))
      if (c.quantity == quantity) return c;
    return Check{};
  };
  const double tolerance = found([](const std::string&, Tensor&) {}).tolerance;
  CHECK(tolerance > 0);
  const Check forged = found([](const std::string& name, Tensor& tensor) {
    if (name == "tall.s") std::fill_n(tensor.data(), tensor.size(), tensor.data()[0]);
  });
  CHECK(forged.tolerance == tolerance);
  const Check equal = found([](const std::string& name, Tensor& tensor) {  // no direction is any better than another
    if (name != "tall.x") return;
    std::fill_n(tensor.data(), tensor.size(), real(0));
    for (int64_t i = 0; i < std::min(tensor.dim(0), tensor.dim(1)); ++i) tensor.data()[i * tensor.dim(1) + i] = 1;
  });
  CHECK_FALSE(equal.ok());
  CHECK_THAT(equal.detail, Catch::Contains("too close to each other"));
}

TEST_CASE("more values in a golden file than a network's map has are a failure", "[iuf][golden]") {
  for (const int64_t more : {int64_t{1}, int64_t{100000}}) {
    const TemporaryFolder folder;
    write_changed("backbones", folder / "a.safetensors", [&](const std::string& name, Tensor& tensor) {
      if (name.ends_with(".values") && !name.starts_with("resnet18.")) tensor = Tensor();
      if (name == "resnet18.3.values") tensor = Tensor::zeros({tensor.size() + more});
    });
    for (const Check& c : selfcheck(folder.path())) {
      if (!c.quantity.starts_with("resnet18")) continue;
      CHECK_FALSE(c.ok());
      CHECK_THAT(c.detail, Catch::StartsWith("resnet18.3.values: got the shape"));
    }
  }
}
