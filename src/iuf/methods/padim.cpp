#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/data/in_order.h"
#include "iuf/learn/method.h"
#include "iuf/methods/memory.h"
#include "iuf/paper/anomaly_map.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

// PaDiM (Defard et al. 2021): at every position a Gaussian over `padim-channels` randomly chosen channels of the local
// features (strides 8 and 16); the map is the Mahalanobis distance, blurred with sigma 4, the image score its maximum.
// It cannot tell objects apart: every image is taken for the object learned last, unless another one is expected that
// it remembers. Keeps between steps: mean and
// covariance of every position, of the last step's images alone (memory = step, the row of the paper's table) or of all
// images so far (memory = all).
namespace iuf {
namespace {

struct PadimSettings {
  static constexpr const char* group = "Without training";
  int64_t channels = 100;  // all where there are fewer

  void visit(const Fields& field) {
    field("padim-channels", channels, range(1, 4096), "padim: channels taken at random");
  }
};

size_t at(int64_t i) {
  return static_cast<size_t>(i);
}

class Padim : public Method {
 public:
  explicit Padim(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  bool remembers(int64_t object) const override;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  // Of a step's images, by position.
  struct Moments {
    int64_t images = 0, positions = 0;
    std::vector<double> mean = {}, scatter = {};  // T x d, T x d x d: sum of (x - mean) (x - mean)^T
  };

  void choose_channels(int64_t all);
  Tensor chosen(const Tensor& local) const;  // T x d
  Moments moments(const StepData& data, const StepContext& context) const;
  void add(const Moments& step);  // to those of all steps, or in their place
  void invert();

  Settings settings_;
  int64_t objects_ = 0, first_ = 0, images_ = 0;  // first_: the last step's first object
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

void Padim::choose_channels(int64_t all) {
  channels_ = random_permutation(all, mix_key(static_cast<uint64_t>(settings_.seed), 0x7061646d));
  channels_.resize(static_cast<size_t>(std::min(settings_.own<PadimSettings>().channels, all)));
  std::sort(channels_.begin(), channels_.end());
}

void Padim::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  if (channels_.empty()) choose_channels(data.local_features(data.images[0]).dim(1));
  add(moments(data, context));
  first_ = data.first_object;
  objects_ = first_ + static_cast<int64_t>(data.names.size());
  invert();
}

// Two passes, image by image: the mean, then the deviations from it.
Padim::Moments Padim::moments(const StepData& data, const StepContext& context) const {
  const auto d = static_cast<int64_t>(channels_.size());
  const auto total = static_cast<int64_t>(2 * data.images.size());
  int64_t done = 0;
  std::vector<Tensor> loaded(kInOrderSlots);
  const auto each = [&](auto&& take) {
    in_order(
        data.images.size(), [&](size_t i, size_t slot) { loaded[slot] = chosen(data.local_features(data.images[i])); },
        [&](size_t, size_t slot) {
          take(loaded[slot]);
          context.progress("statistics", ++done, total);
        });
  };
  const auto n = static_cast<double>(data.images.size());
  Moments m{.images = static_cast<int64_t>(data.images.size())};
  each([&](const Tensor& x) {
    m.mean.resize(at(x.size()));
    m.positions = x.dim(0);
    for (int64_t i = 0; i < x.size(); ++i) m.mean[at(i)] += static_cast<double>(x.data()[i]) / n;
  });
  m.scatter.resize(at(m.positions * d * d));
  each([&](const Tensor& x) {
    parallel_for(m.positions, 8, [&](int64_t b, int64_t e) {
      std::vector<double> off(at(d));
      for (int64_t p = b; p < e; ++p) {
        for (int64_t c = 0; c < d; ++c) off[at(c)] = static_cast<double>(x.data()[p * d + c]) - m.mean[at(p * d + c)];
        double* s = m.scatter.data() + p * d * d;
        for (int64_t i = 0; i < d; ++i)
          for (int64_t j = 0; j < d; ++j) s[i * d + j] += off[at(i)] * off[at(j)];
      }
    });
  });
  return m;
}

// Two samples' sums of squares add up, and so does what their means are apart (Chan et al. 1979).
void Padim::add(const Moments& step) {
  const auto d = static_cast<int64_t>(channels_.size());
  const bool merge = settings_.own<MemorySettings>().memory == Memory::all && images_ > 0;
  const double old = merge ? static_cast<double>(images_) : 0, n = static_cast<double>(step.images);
  if (merge && mean_.dim(0) != step.positions)
    fail("padim: features of ", step.positions, " positions, the model has ", mean_.dim(0));
  if (!merge) {
    mean_ = Tensor::zeros({step.positions, d});
    covariance_ = Tensor::zeros({step.positions, d, d});
  }
  parallel_for(step.positions, 8, [&](int64_t b, int64_t e) {
    std::vector<double> gap(at(d));
    for (int64_t p = b; p < e; ++p) {
      real* own = mean_.data() + p * d;
      for (int64_t c = 0; c < d; ++c) {
        gap[at(c)] = step.mean[at(p * d + c)] - static_cast<double>(own[c]);
        own[c] = static_cast<real>(static_cast<double>(own[c]) + gap[at(c)] * n / (old + n));
      }
      real* s = covariance_.data() + p * d * d;
      const double* m = step.scatter.data() + p * d * d;
      for (int64_t i = 0; i < d; ++i)
        for (int64_t j = 0; j < d; ++j) {
          const double before = static_cast<double>(s[i * d + j]) * std::max(old - 1, 0.0);
          const double sum = before + m[i * d + j] + gap[at(i)] * gap[at(j)] * old * n / (old + n);
          s[i * d + j] = static_cast<real>(sum / std::max(old + n - 1, 1.0));
        }
    }
  });
  images_ = (merge ? images_ : 0) + step.images;
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

// Merged, the Gaussians are those of all objects.
bool Padim::remembers(int64_t object) const {
  return object < objects_ && (settings_.own<MemorySettings>().memory == Memory::all || object >= first_);
}

Judgement Padim::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
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
  j.object = expected.value_or(objects_ - 1);
  j.map = anomaly_map(distance, settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
  return j;
}

void Padim::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  writer.add("position.mean", mean_);
  writer.add("position.covariance", covariance_);
  writer.add("position.channels", channels_);
  meta["objects"] = objects_;
  meta["first"] = first_;
  meta["images"] = images_;
}

void Padim::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_ = stored_count(file, meta, "objects");
  first_ = stored_first(file, meta, objects_);
  images_ = stored_count(file, meta, "images");
  mean_ = file.tensor("position.mean");
  covariance_ = file.tensor("position.covariance");
  channels_ = file.integers("position.channels");
  const auto d = static_cast<int64_t>(channels_.size());
  if (channels_.empty()) fail(file.path(), ": 'position.channels' names no channel");
  for (size_t i = 0; i < channels_.size(); ++i)
    if (channels_[i] < 0 || (i > 0 && channels_[i] <= channels_[i - 1]))
      fail(file.path(), ": 'position.channels' names channel ", channels_[i], " out of order");
  if (mean_.rank() != 2 || mean_.dim(1) != d || !(covariance_.shape() == Shape{mean_.dim(0), d, d}))
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
          .parts = settings_parts<BackboneSettings, PadimSettings, MemorySettings, RidgeSettings, PoolingSettings,
                                  BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
