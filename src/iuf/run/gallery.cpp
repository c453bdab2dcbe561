#include "iuf/run/gallery.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "iuf/data/json_fields.h"
#include "iuf/image/jpeg_writer.h"
#include "iuf/image/resize.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/pixel_figures.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

constexpr int kLargestSide = 320;  // of a picture, in pixels
constexpr int kQuality = 90;       // of a JPEG

// Of a verdict that was given; what is not judged is neither right nor wrong.
bool is_wrong(const ScoredImage& image) {
  const Verdict said = image.decision();
  return said != Verdict::error && said != Verdict::no_threshold && is_alarm(said) != image.defect;
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
  if (options_.folder.empty() || !scored.error.empty()) return;
  if (!std::ranges::count(chosen_, index) && !is_wrong(scored)) return;
  Image whole, mask;
  try {
    const Photograph photograph = model_.extractor().read(sample.file);
    whole = photograph.image;
    if (scored.mask_error.empty()) mask = united_mask(sample.masks, masked_photo(photograph)).image;
  } catch (const Error&) {
    if (whole.pixels.empty()) return;  // gone since it was judged; a mask that is gone is left out
  }
  const ObjectRecord& object = model_.objects()[number_];
  const auto size = static_cast<int>(model_.settings().image_size);
  const std::string stem = "object" + std::to_string(number_) + "_" + std::to_string(index);
  const Image input = fitted(whole, kLargestSide);
  GalleryItem item{.object = object.name,
                   .file = escaped(sample.file.filename().string()),
                   .label_name = sample.label_name,
                   .defect = sample.defect,
                   .score = scored.score,
                   .threshold = scored.threshold,
                   .novelty = scored.novelty,
                   .input = stem + "_input.jpg",
                   .width = whole.width,
                   .height = whole.height};
  const auto write = [&](const std::string& name, const std::vector<std::byte>& bytes) {
    write_file(options_.folder / name, bytes);
    item.hashes[name] = hash_bytes(bytes);
  };
  write(item.input, encode_jpeg(input, kQuality));
  if (j.map.defined()) {
    item.heat = stem + "_heat.jpg";
    if (item.threshold && item.score > *item.threshold)
      item.regions = defect_regions(j.map.span(), size, *item.threshold, whole.width, whole.height);
    const auto end = [](std::optional<double> score) { return static_cast<float>(score.value_or(NAN)); };
    Image heat = overlay(input, j.map.span(), size, size, end(object.low), end(object.high));
    if (j.ignored) hatch_ignored(heat, input, *j.ignored);
    write(*item.heat, encode_jpeg(heat, kQuality));
  }
  if (!mask.pixels.empty()) {
    item.mask = stem + "_mask.png";
    write(*item.mask, encode_png(fitted(mask, kLargestSide)));
  }
  gallery_.items.push_back(std::move(item));
}

void GalleryWriter::finish() const {
  if (options_.folder.empty()) return;
  std::set<std::string> named;
  for (const GalleryItem& item : gallery_.items)
    for (const auto& picture : {std::optional(item.input), item.mask, item.heat})
      if (picture) named.insert(*picture);
  write_json_file(GalleryFiles{options_.folder}.index(), gallery_);
  for (const fs::directory_entry& entry : fs::directory_iterator(options_.folder)) {
    const std::string name = entry.path().filename().string(), ending = entry.path().extension().string();
    const bool ours = name.starts_with("object") && (ending == ".png" || ending == ".jpg");
    std::error_code stays;
    if (ours && !named.contains(name)) fs::remove(entry.path(), stays);
  }
}

}  // namespace iuf
