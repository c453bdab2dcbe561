#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/data/in_order.h"
#include "iuf/learn/method.h"
#include "iuf/paper/anomaly_map.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

// PaDiM (Defard et al. 2021): at every position a Gaussian over `padim-channels` randomly chosen channels of the local
// features (strides 8 and 16); the map is the Mahalanobis distance, blurred with sigma 4, the image score its maximum.
// It cannot tell objects apart: every image is taken for the object learned last. Keeps between steps: mean and
// covariance of every position, of the last step's images alone (memory = step, the row of the paper's table) or of all
// images so far (memory = all).
namespace iuf {
namespace {

class Padim : public Method {
 public:
  explicit Padim(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image) const override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  Tensor chosen(const Tensor& local) const;  // T x d
  void invert();

  Settings settings_;
  int64_t objects_ = 0, images_ = 0;
  std::vector<int64_t> channels_;
  Tensor mean_, covariance_;  // T x d, T x d x d: sum of (x - mean) (x - mean)^T over images - 1
  Tensor whitener_;           // T x d x d: L^-1 of covariance + ridge I = L L^T
};

Tensor Padim::chosen(const Tensor& local) const {
  const int64_t positions = local.dim(0), d = static_cast<int64_t>(channels_.size());
  for (const int64_t c : channels_)
    if (c < 0 || c >= local.dim(1)) fail("padim: the model names channel ", c, " of ", local.dim(1));
  Tensor x({positions, d});
  for (int64_t p = 0; p < positions; ++p)
    for (int64_t c = 0; c < d; ++c)
      x.data()[p * d + c] = local.data()[p * local.dim(1) + channels_[static_cast<size_t>(c)]];
  return x;
}

void Padim::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  if (channels_.empty()) {
    const int64_t all = data.local_features(data.images[0]).dim(1);
    channels_ = random_permutation(all, mix_key(static_cast<uint64_t>(settings_.seed), 0x7061646d));
    channels_.resize(static_cast<size_t>(std::min(settings_.padim_channels, all)));
    std::sort(channels_.begin(), channels_.end());
  }
  const auto d = static_cast<int64_t>(channels_.size());
  const auto at = [](int64_t i) { return static_cast<size_t>(i); };

  // Two passes, image by image: the mean, then the deviations from it.
  const auto total = static_cast<int64_t>(2 * data.images.size());
  int64_t done = 0;
  std::vector<Tensor> loaded(kInOrderSlots);
  const auto each = [&](auto&& take) {
    in_order(
        data.images.size(), [&](size_t i, size_t slot) { loaded[slot] = chosen(data.local_features(data.images[i])); },
        [&](size_t, size_t slot) {
          take(loaded[slot]);
          if (context.progress) context.progress("statistics", ++done, total);
        });
  };
  const auto n = static_cast<double>(data.images.size());
  int64_t positions = 0;
  std::vector<double> mean;
  each([&](const Tensor& x) {
    mean.resize(at(x.size()));
    positions = x.dim(0);
    for (int64_t i = 0; i < x.size(); ++i) mean[at(i)] += static_cast<double>(x.data()[i]) / n;
  });
  std::vector<double> moment(at(positions * d * d));
  each([&](const Tensor& x) {
    parallel_for(positions, 8, [&](int64_t b, int64_t e) {
      std::vector<double> off(at(d));
      for (int64_t p = b; p < e; ++p) {
        for (int64_t c = 0; c < d; ++c) off[at(c)] = static_cast<double>(x.data()[p * d + c]) - mean[at(p * d + c)];
        double* m = moment.data() + p * d * d;
        for (int64_t i = 0; i < d; ++i)
          for (int64_t j = 0; j < d; ++j) m[i * d + j] += off[at(i)] * off[at(j)];
      }
    });
  });

  const bool merge = settings_.memory == Memory::all && images_ > 0;
  const double old = merge ? static_cast<double>(images_) : 0;
  if (merge && mean_.dim(0) != positions)
    fail("padim: features of ", positions, " positions, the model has ", mean_.dim(0));
  if (!merge) {
    mean_ = Tensor::zeros({positions, d});
    covariance_ = Tensor::zeros({positions, d, d});
  }
  parallel_for(positions, 8, [&](int64_t b, int64_t e) {
    std::vector<double> gap(at(d));
    for (int64_t p = b; p < e; ++p) {
      real* own = mean_.data() + p * d;
      for (int64_t c = 0; c < d; ++c) {
        gap[at(c)] = mean[at(p * d + c)] - static_cast<double>(own[c]);
        own[c] = static_cast<real>(static_cast<double>(own[c]) + gap[at(c)] * n / (old + n));
      }
      real* s = covariance_.data() + p * d * d;
      const double* m = moment.data() + p * d * d;
      // Two samples' sums of squares add up, and so does what their means are apart (Chan et al. 1979).
      for (int64_t i = 0; i < d; ++i)
        for (int64_t j = 0; j < d; ++j) {
          const double before = static_cast<double>(s[i * d + j]) * std::max(old - 1, 0.0);
          const double sum = before + m[i * d + j] + gap[at(i)] * gap[at(j)] * old * n / (old + n);
          s[i * d + j] = static_cast<real>(sum / std::max(old + n - 1, 1.0));
        }
    }
  });
  images_ = (merge ? images_ : 0) + static_cast<int64_t>(data.images.size());
  objects_ = data.first_object + static_cast<int64_t>(data.names.size());
  invert();
}

void Padim::invert() {
  const int64_t positions = mean_.dim(0), d = mean_.dim(1);
  whitener_ = Tensor({positions, d, d});
  parallel_for(positions, 1, [&](int64_t p, int64_t) {
    std::vector<double> s(covariance_.data() + p * d * d, covariance_.data() + (p + 1) * d * d);
    for (int64_t i = 0; i < d; ++i) s[static_cast<size_t>(i * d + i)] += settings_.ridge;
    const kernel::InverseCholesky inverse = kernel::inverse_cholesky(s, d);
    std::transform(inverse.inverse_lower.begin(), inverse.inverse_lower.end(), whitener_.data() + p * d * d,
                   [](double v) { return static_cast<real>(v); });
  });
}

Judgement Padim::judge(const ImageFeatures& image) const {
  if (objects_ == 0) fail("the model has not learned any object yet");
  const Tensor x = chosen(image.local);
  const int64_t positions = mean_.dim(0), d = mean_.dim(1);
  if (x.dim(0) != positions) fail("padim: features of ", x.dim(0), " positions, the model has ", positions);
  Tensor distance({positions});
  parallel_for(positions, 64, [&](int64_t b, int64_t e) {
    std::vector<real> off(static_cast<size_t>(d)), whitened(static_cast<size_t>(d));
    for (int64_t p = b; p < e; ++p) {
      for (int64_t c = 0; c < d; ++c) off[static_cast<size_t>(c)] = x.data()[p * d + c] - mean_.data()[p * d + c];
      kernel::gemv(Trans::no, d, d, whitener_.data() + p * d * d, off.data(), whitened.data());
      double sum = 0;
      for (real v : whitened) sum += static_cast<double>(v) * static_cast<double>(v);
      distance.data()[p] = static_cast<real>(std::sqrt(sum));
    }
  });
  Judgement j;
  j.object = objects_ - 1;
  j.map = anomaly_map(distance, settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
  return j;
}

void Padim::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  writer.add("position.mean", mean_);
  writer.add("position.covariance", covariance_);
  writer.add("position.channels", channels_);
  meta["objects"] = objects_;
  meta["images"] = images_;
}

void Padim::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_ = meta.at("objects");
  images_ = meta.at("images");
  mean_ = file.tensor("position.mean");
  covariance_ = file.tensor("position.covariance");
  channels_ = file.integers("position.channels");
  const auto d = static_cast<int64_t>(channels_.size());
  if (mean_.rank() != 2 || mean_.dim(1) != d || !(covariance_.shape() == Shape{mean_.dim(0), d, d}) ||
      channels_.empty() || channels_.front() < 0)
    fail(file.path(), ": means ", mean_.shape(), " and covariances ", covariance_.shape(), " of ", d,
         " channels do not fit");
  invert();
}

}  // namespace

namespace methods {

MethodInfo padim() {
  return {.name = "padim",
          .summary = "a Gaussian at every position, fitted to the last step alone (memory = all: merged)",
          .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<Padim>(settings); },
          .defaults =
              [](Settings& s) {
                s.blur = 4;
                s.pooling = Pooling::max;
              },
          .reads = {"backbone", "padim-channels", "memory", "ridge", "pooling", "blur"}};
}

}  // namespace methods
}  // namespace iuf
