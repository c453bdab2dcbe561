#include "iuf/run/gallery.h"

#include <algorithm>
#include <cmath>

#include "iuf/data/json_fields.h"
#include "iuf/data/resize.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/pixel_figures.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

constexpr int kLargestSide = 320;  // of a picture, in pixels

Image fitted(const Image& image) {
  const int side = std::max(image.width, image.height);
  if (side <= kLargestSide) return image;
  return resize_bilinear(image, std::max(1, image.width * kLargestSide / side),
                         std::max(1, image.height * kLargestSide / side));
}

// Which of an object's test images are shown, as indices: a normal one, then the kinds of defects in turn, spread over
// the images of a kind rather than its first ones, which tend to be alike.
std::vector<size_t> gallery_choice(const std::vector<Sample>& samples, int64_t count) {
  std::map<std::string, std::vector<size_t>> kinds;
  std::vector<size_t> normal, chosen;
  for (size_t i = 0; i < samples.size(); ++i) (samples[i].defect ? kinds[samples[i].label_name] : normal).push_back(i);
  const auto limit = static_cast<size_t>(std::max<int64_t>(count, 0));
  if (!normal.empty() && limit > 0) chosen.push_back(normal[normal.size() / 2]);
  for (size_t round = 0; chosen.size() < limit; ++round) {
    const size_t before = chosen.size();
    for (const auto& [kind, members] : kinds) {
      const size_t step =
          std::max<size_t>(1, members.size() / std::max<size_t>(1, limit / std::max<size_t>(1, kinds.size())));
      if (round * step < members.size() && chosen.size() < limit) chosen.push_back(members[round * step]);
    }
    if (chosen.size() == before) break;
  }
  return chosen;
}

}  // namespace

Gallery read_gallery(const GalleryFiles& files) {
  const fs::path path = files.index();
  auto gallery = read_json_file<Gallery>(path);
  const auto check = [&](size_t item, const char* key, const std::string& name) {
    const fs::path file = name;
    if (file.empty() || file != file.filename() || file == "." || file == "..")
      fail(path.string(), ": damaged JSON: items[", item, "].", key, ": '", name,
           "' must be a file name without folders");
  };
  for (size_t i = 0; i < gallery.items.size(); ++i) {
    const GalleryItem& item = gallery.items[i];
    check(i, "input", item.input);
    if (item.mask) check(i, "mask", *item.mask);
    if (item.heat) check(i, "heat", *item.heat);
  }
  return gallery;
}

void GalleryWriter::begin_object(size_t number, const std::vector<Sample>& samples) {
  if (options_.folder.empty()) return;
  number_ = number;
  chosen_ = gallery_choice(samples, options_.per_object);
  const ObjectRecord& object = model_.objects()[number];
  gallery_.scales[object.name] = {.low = object.low, .high = object.high};
}

void GalleryWriter::add(size_t index, const Sample& sample, const ScoredImage& scored, const Judgement& j) {
  const auto place = std::ranges::find(chosen_, index);
  if (place == chosen_.end() || !scored.error.empty()) return;
  Image whole, mask;
  try {
    const Photograph photograph = model_.extractor().read(sample.file);
    whole = photograph.image;
    if (scored.mask_error.empty()) mask = united_mask(sample.masks, MaskedPhoto(photograph)).image;
  } catch (const Error&) {
    if (whole.pixels.empty()) return;  // gone since it was judged; a mask that is gone is left out
  }
  const ObjectRecord& object = model_.objects()[number_];
  const auto size = static_cast<int>(model_.settings().image_size);
  const std::string stem = "object" + std::to_string(number_) + "_" + std::to_string(place - chosen_.begin());
  const Image input = fitted(whole);
  GalleryItem item{.object = object.name,
                   .file = escaped(sample.file.filename().string()),
                   .label_name = sample.label_name,
                   .defect = sample.defect,
                   .score = scored.score,
                   .threshold = scored.threshold,
                   .novelty = scored.novelty,
                   .input = stem + "_input.png"};
  write_png(options_.folder / item.input, input);
  if (j.map.defined()) {
    item.heat = stem + "_heat.png";
    const auto end = [](std::optional<double> score) { return static_cast<float>(score.value_or(NAN)); };
    write_png(options_.folder / *item.heat,
              overlay(input, j.map.span(), size, size, end(object.low), end(object.high)));
  }
  if (!mask.pixels.empty()) {
    item.mask = stem + "_mask.png";
    write_png(options_.folder / *item.mask, fitted(mask));
  }
  gallery_.items.push_back(std::move(item));
}

void GalleryWriter::finish() const {
  if (!options_.folder.empty()) write_json_file(GalleryFiles{options_.folder}.index(), gallery_);
}

}  // namespace iuf
