#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "iuf/features/in_order.h"
#include "iuf/learn/method.h"
#include "iuf/methods/memory.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/folds.h"
#include "iuf/stats/matrix.h"
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

// Keeps a matrix positive definite that is a difference of rounded ones.
constexpr double kRounding = 1e-6;

class Padim : public Method {
 public:
  explicit Padim(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  bool remembers(int64_t object) const override;
  std::string cannot_update(int64_t) const override { return ""; }
  void update(const StepData& data, const StepContext& context) override;
  std::string cannot_remove(int64_t object) const override;
  void remove(int64_t object) override;
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
  enum class Known { joined, replaced };
  void add(const Moments& step, Known known);  // to those that are known, or in their place
  void judge_new(const StepData& data, const StepContext& context);
  Tensor inverted(double ridge) const;
  void judge_fold(const std::vector<TrainingImage>& images, const Tensor& whitener, const StepData& data,
                  const StepContext& context) const;
  void off_mean(const Tensor& x, int64_t position, real* to) const;
  static void whiten(const Tensor& whitener, int64_t position, const std::vector<real>& off, real* to);
  Judgement judged(const Tensor& distance, int64_t object) const;

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
  const bool all = settings_.own<MemorySettings>().memory == Memory::all;
  add(moments(data, context), all && images_ > 0 ? Known::joined : Known::replaced);
  first_ = data.first_object;
  objects_ = first_ + static_cast<int64_t>(data.names.size());
  judge_new(data, context);
}

// The Gaussians, which are those of all objects that it remembers, become those of these images, too.
void Padim::update(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  add(moments(data, context), Known::joined);
  judge_new(data, context);
}

std::string Padim::cannot_remove(int64_t object) const {
  if (!remembers(object)) return "";
  return objects_ - first_ == 1 && settings_.own<MemorySettings>().memory == Memory::step
             ? "it keeps the statistics of this object alone"
             : "its statistics are of this object and of others together";
}

// One that it does not remember.
void Padim::remove(int64_t) {
  --objects_;
  --first_;
}

void Padim::judge_new(const StepData& data, const StepContext& context) {
  whitener_ = inverted(settings_.ridge);
  std::vector<std::vector<TrainingImage>> folds;
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> images = images_of(data, n);
    for (int64_t fold = 0; fold < fold_count(folds_of(images)); ++fold)
      std::ranges::copy_if(images, std::back_inserter(folds.emplace_back()),
                           [&](const auto& image) { return image.fold == fold; });
  }
  std::ranges::stable_sort(folds, {}, &std::vector<TrainingImage>::size);
  size_t images = 0;  // of the folds that the whitener serves
  Tensor whitener;
  for (const std::vector<TrainingImage>& fold : folds) {
    const double rest = static_cast<double>(images_) - static_cast<double>(fold.size());
    if (fold.size() != images)
      whitener = inverted(settings_.ridge * std::max(rest - 1, 1.0) / static_cast<double>(images_ - 1));
    images = fold.size();
    judge_fold(fold, whitener, data, context);
  }
}

// What the images of a fold get from the moments of all others. With u_i = x_i - mean of image i of the m, r = (n - m
// - 1) / (n - 1), A = covariance of all n + r ridge I, G_ij = u_i^T A^-1 u_j, and 1 the vector of ones, these are, at
// every position,
//   mean of the others          x_i minus it is sum_j w_j u_j with w = e_i + 1 / (n - m)
//   their covariance + ridge I  (A - U^T H U / (n - 1)) / r with H = I + 1 1^T / (n - m)
// and by Woodbury's identity, with H^-1 = I - 1 1^T / n and C = (n - 1) H^-1 - G,
//   distance^2 = r (w^T G w + w^T G C^-1 G w).
void Padim::judge_fold(const std::vector<TrainingImage>& images, const Tensor& whitener, const StepData& data,
                       const StepContext& context) const {
  const auto m = static_cast<int64_t>(images.size()), positions = mean_.dim(0), d = mean_.dim(1), rest = images_ - m;
  std::vector<Tensor> x, distances;
  for (const TrainingImage& image : images) {
    x.push_back(chosen(data.local_features(image)));
    distances.push_back(Tensor({positions}));
  }
  const double others = static_cast<double>(rest), shrink = (others - 1) / static_cast<double>(images_ - 1);
  parallel_for(positions, 16, [&](int64_t begin, int64_t end) {
    std::vector<real> off(at(d)), white(at(d));
    std::vector<double> rows(at(m * d)), c(at(m * m)), weights(at(m)), seen(at(m));
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t i = 0; i < m; ++i) {
        off_mean(x[at(i)], p, off.data());
        if (rest > 1) whiten(whitener, p, off, white.data());
        std::ranges::copy(rest > 1 ? white : off, rows.begin() + i * d);
      }
      const std::vector<double> g = kernel::product(Trans::no, Trans::yes, rows, rows, m, d, m);
      for (int64_t i = 0; i < m * m; ++i)
        c[at(i)] = static_cast<double>(images_ - 1) *
                       ((i % (m + 1) == 0 ? 1 + kRounding : 0) - 1 / static_cast<double>(images_)) -
                   g[at(i)];
      const std::vector<double> l =
          rest > 1 ? kernel::inverse_cholesky(c, m).inverse_lower : std::vector<double>(at(m * m));
      for (int64_t i = 0; i < m; ++i) {
        std::ranges::fill(weights, 1 / others);
        weights[at(i)] += 1;
        seen = kernel::product(Trans::no, Trans::no, g, weights, m, m, 1);
        double squared = std::inner_product(seen.begin(), seen.end(), weights.begin(), 0.0);
        for (const double v : kernel::product(Trans::no, Trans::no, l, seen, m, m, 1)) squared += v * v;
        distances[at(i)].data()[p] = static_cast<real>(std::sqrt(squared * (rest > 1 ? shrink : 1 / settings_.ridge)));
      }
    }
  });
  for (int64_t i = 0; i < m; ++i) context.unseen(images[at(i)], judged(distances[at(i)], images[at(i)].object));
}

// What an image's position is off the mean.
void Padim::off_mean(const Tensor& x, int64_t position, real* to) const {
  const int64_t d = mean_.dim(1);
  for (int64_t c = 0; c < d; ++c) to[c] = x.data()[position * d + c] - mean_.data()[position * d + c];
}

void Padim::whiten(const Tensor& whitener, int64_t position, const std::vector<real>& off, real* to) {
  const int64_t d = std::ssize(off);
  kernel::gemv(Trans::no, d, d, whitener.data() + position * d * d, off.data(), to);
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
void Padim::add(const Moments& step, Known known) {
  const auto d = static_cast<int64_t>(channels_.size());
  const bool merge = known == Known::joined;
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

// Of every position: L^-1 with L L^T = covariance + ridge I.
Tensor Padim::inverted(double ridge) const {
  const int64_t positions = mean_.dim(0), d = mean_.dim(1);
  Tensor whitener({positions, d, d});
  parallel_for(positions, 1, [&](int64_t p, int64_t) {
    std::vector<double> s(covariance_.data() + p * d * d, covariance_.data() + (p + 1) * d * d);
    for (int64_t i = 0; i < d; ++i) s[static_cast<size_t>(i * d + i)] += ridge;
    const kernel::InverseCholesky inverse = kernel::inverse_cholesky(s, d);
    std::transform(inverse.inverse_lower.begin(), inverse.inverse_lower.end(), whitener.data() + p * d * d,
                   [](double v) { return static_cast<real>(v); });
  });
  return whitener;
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
    std::vector<real> off(at(d)), whitened(at(d));
    for (int64_t p = b; p < e; ++p) {
      off_mean(x, p, off.data());
      whiten(whitener_, p, off, whitened.data());
      double sum = 0;
      for (const real v : whitened) sum += static_cast<double>(v) * static_cast<double>(v);
      distance.data()[p] = static_cast<real>(std::sqrt(sum));
    }
  });
  return judged(distance, expected.value_or(objects_ - 1));
}

Judgement Padim::judged(const Tensor& distance, int64_t object) const {
  const Tensor map = anomaly_map(distance, settings_.image_size, settings_.blur);
  return {.map = map, .score = image_score(map, settings_.pooling), .object = object};
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
  whitener_ = inverted(settings_.ridge);
}

}  // namespace

namespace methods {

MethodInfo padim() {
  return {.name = "padim",
          .summary = "a Gaussian at every position, fitted to the last step alone (memory = all: merged)",
          .folds = true,
          .trains = false,
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
