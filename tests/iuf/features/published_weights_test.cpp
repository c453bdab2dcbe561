#include "iuf/features/published_weights.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "nn/convert.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/golden.h"
#include "support/message_of.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

std::filesystem::path source(const std::string& name) {
  return std::filesystem::path(IUF_SOURCE_DIR) / name;
}

struct Converted {
  WeightsFile read;
  ConvertReport report;
};
Converted convert(const std::filesystem::path& in, const std::filesystem::path& out) {
  WeightsFile read = read_published_weights(in);
  const ConvertReport report = convert_weights(read, out);
  return {std::move(read), report};
}

std::vector<real> values(const TensorFile& file, const std::string& name) {
  const Tensor tensor = file.tensor(name);
  return {tensor.data(), tensor.data() + tensor.size()};
}

void check_equal(const TensorFile& got, const TensorFile& expected) {
  CHECK(got.names().size() == expected.names().size());
  for (const std::string& name : expected.names()) {
    INFO(name);
    REQUIRE(got.contains(name));
    CHECK(got.at(name).dtype == expected.at(name).dtype);
    CHECK(got.shape(name) == expected.shape(name));
    CHECK(std::ranges::equal(got.bytes(name), expected.bytes(name)));
  }
}

}  // namespace

TEST_CASE("the three golden checkpoints convert to the expected tensors", "[iuf][published][golden]") {
  const TemporaryFolder folder;
  const TensorFile expected = golden("checkpoint");
  for (const char* name : {"checkpoint_zip.pth", "checkpoint_legacy.pth"}) {
    const auto [read, report] = convert(source("tests/golden") / name, folder / "out.safetensors");
    CHECK(read.format == (std::string(name) == "checkpoint_zip.pth" ? "PyTorch zip" : "PyTorch pickle"));
    CHECK(report.tensors == expected.names().size());
    CHECK(report.widened == 0);
    CHECK(read.skipped.empty());
    const TensorFile got = read_safetensors(folder / "out.safetensors");
    check_equal(got, expected);
    CHECK(got.metadata("epoch") == "3");
    CHECK(got.metadata("arch") == "uniad");
    CHECK(got.metadata("best_metric") == "0.93");
  }
  const ConvertReport report = convert(source("tests/golden/checkpoint_half.pth"), folder / "half.safetensors").report;
  CHECK(report.widened == expected.names().size() - 1);
  const TensorFile half = read_safetensors(folder / "half.safetensors");
  for (const std::string& name : expected.names()) {
    CHECK(half.at(name).dtype == expected.at(name).dtype);
    check_close(name, half.tensor(name), expected.tensor(name), 1e-3);
  }
  CHECK(half.integers("vitclassifiy.bn1.num_batches_tracked") == std::vector<int64_t>{0});
}

TEST_CASE("converting safetensors again gives the same bytes", "[iuf][published]") {
  const TemporaryFolder folder;
  convert(source("tests/golden/checkpoint_zip.pth"), folder / "a");
  CHECK(convert(folder / "a", folder / "b").read.format == "safetensors");
  CHECK(read_file(folder / "a") == read_file(folder / "b"));
}

TEST_CASE("the wrappers of a nested state dict come off, and what is no tensor is named", "[iuf][published]") {
  const TemporaryFolder folder;
  CHECK(convert(source("tests/nn/files/nested.pth"), folder / "out").read.skipped ==
        std::vector<std::string>{"module.module.config"});
  const TensorFile file = read_safetensors(folder / "out");
  CHECK(file.names().size() == 7);
  CHECK(values(file, "0.weight") == std::vector<real>(6, 1));
  CHECK(values(file, "1.bias") == std::vector<real>(3, 4));
  CHECK(file.integers("1.num_batches_tracked") == std::vector<int64_t>{1});
  CHECK(file.metadata() ==
        std::map<std::string, std::string>{{"best", "0.5"}, {"done", "true"}, {"epoch", "7"}, {"note", "two\nlines"}});
}

TEST_CASE("wrappers come off the names, the backbone's stay", "[iuf][published]") {
  const TemporaryFolder folder;
  const auto names = [&](const std::vector<std::string>& stored) {
    SafetensorsWriter writer;
    for (const std::string& name : stored) writer.add(name, Tensor::scalar(1));
    writer.write(folder / "file");
    return read_published_weights(folder / "file").tensors.names();
  };
  using Names = std::vector<std::string>;
  CHECK(names({"module.backbone.a", "module.neck.b", "module.reconstruction.c"}) == Names{"backbone.a", "neck.b", "c"});
  CHECK(names({"module.a", "b"}) == Names{"module.a", "b"});  // a part of the model, no wrapper
  CHECK(names({"net.a", "net.b"}) == Names{"a", "b"});
  CHECK(names({"net.a", "net2.b"}) == Names{"net.a", "net2.b"});
  CHECK(names({"net.a", "backbone.b"}) == Names{"a", "backbone.b"});
  CHECK_THROWS_WITH(names({"reconstruction.a", "a"}), Contains("'a': is there twice"));
}

TEST_CASE("a file that is no weights leaves nothing behind", "[iuf][published]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(convert(source("tests/main.cpp"), folder / "out"), Error);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("the token means of a checkpoint stand behind its tensors, without wrappers", "[iuf][published]") {
  const WeightsFile read = read_published_weights(source("tests/golden/published/iuf.pth"));
  const std::string layer = "transformer.encoder.layers.0.linear2";
  CHECK(read.tensors.contains(layer + ".weight"));
  CHECK(read.tensors.shape(std::string(kTokenMeans) + "." + layer) == std::vector<int64_t>{20, 16});
  CHECK(read.tensors.names().back().starts_with(std::string(kTokenMeans) + "."));
  CHECK(read.beside.empty());
}

TEST_CASE("a backbone reads its weights from a file", "[iuf][published]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "weights.safetensors";
  const Backbone original = Backbone::embedded();
  SafetensorsWriter writer;
  for (const auto& [name, tensor] : original.state()) writer.add(name, tensor);
  writer.write(path);
  CHECK(load_backbone("efficientnet_lite0", path).content_hash() == original.content_hash());
  CHECK_THAT(message_of([&] { load_backbone("resnet18", path); }),
             Contains(path.string()) && Contains("layer3.1.bn2.running_var") && Contains("resnet18-f37072fd.pth"));
  std::filesystem::remove(path);
  CHECK_THAT(message_of([&] { load_backbone("efficientnet_lite0", path); }), Contains(path.string()));
}

TEST_CASE("a backbone without weights says which file it needs and where it comes from", "[iuf][published]") {
  const std::string text = message_of([] { load_backbone("efficientnet_b4", std::nullopt); });
  CHECK_THAT(text, Contains("efficientnet-b4-6ed6700e.pth"));
  CHECK_THAT(text, Contains("EfficientNet-PyTorch"));
  CHECK_THAT(text, Contains(".safetensors"));
  CHECK_THAT(message_of([] { load_backbone("efficientnet_b9", std::nullopt); }), Contains("efficientnet_lite0"));
}
