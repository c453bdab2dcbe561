#include "iuf/run/prediction_pictures.h"

#include <algorithm>
#include <cmath>

#include "iuf/image/npy.h"
#include "iuf/image/png_rows.h"
#include "iuf/image/stretch.h"
#include "nn/file.h"
#include "nn/links.h"
#include "tensor/error.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr double kLargest = 65535;  // value of 16 bits

void write_mask(const fs::path& path, const Prediction& p, const PictureParts& parts) {
  const PngKind kind{.width = p.width, .height = p.height};
  if (parts.cells.empty()) {
    const std::vector<uint8_t> black(static_cast<size_t>(p.width));
    return write_png_rows(path, kind, [&](int) { return black.data(); });
  }
  CellPixels pixels(parts.cells, parts.map.dim(0), p.width, p.height);
  write_png_rows(path, kind, [&](int y) { return pixels.row(y); });
}

void write_map(const fs::path& path, Prediction& p, const PictureParts& parts) {
  const auto side = static_cast<int>(parts.map.dim(0));
  const Stretch stretch(parts.map.span(), side, side, p.width, p.height);
  Stretch::Rows values(stretch);
  if (path.extension() == ".npy")
    return write_npy(path, p.height, p.width, [&](int y) { return values(static_cast<size_t>(y)); });
  p.map_scale = map_scale(parts.low, parts.high);
  std::vector<uint8_t> row(2 * static_cast<size_t>(p.width));
  write_png_rows(path, {.width = p.width, .height = p.height, .bits = 16}, [&](int y) {
    uint8_t* to = row.data();
    for (const float v : values(static_cast<size_t>(y))) {
      const double place = (static_cast<double>(v) - p.map_scale->zero) / p.map_scale->step;
      const auto value = static_cast<unsigned>(std::clamp(std::round(place), 0.0, kLargest));
      *to++ = static_cast<uint8_t>(value >> 8);
      *to++ = static_cast<uint8_t>(value & 255);
    }
    return row.data();
  });
}

}  // namespace

MapScale map_scale(double low, double high) {
  const double step = (high - low) / (2 * kMapThreshold);
  return {low, step > 0 ? step : 1};  // a constant map without a threshold is 0
}

std::vector<PredictionPicture> pictures_of(const Prediction& p) {
  std::vector<PredictionPicture> pictures;
  for (const std::string& path : {p.heatmap, p.mask, p.map})
    if (!path.empty()) pictures.push_back({path, fs::path(path).parent_path().string()});
  return pictures;
}

void PredictionPictures::begin(const std::vector<Prediction>& list) const {
  for (const Prediction& p : list)
    for (const PredictionPicture& picture : pictures_of(p)) {
      make_own_folder(files_.folder / picture.folder);
      make_own_folder(files_.partial_pictures(picture.folder));
      if (const fs::path place = files_.folder / picture.path; fs::is_directory(place))
        fail(place.string(), ": cannot write: is a folder: choose another --out");
    }
}

void PredictionPictures::drop() const {
  for (const char* folder : PredictionFiles::picture_folders) fs::remove_all(files_.partial_pictures(folder));
}

void PredictionPictures::write(Prediction& p, const PictureParts& parts) const {
  const auto unfinished = [&](const std::string& path) {
    return files_.partial_pictures(fs::path(path).parent_path().string()) / fs::path(path).filename();
  };
  if (!p.heatmap.empty()) write_png(unfinished(p.heatmap), parts.heatmap);
  if (!p.mask.empty()) write_mask(unfinished(p.mask), p, parts);
  if (!p.map.empty()) write_map(unfinished(p.map), p, parts);
}

void PredictionPictures::move(const std::vector<Prediction>& list) const {
  for (const Prediction& p : list) {
    if (!p.error.empty()) continue;
    for (const PredictionPicture& picture : pictures_of(p)) {
      const fs::path from = files_.partial_pictures(picture.folder) / fs::path(picture.path).filename(),
                     to = files_.folder / picture.path;
      if (!fs::exists(from)) continue;  // it was moved by the interrupted call
      std::error_code other_disk;
      fs::rename(from, to, other_disk);
      if (other_disk) write_file(to, MappedFile(from).bytes());
    }
  }
}

}  // namespace iuf
