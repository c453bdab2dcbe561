#include "iuf/methods/local_views.h"

#include <algorithm>

#include "iuf/features/in_order.h"
#include "iuf/stats/outliers.h"
#include "iuf/stats/threshold.h"
#include "iuf/stats/whole_picture.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"

namespace iuf {
namespace {

const char* const kSize = "working_size";
const char* const kWhole = "whole.";
constexpr int64_t kLargestSide = 1 << 15;  // that a file may name

// Before the names of a view's tensors; the coarse one is as old as surroundings are.
std::string name_of(View view) {
  return view == View::coarse ? "" : view == View::fine ? "fine." : "deep.";
}

// Whether any of them needs the image at its working size.
bool closer(const std::vector<View>& views) {
  return std::ranges::any_of(views, [](View view) { return view != View::coarse; });
}

Tensor of_view(View view, const ImageFeatures& image, const WorkingFeatures& working) {
  return view == View::coarse ? image.local : view == View::fine ? working.fine : working.deep;
}

int64_t stride_of(View view) {
  return view == View::deep ? WorkingFeatures::kDeepStride : WorkingFeatures::kFineStride;
}
// The grid of a view's features: the coarse one sees the square image of all methods.
WorkingSize seen_size(View view, const WorkingSize& working, const Settings& settings) {
  return view == View::coarse ? WorkingSize{settings.image_size, settings.image_size} : working;
}

}  // namespace

int64_t LocalViews::passes(const Settings& settings) {
  const std::vector<View> views = settings.chosen_views();
  const int64_t whole = std::ranges::count(views, View::whole);
  return (std::ssize(views) - whole) * (kSurroundingsPasses + 1) + whole;
}

LocalViews::Fitted LocalViews::fit(const Input& in, const Settings& settings, const BackboneInfo& backbone) {
  Fitted fitted{.views = {}, .unseen = std::vector<Distances>(in.images)};
  LocalViews& local = fitted.views;
  const std::vector<View> views = settings.chosen_views();
  if (in.known) {
    local.size_ = in.known->size_;
  } else if (closer(views)) {
    std::vector<std::pair<int64_t, int64_t>> sizes(in.images);
    for (size_t i = 0; i < in.images; ++i) {
      const ImageFeatures image = in.load(i);
      sizes[i] = {image.width, image.height};
    }
    local.size_ = working_size(sizes, backbone, settings.image_size, settings.budget_ms);
  }
  for (const View view : views) {
    if (view == View::whole) continue;
    const size_t v = local.views_.size();
    fit_view(in, settings, view, in.known ? &in.known->views_.at(v) : nullptr, fitted);
  }
  if (std::ranges::find(views, View::whole) != views.end()) fit_whole(in, settings, backbone, fitted);
  return fitted;
}

void LocalViews::fit_view(const Input& in, const Settings& settings, View view, const Seen* known, Fitted& fitted) {
  LocalViews& local = fitted.views;
  const auto load = [&](size_t i) {
    const ImageFeatures image = in.load(i);
    return of_view(view, image, view == View::coarse ? WorkingFeatures() : image.at(local.size_));
  };
  const int64_t stride = stride_of(view);
  ScoreScaleFit scale;
  const auto unseen = [&](size_t i, const Tensor& distance) {
    scale.add(distance);
    fitted.unseen[i].push_back(distance);
  };
  Seen seen{.view = view,
            .surroundings = fit_surroundings({.images = in.images,
                                              .rows = view == View::coarse ? 0 : local.size_.rows(stride),
                                              .columns = view == View::coarse ? 0 : local.size_.columns(stride),
                                              .local = load,
                                              .progress = in.progress,
                                              .options = {.ridge = settings.ridge},
                                              .folds = in.folds,
                                              .known = known ? &known->surroundings : nullptr,
                                              .known_images = in.known_images,
                                              .unseen = unseen})};
  if (!known && fold_count(in.folds) == 0) {
    std::vector<Tensor> distances(kInOrderSlots);
    in_order(
        in.images, [&](size_t i, size_t slot) { distances[slot] = seen.surroundings.distance(load(i)); },
        [&](size_t, size_t slot) {
          scale.add(distances[slot]);
          in.progress();
        });
  }
  seen.scale = known ? known->scale : scale.finish();
  local.views_.push_back(std::move(seen));
}

void LocalViews::fit_whole(const Input& in, const Settings& settings, const BackboneInfo& backbone, Fitted& fitted) {
  const Whole* known = in.known && in.known->whole_ ? &*in.known->whole_ : nullptr;
  const int64_t folds = fold_count(in.folds);
  if (in.known ? !known : folds == 0) return;
  LocalViews& local = fitted.views;
  const int64_t channels = backbone.deep_channels;
  Tensor rows({static_cast<int64_t>(in.images), 2 * channels});
  std::vector<Tensor> composed(kInOrderSlots);
  in_order(
      in.images,
      [&](size_t i, size_t slot) { composed[slot] = composition(in.load(i).at(local.size_).deep, channels); },
      [&](size_t i, size_t slot) {
        std::ranges::copy(composed[slot].span(), rows.data() + static_cast<int64_t>(i) * rows.dim(1));
        in.progress();
      });
  const WholePictureFit fit(rows, in.folds, known ? &known->gaussian : nullptr, in.known_images);
  Whole whole{.gaussian = fit.finish()};
  std::vector<double> distances, largest;
  for (int64_t fold = 0; fold < folds; ++fold) {
    const Gaussian others = fit.finish(fold);
    for (size_t i = 0; i < in.images; ++i) {
      if (in.folds[i] != fold) continue;
      Tensor row({1, rows.dim(1)});
      std::copy_n(rows.data() + static_cast<int64_t>(i) * rows.dim(1), rows.dim(1), row.data());
      const Tensor distance = others.distance(row);
      distances.push_back(static_cast<double>(distance.item()));
      if (!known && !local.views_.empty())
        largest.push_back(image_score(local.map(fitted.unseen[i], settings), settings.pooling));
      fitted.unseen[i].push_back(distance.reshape({1, 1}));
    }
  }
  if (known) {
    whole.scale = known->scale;
  } else {
    constexpr double kLeast = 1e-6;
    const double own = std::max(robust_deviation(distances), kLeast),
                 others = largest.empty() ? 1 : std::max(robust_deviation(largest), kLeast);
    whole.scale = {.mean = quantile(distances, 0.5), .deviation = own / others};
  }
  local.whole_ = std::move(whole);
}

LocalViews::Distances LocalViews::distances(const ImageFeatures& image) const {
  const WorkingFeatures working = size_ != WorkingSize() ? image.at(size_) : WorkingFeatures();
  Distances distances;
  for (const Seen& seen : views_) distances.push_back(seen.surroundings.distance(of_view(seen.view, image, working)));
  if (whole_)
    distances.push_back(
        whole_->gaussian.distance(composition(working.deep, whole_->gaussian.mean.size() / 2)).reshape({1, 1}));
  return distances;
}

Tensor LocalViews::map(const Distances& distances, const Settings& settings) const {
  Tensor sum = Tensor::zeros({settings.image_size, settings.image_size});
  for (size_t v = 0; v < views_.size(); ++v)
    kernel::add_scaled(sum, 1 / static_cast<real>(views_.size()),
                       anomaly_map(views_[v].scale(distances.at(v)), settings.image_size, settings.blur));
  return sum;
}

ImageScores LocalViews::scores(const Distances& distances, const Settings& settings) const {
  ImageScores scores{.map = map(distances, settings)};
  if (whole_) scores.whole = static_cast<double>(whole_->scale(distances.at(views_.size())).item());
  return scores;
}

void LocalViews::save(SafetensorsWriter& writer, const std::string& prefix) const {
  for (const Seen& seen : views_) seen.surroundings.save(writer, prefix + name_of(seen.view));
  if (whole_) whole_->gaussian.save(writer, prefix + kWhole);
  if (size_ != WorkingSize()) writer.add(prefix + kSize, std::vector<int64_t>{size_.height, size_.width});
}

std::vector<double> LocalViews::scales() const {
  std::vector<double> scales;
  for (const Seen& seen : views_) scales.insert(scales.end(), {seen.scale.mean, seen.scale.deviation});
  if (whole_) scales.insert(scales.end(), {whole_->scale.mean, whole_->scale.deviation});
  return scales;
}

LocalViews LocalViews::load(const TensorFile& file, const std::string& prefix, const Settings& settings,
                            const std::vector<double>& scales) {
  LocalViews local;
  std::vector<View> views = settings.chosen_views();
  // The whole picture's are the last ones; none where there was nothing to measure them on.
  const bool looks_at_all = std::erase(views, View::whole) > 0,
             whole = looks_at_all && scales.size() > 2 * views.size();
  if (scales.size() != 2 * (views.size() + whole))
    fail(file.path(), ": damaged model: ", scales.size(), " numbers for the scales of ", views.size(), " views",
         looks_at_all ? " and the whole picture" : "");
  if (looks_at_all || closer(views)) {
    const std::vector<int64_t> size = file.integers(prefix + kSize);
    if (size.size() != 2 || std::ranges::any_of(size, [](int64_t side) { return side < 1 || side > kLargestSide; }))
      fail(file.path(), ": '", prefix, kSize, "' is no size of an image; the file is damaged");
    local.size_ = {size[0], size[1]};
  }
  for (size_t v = 0; v < views.size(); ++v) {
    const std::string name = prefix + name_of(views[v]);
    Surroundings seen = Surroundings::load(file, name);
    const WorkingSize size = seen_size(views[v], local.size_, settings);
    const int64_t rows = size.rows(stride_of(views[v])), columns = size.columns(stride_of(views[v]));
    if (seen.rows != rows || seen.columns != columns)
      fail(file.path(), ": '", name, "cells' is a grid of ", Shape{seen.rows, seen.columns}, ", the images have ",
           Shape{rows, columns}, "; the file is damaged");
    local.views_.push_back({.view = views[v],
                            .surroundings = std::move(seen),
                            .scale = ScoreScale::stored(scales[2 * v], scales[2 * v + 1], file.path())});
  }
  if (whole) {
    const size_t v = 2 * views.size();
    local.whole_ = Whole{.gaussian = Gaussian::load(file, prefix + kWhole),
                         .scale = ScoreScale::stored(scales[v], scales[v + 1], file.path())};
    const int64_t dimensions = local.whole_->gaussian.mean.size();
    if (dimensions < 2 || dimensions % 2)
      fail(file.path(), ": '", prefix, kWhole, "mean' has ", dimensions, " dimensions, not two of every channel");
  }
  return local;
}

}  // namespace iuf
