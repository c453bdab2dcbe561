#include "iuf/methods/local_views.h"

#include <catch2/catch.hpp>
#include <numeric>

#include "nn/backbone.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

constexpr size_t kImages = 24;

Settings seen_as(const std::string& views) {
  Settings settings;
  settings.image_size = 32;
  settings.views = views;
  return settings;
}

// Noise at every position of the deep view. `bright`: the share of positions of another kind, which every picture has
// somewhere, so that none is unusual by itself.
ImageFeatures picture(uint64_t number, double bright) {
  ImageFeatures image;
  image.width = image.height = 64;
  image.at = [number, bright](const WorkingSize& size) {
    const int64_t positions = size.rows(WorkingFeatures::kDeepStride) * size.columns(WorkingFeatures::kDeepStride),
                  channels = deep_channels(backbone_info("efficientnet_lite0"));
    WorkingFeatures features;
    features.deep = Tensor({positions, channels});
    fill_normal(features.deep, 0, 1, 2 * number);
    const std::vector<int64_t> order = random_permutation(positions, 2 * number + 1);
    for (int64_t p = 0; p < static_cast<int64_t>(bright * static_cast<double>(positions)); ++p)
      for (int64_t c = 0; c < channels; ++c) features.deep.data()[order[static_cast<size_t>(p)] * channels + c] += 2;
    return features;
  };
  return image;
}

LocalViews::Fitted fitted(const Settings& settings, bool folds = true) {
  std::vector<int64_t> of(kImages);
  for (size_t i = 0; i < kImages; ++i) of[i] = static_cast<int64_t>(i % 6);
  return LocalViews::fit({.images = kImages,
                          .load = [](size_t i) { return picture(i, 0.25); },
                          .folds = folds ? of : std::vector<int64_t>()},
                         settings, backbone_info("efficientnet_lite0"));
}

double score(const LocalViews& views, const Settings& settings, const ImageFeatures& image) {
  const ImageScores scores = views.scores(image, settings);
  return image_score(scores.map, Pooling::max) + scores.whole;
}

}  // namespace

TEST_CASE("a picture of which too much is of a usual kind is odd as a whole", "[iuf][methods][whole]") {
  const Settings settings = seen_as("deep,whole");
  const LocalViews::Fitted fit = fitted(settings);
  double largest = -1e9, largest_whole = -1e9;  // of unseen normal pictures
  for (const LocalViews::Distances& distances : fit.unseen) {
    const ImageScores scores = fit.views.scores(distances, settings);
    largest = std::max(largest, image_score(scores.map, Pooling::max) + scores.whole);
    largest_whole = std::max(largest_whole, scores.whole);
  }
  const ImageFeatures normal = picture(1000, 0.25), odd = picture(1001, 0.9);
  CHECK(fit.views.scores(normal, settings).whole < 2 * largest_whole);
  CHECK(fit.views.scores(odd, settings).whole > 2 * largest_whole);
  CHECK(score(fit.views, settings, odd) > largest);
  // The map is that of the other views.
  const LocalViews deep = fitted(seen_as("deep")).views;
  CHECK(equal(fit.views.scores(odd, settings).map, deep.scores(odd, seen_as("deep")).map));
  CHECK(deep.scores(odd, seen_as("deep")).whole == 0);
}

TEST_CASE("views with a whole picture are the same after a file, and without folds there is none",
          "[iuf][methods][whole]") {
  const TemporaryFolder folder;
  const Settings settings = seen_as("deep,whole");
  for (const bool folds : {true, false}) {
    const LocalViews views = fitted(settings, folds).views;
    CHECK(views.scales().size() == (folds ? 4 : 2));
    SafetensorsWriter writer;
    views.save(writer, "v.");
    write_file(folder / "views.safetensors", writer.bytes());
    const TensorFile file = read_safetensors(folder / "views.safetensors");
    const LocalViews loaded = LocalViews::load(file, "v.", settings, views.scales());
    const ImageFeatures image = picture(77, 0.4);
    const ImageScores a = views.scores(image, settings), b = loaded.scores(image, settings);
    CHECK(a.whole == b.whole);
    CHECK(equal(a.map, b.map));
    CHECK((a.whole != 0) == folds);
    CHECK_THROWS_WITH(LocalViews::load(file, "v.", settings, {0, 1, 2}), Catch::Contains("damaged model"));
    if (!folds) CHECK_THROWS(LocalViews::load(file, "v.", settings, {0, 1, 0, 1}));
  }
}
