#include "iuf/features/features.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "iuf/features/neck.h"
#include "iuf/image/resize.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/random.h"

namespace iuf {
namespace {

const char* const kCacheFormat = "2";  // raised when extraction changes, so that old entries are not taken for new

}  // namespace

Image pixels_at(const ImageFeatures& features, int64_t size) {
  const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(features.pixels.size()) / 3)));
  const Image image{side, side, 3, features.pixels};
  return side == size ? image : resize_bilinear(image, static_cast<int>(size), static_cast<int>(size));
}

bool FeatureExtractor::fits(const WorkingFeatures& f, const WorkingSize& size) const {
  const auto are = [&](const Tensor& x, int64_t stride, int64_t channels) {
    return x.defined() && x.shape() == Shape{size.rows(stride) * size.columns(stride), channels};
  };
  return are(f.fine, WorkingFeatures::kFineStride, fine_channels(backbone_.info())) &&
         (!backbone_.is_deep() || are(f.deep, WorkingFeatures::kDeepStride, deep_channels(backbone_.info())));
}

bool FeatureExtractor::fits(const ImageFeatures& f, Parts parts) const {
  const std::vector<int64_t>& channels = backbone_.info().channels;
  const int64_t stride = WorkingFeatures::kFineStride, side = (size_ + stride - 1) / stride;  // of the local tokens
  const auto is = [](const Tensor& x, int64_t rows, int64_t columns) {
    return x.defined() && x.shape() == Shape{rows, columns};
  };
  return f.width > 0 && f.height > 0 && (!parts.pixels || f.pixels.size() == static_cast<size_t>(size_ * size_ * 3)) &&
         (!parts.aligned ||
          is(f.aligned, grid_ * grid_, std::accumulate(channels.begin(), channels.end(), int64_t{0}))) &&
         (!parts.local || is(f.local, side * side, fine_channels(backbone_.info())));
}

FeatureExtractor::FeatureExtractor(const Backbone& backbone, const Settings& s)
    : backbone_(backbone),
      size_(s.image_size),
      grid_(s.grid),
      align_(s.align),
      reading_{.window = s.known_window(), .orientation = s.orientation} {
  const std::string text = std::string(kCacheFormat) + ' ' + backbone.info().name + ' ' + std::to_string(size_) + ' ' +
                           std::to_string(grid_) + (align_ == Align::area ? " area" : " corners") +
                           (s.orientation == Orientation::ignore ? " stored" : "");
  fingerprint_ = hash_bytes(std::as_bytes(std::span(text)), backbone.content_hash());
}

Photograph FeatureExtractor::read(const std::filesystem::path& path) const {
  return decode(read_file(path), path.string());
}

Photograph FeatureExtractor::decode(std::span<const std::byte> bytes, const std::string& name) const {
  return decode_photograph(bytes, name, reading_);
}

ImageFeatures FeatureExtractor::operator()(const Photograph& photograph) const {
  ImageFeatures f = (*this)(photograph.image);
  f.facts = photograph.facts;
  return f;
}

FeatureExtractor FeatureExtractor::ignoring(std::shared_ptr<const IgnoredRegion> region) const {
  FeatureExtractor other = *this;
  if (region) other.fingerprint_ = mix_key(fingerprint_, region->hash());
  other.ignored_ = std::move(region);
  return other;
}

Image FeatureExtractor::blanked(const Image& image) const {
  uint8_t colour[3];
  for (size_t c = 0; c < 3; ++c)
    colour[c] = static_cast<uint8_t>(std::lround(std::clamp(backbone_.info().mean[c], 0.0f, 255.0f)));
  return ignored_->blanked(image, colour);
}

ImageFeatures FeatureExtractor::operator()(const Image& image) const {
  ImageFeatures f = features(ignored_ ? blanked(image) : image);
  const auto kept = std::make_shared<const Image>(image);
  f.at = [own = *this, kept](const WorkingSize& size) { return own.at(*kept, size); };
  f.ignoring = [own = *this, kept](const auto& region) { return own.ignoring(region)(*kept); };
  return f;
}

ImageFeatures FeatureExtractor::features(const Image& image) const {
  ImageFeatures f;
  f.width = image.width;
  f.height = image.height;
  f.pixels = resize_bilinear(image, static_cast<int>(size_), static_cast<int>(size_)).pixels;
  const std::vector<Tensor> maps = backbone_.features(normalised_image(backbone_.info(), f.pixels, size_, size_));
  const Tensor aligned = aligned_tokens(maps, grid_, align_);
  f.aligned = aligned.reshape({aligned.dim(1), aligned.dim(2)});
  const Tensor local = local_tokens(maps[maps.size() - 2], maps[maps.size() - 1]);
  f.local = local.reshape({local.dim(1), local.dim(2)});
  return f;
}

WorkingFeatures FeatureExtractor::at(const Image& image, const WorkingSize& size) const {
  const auto seen = [&](const Image& whole) {
    return resize_bilinear(whole, static_cast<int>(size.width), static_cast<int>(size.height));
  };
  return working_features(backbone_, ignored_ ? seen(blanked(image)) : seen(image));
}

}  // namespace iuf
