#include "iuf/stats/feature_bank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "iuf/features/in_order.h"
#include "iuf/stats/k_centre.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/row_kernels.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

constexpr int64_t kTokens = 112, kFeatures = 1024;  // sides of the blocks of products

// x[i] += y[i]; returns the smallest.
IUF_SIMD real add_and_minimum(real* x, const real* y, int64_t n) {
  real smallest = x[0] + y[0];
#pragma omp simd reduction(min : smallest)
  for (int64_t i = 0; i < n; ++i) {
    x[i] += y[i];
    smallest = x[i] < smallest ? x[i] : smallest;
  }
  return smallest;
}

}  // namespace

void FeatureBank::append(const FeatureBank& other) {
  if (!features.defined()) {
    *this = other;
    return;
  }
  if (features.dim(1) != other.features.dim(1))
    fail("feature bank: ", other.features.shape(), " joins features of ", features.dim(1), " channels");
  Tensor joined({size() + other.size(), features.dim(1)});
  std::copy_n(features.data(), features.size(), joined.data());
  std::copy_n(other.features.data(), other.features.size(), joined.data() + features.size());
  features = joined;
  folds.resize(objects.size(), kNoFold);
  folds.insert(folds.end(), other.folds.begin(), other.folds.end());
  objects.insert(objects.end(), other.objects.begin(), other.objects.end());
  folds.resize(objects.size(), kNoFold);
}

FeatureBank::Nearest FeatureBank::nearest(const Tensor& tokens) const {
  if (size() == 0) fail("feature bank: it is empty");
  const int64_t c = features.dim(1), count = tokens.dim(0), n = size();
  if (tokens.rank() != 2 || tokens.dim(1) != c) fail("feature bank: tokens ", tokens.shape(), " for ", c, " channels");
  require_finite_rows("feature bank: tokens", tokens);
  // |t - f|^2 / 2 = |t|^2 / 2 - t f + |f|^2 / 2, of which the first is the same for all features.
  std::vector<real> half(static_cast<size_t>(n));
  parallel_for(n, kFeatures, [&](int64_t b, int64_t e) {
    for (int64_t f = b; f < e; ++f) half[static_cast<size_t>(f)] = kernel::squared_norm(features.data() + f * c, c) / 2;
  });
  if (!std::ranges::all_of(half, [](real v) { return std::isfinite(v); }))
    require_finite_rows("feature bank: features", features);
  Nearest found{Tensor({count}), std::vector<int64_t>(static_cast<size_t>(count))};
  parallel_for(count, kTokens, [&](int64_t b, int64_t e) {
    std::vector<real> products(static_cast<size_t>((e - b) * kFeatures)),
        best(static_cast<size_t>(e - b), std::numeric_limits<real>::infinity());
    for (int64_t f = 0; f < n; f += kFeatures) {
      const int64_t width = std::min(kFeatures, n - f);
      kernel::gemm(Trans::no, Trans::yes, e - b, width, c, -1, tokens.data() + b * c, c, features.data() + f * c, c, 0,
                   products.data(), kFeatures);
      for (int64_t t = 0; t < e - b; ++t) {
        real* row = products.data() + t * kFeatures;
        const real smallest = add_and_minimum(row, half.data() + f, width);
        if (smallest < best[static_cast<size_t>(t)]) {
          best[static_cast<size_t>(t)] = smallest;
          found.features[static_cast<size_t>(b + t)] = f + (std::find(row, row + width, smallest) - row);
        }
      }
    }
    for (int64_t t = b; t < e; ++t)
      found.distance.data()[t] = std::sqrt(kernel::squared_distance(
          tokens.data() + t * c, features.data() + found.features[static_cast<size_t>(t)] * c, c));
  });
  return found;
}

std::vector<int64_t> FeatureBank::neighbours(int64_t feature, int64_t count) const {
  const int64_t c = features.dim(1);
  std::vector<real> squared(static_cast<size_t>(size()));
  for (int64_t f = 0; f < size(); ++f)
    squared[static_cast<size_t>(f)] =
        kernel::squared_distance(features.data() + f * c, features.data() + feature * c, c);
  squared[static_cast<size_t>(feature)] = -1;  // itself before its equals
  std::vector<int64_t> order(squared.size());
  std::iota(order.begin(), order.end(), 0);
  const auto end = order.begin() + std::min(count, size());
  std::partial_sort(order.begin(), end, order.end(), [&](int64_t a, int64_t b) {
    const real x = squared[static_cast<size_t>(a)], y = squared[static_cast<size_t>(b)];
    return x != y ? x < y : a < b;
  });
  return {order.begin(), end};
}

std::tuple<int64_t, double, std::optional<int64_t>> FeatureBank::vote(const Nearest& found,
                                                                      std::optional<int64_t> expected) const {
  std::vector<int64_t> votes;
  for (int64_t f : found.features) {
    const auto object = static_cast<size_t>(objects[static_cast<size_t>(f)]);
    if (object >= votes.size()) votes.resize(object + 1);
    ++votes[object];
  }
  const int64_t most = std::max_element(votes.begin(), votes.end()) - votes.begin();
  const int64_t object = expected.value_or(most);
  const auto own = static_cast<size_t>(object);
  const double share =
      own < votes.size() ? static_cast<double>(votes[own]) / static_cast<double>(found.features.size()) : 0;
  return {object, share, object == most ? std::nullopt : std::optional(most)};
}

bool FeatureBank::has(int64_t object) const {
  return std::ranges::find(objects, object) != objects.end();
}

FeatureBank FeatureBank::of(int64_t object) const {
  std::vector<int64_t> own;
  for (size_t i = 0; i < objects.size(); ++i)
    if (objects[i] == object) own.push_back(static_cast<int64_t>(i));
  return rows(own);
}

FeatureBank FeatureBank::without(int64_t object, int64_t fold) const {
  std::vector<int64_t> others;
  for (size_t i = 0; i < objects.size(); ++i)
    if (objects[i] != object || folds.empty() || folds[i] != fold) others.push_back(static_cast<int64_t>(i));
  return rows(others);
}

FeatureBank FeatureBank::without_object(int64_t object) const {
  std::vector<int64_t> others;
  for (size_t i = 0; i < objects.size(); ++i)
    if (objects[i] != object) others.push_back(static_cast<int64_t>(i));
  FeatureBank rest = rows(others);
  for (int64_t& other : rest.objects) other -= other > object;
  return rest;
}

FeatureBank FeatureBank::rows(const std::vector<int64_t>& numbers) const {
  FeatureBank chosen{take_rows(features, numbers)};
  for (const int64_t row : numbers) {
    chosen.objects.push_back(objects[static_cast<size_t>(row)]);
    chosen.folds.push_back(folds.empty() ? kNoFold : folds[static_cast<size_t>(row)]);
  }
  return chosen;
}

void FeatureBank::save(SafetensorsWriter& writer, const std::string& prefix) const {
  writer.add(prefix + "features", features);
  writer.add(prefix + "objects", objects);
}

FeatureBank FeatureBank::load(const TensorFile& file, const std::string& prefix, int64_t known) {
  FeatureBank bank{file.tensor(prefix + "features"), file.integers(prefix + "objects")};
  if (bank.features.rank() != 2 || bank.features.dim(0) != bank.size() || bank.size() == 0)
    fail(file.path(), ": '", prefix, "' holds features ", bank.features.shape(), " of ", bank.size(), " objects");
  require_finite_rows(file.path() + ": '" + prefix + "features'", bank.features);
  for (int64_t object : bank.objects)
    if (object < 0 || object >= known)
      fail(file.path(), ": '", prefix, "' has a feature of object ", object, ", the model knows ", known);
  return bank;
}

FeatureBank gather_features(const std::vector<TrainingImage>& all,
                            const std::function<Tensor(const TrainingImage&)>& load, int64_t limit, uint64_t key) {
  if (all.empty()) fail("feature bank: no normal images to take features of");
  std::vector<TrainingImage> chosen;
  if (static_cast<int64_t>(all.size()) > limit) {
    std::vector<int64_t> order = random_permutation(static_cast<int64_t>(all.size()), mix_key(key, 0x696d61676573));
    order.resize(static_cast<size_t>(limit));
    std::sort(order.begin(), order.end());
    for (const int64_t i : order) chosen.push_back(all[static_cast<size_t>(i)]);
  }
  const std::vector<TrainingImage>& images = chosen.empty() ? all : chosen;
  const int64_t share = std::max<int64_t>(1, limit / static_cast<int64_t>(images.size()));  // positions of an image
  FeatureBank bank;
  int64_t per_image = 0;
  std::vector<Tensor> loaded(kInOrderSlots);
  in_order(
      images.size(),
      [&](size_t i, size_t slot) {
        const Tensor local = load(images[i]);
        std::vector<int64_t> positions;
        if (local.dim(0) > share) {
          positions = random_permutation(local.dim(0), mix_key(key, images[i].hash));
          positions.resize(static_cast<size_t>(share));
          std::sort(positions.begin(), positions.end());
        }
        loaded[slot] = positions.empty() ? local : take_rows(local, positions);
        require_finite_rows(images[i].file + ": features", loaded[slot]);
      },
      [&](size_t i, size_t slot) {
        const Tensor& x = loaded[slot];
        if (!bank.features.defined()) {
          per_image = x.dim(0);
          bank.features = Tensor({per_image * static_cast<int64_t>(images.size()), x.dim(1)});
        }
        if (x.dim(0) != per_image || x.dim(1) != bank.features.dim(1))
          fail(images[i].file, ": features ", x.shape(), " unlike the others");
        std::copy_n(x.data(), x.size(), bank.features.data() + static_cast<int64_t>(i) * x.size());
        bank.objects.insert(bank.objects.end(), static_cast<size_t>(per_image), images[i].object);
        bank.folds.insert(bank.folds.end(), static_cast<size_t>(per_image), images[i].fold);
      });
  return bank;
}

}  // namespace iuf
