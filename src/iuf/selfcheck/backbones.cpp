#include <algorithm>
#include <cmath>

#include "iuf/selfcheck/comparison.h"
#include "tensor/error.h"
#include "tensor/permute.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

const std::vector<int> kChannelsLast = {0, 2, 3, 1}, kChannelsFirst = {0, 3, 1, 2};

// Of the convolutions up to the last map; the longest sum among them.
double tolerance(const std::string& name) {
  double layers = 0, length = 1;
  for (const auto& [tensor, shape] : Backbone::tensors(name))
    if (shape.rank() == 4) {
      layers += 1;
      length = std::max(length, static_cast<double>(shape.size(1, 4)));
    }
  return rounding(layers, length);
}

// The network whose tensors the file holds; without any, the one inside the program.
Backbone backbone_of(const TensorFile& file) {
  bool weights = false;
  for (const std::string& name : file.names()) weights = weights || name.starts_with("param.");
  if (!weights) return Backbone::embedded();
  for (const BackboneInfo& info : known_backbones())
    if (Backbone::fits(info.name, file, "param.")) return Backbone::load(info.name, file, "param.");
  fail(file.path(), ": its weights are those of no backbone that this program knows");
}

// The output at stride 16 is named after the block that makes it: out.block10. Another block's is another network's.
std::string last_output(const TensorFile& file, const std::string& backbone) {
  int64_t last = 0;
  for (const auto& [tensor, shape] : Backbone::tensors(backbone))
    if (tensor.starts_with("_blocks.")) last = std::max<int64_t>(last, std::stoll(tensor.substr(8)));
  const std::string wanted = "out.block" + std::to_string(last);
  for (const std::string& name : file.names())
    if (name.starts_with("out.block") && name != wanted)
      fail(file.path(), ": '", name, "' is not the output of ", backbone, " at stride 16, which is that of block ",
           last);
  return wanted;
}

}  // namespace

Tensor generated_values(const std::string& name, const Shape& shape) {
  uint64_t key = 0xCBF29CE484222325u;
  for (const char c : name) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  Tensor t(shape);
  for (int64_t i = 0; i < t.size(); ++i) {
    uint64_t x = key + static_cast<uint64_t>(i) + 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    t.data()[i] = static_cast<real>(static_cast<float>(x >> 40) * 0x1p-24f);
  }
  return t;
}

Backbone generated_backbone(const std::string& name) {
  TensorFile file("generated");
  std::vector<Tensor> weights;
  for (const auto& [tensor, shape] : Backbone::tensors(name)) {
    // Convolutions uniform with variance 1 / fan-in: activations neither die nor amplify rounding.
    Tensor t = generated_values(tensor, shape);
    const float bound =
        shape.rank() == 4 ? static_cast<float>(std::sqrt(3.0 / static_cast<double>(shape.size(1, 4)))) : 0;
    for (real& v : t.span())
      v = shape.rank() == 4
              ? static_cast<real>((2 * static_cast<float>(v) - 1) * bound)
              : v + (tensor.ends_with("running_var") || tensor.ends_with("weight") ? real(0.5) : real(-0.5));
    file.add(tensor, {.dtype = kRealDType, .shape = {shape.begin(), shape.end()}, .bytes = std::as_bytes(t.span())});
    weights.push_back(t);
  }
  return Backbone::load(name, file);
}

void check_backbone(const TensorFile& file, FileChecks& all) {
  const Backbone backbone = backbone_of(file);
  const std::string& name = backbone.info().name;
  const std::string output = last_output(file, name);
  const std::vector<Tensor> maps = backbone.features(kernel::permute(with_axes(file, "in.image", 4), kChannelsLast));
  all.close(name + ", features at stride 16", kernel::permute(maps.back(), kChannelsFirst), file.tensor(output),
            tolerance(name));
  const Tensor expected = with_axes(file, "out.aligned", 4);
  std::vector<Tensor> parts;
  for (const Tensor& map : maps)
    parts.push_back(kernel::resize_bilinear(map, expected.dim(2), expected.dim(3), kernel::Align::corners));
  all.close(name + ", aligned features", kernel::permute(kernel::concat(parts, 3), kChannelsFirst), expected,
            tolerance(name));
}

void check_generated_backbones(const TensorFile& file, FileChecks& all) {
  const int64_t step = integer(file, "step"), height = integer(file, "height"), width = integer(file, "width");
  if (step < 1) fail(file.path(), ": metadata 'step' must be at least 1");
  if (std::min(height, width) < 32 || std::max(height, width) > 1024)
    fail(file.path(), ": an image of ", height, " x ", width, " pixels; 32 to 1024 a side are expected");
  Tensor image = generated_values("image", {1, height, width, 3});
  for (real& v : image.span()) v = 4 * v - 2;
  for (const BackboneInfo& info : known_backbones()) {
    if (!file.contains(info.name + ".0.values")) {
      all.failed(info.name, "the file has no values for it");
      continue;
    }
    const std::vector<Tensor> maps = generated_backbone(info.name).features(image);
    FileChecks::Family values(all, info.name, tolerance(info.name));
    for (size_t level = 0; level < maps.size(); ++level) {
      const std::string key = info.name + "." + std::to_string(level);
      const Shape shape(file.integers(key + ".shape"));
      if (!(maps[level].shape() == shape)) {
        values.failed(key, "got the shape " + maps[level].shape().text() + ", expected " + shape.text());
        continue;
      }
      const Tensor expected = file.tensor(key + ".values");
      Tensor some({(maps[level].size() + step - 1) / step});
      for (int64_t i = 0; i < some.size(); ++i) some.data()[i] = maps[level].data()[i * step];
      values.add(key + ".values", some, expected);
      double square = 0;  // of all values, not of some
      for (const real v : maps[level].span()) square += static_cast<double>(v) * static_cast<double>(v);
      values.add(key + ".mean_square",
                 Tensor::full({1}, static_cast<real>(square / static_cast<double>(maps[level].size()))),
                 file.tensor(key + ".mean_square"));
    }
    values.finish();
  }
}

}  // namespace iuf
