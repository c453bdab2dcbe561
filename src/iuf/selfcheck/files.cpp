#include <algorithm>
#include <cmath>

#include "iuf/image/resize.h"
#include "iuf/paper/metrics.h"
#include "iuf/paper/old_basis.h"
#include "iuf/paper/projected_update.h"
#include "iuf/selfcheck/comparison.h"
#include "tensor/blas.h"
#include "tensor/error.h"

namespace iuf {
namespace {

std::vector<std::string> stems(const TensorFile& file, const std::string& ending) {
  std::vector<std::string> found;
  for (const std::string& name : file.names())
    if (name.ends_with(ending)) found.push_back(name.substr(0, name.size() - ending.size()));
  return found;
}

}  // namespace

void check_metrics(const TensorFile& file, FileChecks& all) {
  for (const std::string& name : stems(file, ".scores")) {
    const Tensor values = file.tensor(name + ".scores");
    const std::vector<int64_t> classes = file.integers(name + ".labels");
    const std::vector<float> scores(values.data(), values.data() + values.size());
    const std::vector<uint8_t> labels(classes.begin(), classes.end());
    RankAccumulator rank;
    rank.add(name, scores, labels);
    const RankMetrics got = rank.metrics();
    constexpr double kExact = 1e-9;  // both sum in double
    all.close(name + ", AUROC", got.auroc.value_or(NAN), number(file, name + ".auroc"), kExact);
    all.close(name + ", average precision", got.average_precision.value_or(NAN), number(file, name + ".ap"), kExact);
    all.close(name + ", F1-max", got.f1_max.value_or(NAN), number(file, name + ".f1_max"), kExact);
  }
}

void check_images(const TensorFile& file, const std::filesystem::path& folder, FileChecks& all) {
  for (const std::string& stem : stems(file, ".decoded")) {
    try {
      const Image image = read_image(folder / stem);
      all.equal(stem + ", decoded", std::as_bytes(std::span(image.pixels)), file.bytes(stem + ".decoded"));
      for (const std::string& name : file.names()) {
        if (!name.starts_with(stem + ".") || name == stem + ".decoded") continue;
        const std::vector<int64_t>& shape = file.shape(name);
        if (shape.size() != 3) fail(file.path(), ": '", name, "' needs 3 axes");
        const Image resized = resize_bilinear(image, static_cast<int>(shape[1]), static_cast<int>(shape[0]));
        all.equal(stem + ", resized to " + name.substr(stem.size() + 1), std::as_bytes(std::span(resized.pixels)),
                  file.bytes(name));
      }
    } catch (const Error& e) {
      all.failed(stem, e.what());
    }
  }
}

void check_linear_algebra(const TensorFile& file, FileChecks& all) {
  for (const std::string& name : stems(file, ".vh")) {
    const Tensor x = with_axes(file, name + ".x", 2), s = with_axes(file, name + ".s", 1),
                 vh = with_axes(file, name + ".vh", 2);
    const Tensor delta = file.tensor(name + ".delta"), expected = file.tensor(name + ".projected");
    const int64_t channels = x.dim(1), rank = s.size();
    if (rank < 1 || rank > channels)
      fail(file.path(), ": '", name, ".s' holds ", rank, " values for ", channels, " channels");
    const Tensor got = kernel::svd(x).s;
    if (got.size() < rank) fail(file.path(), ": '", name, ".s' holds ", rank, " values of a matrix ", x.shape());
    const double tolerance = rounding(1, static_cast<double>(std::max(x.dim(0), channels)));
    all.close(name + ", singular values", got.rows(0, rank), s, tolerance);
    const Tensor gate = channel_gate(channels);
    all.close(name + ", projected update", project_update(delta, vh, gate), expected,
              rounding(2, static_cast<double>(channels)));
    // From the stored second moment instead of the data. Directions are as accurate as the data's rounding times the
    // largest singular value over the gap to the next one, or to 0; what a wrong angle does to an update is bounded by
    // it. The gaps are those that were found here: the file's own do not choose what it is held to.
    OldBasis basis;
    basis.add("layer", x.reshape({x.dim(0), 1, channels}));
    const Tensor rows = basis.basis("layer");
    const auto largest = static_cast<double>(got.data()[0]);
    double gap = largest;
    for (int64_t i = 0; i < rank; ++i)
      if (i + 1 < rank || rank < channels)
        gap = std::min(gap, static_cast<double>(got.data()[i] - (i + 1 < rank ? got.data()[i + 1] : 0)));
    const double angle = tolerance * largest / gap;
    constexpr double kLargestAngle = 1e-2;  // beyond it a wrong update could pass
    if (!(angle >= 0 && angle <= kLargestAngle)) {
      all.failed(name + ", projected by the stored second moment",
                 "its singular values are too close to each other, or to 0, to tell directions by: make the file of "
                 "other data");
    } else if (rows.dim(0) != rank) {
      all.failed(name + ", projected by the stored second moment",
                 "the rank is " + std::to_string(rows.dim(0)) + " instead of " + std::to_string(rank));
    } else {
      all.close(name + ", projected by the stored second moment", project_update(delta, rows, gate), expected, angle);
    }
  }
}

void check_checkpoint(const TensorFile& checkpoint, const TensorFile& expected, FileChecks& all) {
  double bits = 0;  // that each value keeps; 0: all
  for (const std::string& name : checkpoint.names()) {
    const DType dtype = checkpoint.at(name).dtype;
    if (dtype == DType::f16 && bits == 0) bits = 11;
    if (dtype == DType::bf16) bits = 8;
  }
  FileChecks::Family tensors(all, bits > 0 ? "tensors, half precision" : "tensors",
                             bits > 0 ? std::pow(2.0, -bits) : 0);
  for (const std::string& name : expected.names()) {
    if (!checkpoint.contains(name)) {
      tensors.failed(name, "missing");
    } else {
      tensors.add(name, checkpoint.tensor(name), expected.tensor(name));
    }
  }
  for (const std::string& name : checkpoint.names())
    if (!expected.contains(name)) tensors.failed(name, "not in " + expected.path());
  tensors.finish();
}

}  // namespace iuf
