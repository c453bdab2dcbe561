#include "iuf/run/prediction_pictures.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/image/image_formats.h"
#include "iuf/image/png_rows.h"
#include "iuf/image/stretch.h"
#include "nn/file.h"
#include "support/dice.h"
#include "support/notes.h"
#include "support/npy_file.h"
#include "support/picture_files.h"
#include "support/small_model.h"
#include "tensor/error.h"

using namespace iuf;

namespace fs = std::filesystem;

namespace {

// The first values of the pixels of a PNG, and of how many bytes they are.
struct GrayFile {
  explicit GrayFile(const fs::path& path)
      : raster(decode_raster(read_file(path), path.string(), default_max_pixels, Transparency::drop)) {}
  int at(int64_t x, int64_t y) const {
    return raster.at(static_cast<size_t>((y * raster.width + x) * raster.channels));
  }
  Raster raster;
};

// Checks that white pixels of a mask lie in boxes of the regions, that each has its peak, and about its area.
void check_mask(const GrayFile& mask, const std::vector<DefectRegion>& regions) {
  const auto inside = [](const DefectRegion& r, int64_t x, int64_t y) {
    return x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
  };
  int64_t stray = 0, gray = 0;
  for (int64_t y = 0; y < mask.raster.height; ++y)
    for (int64_t x = 0; x < mask.raster.width; ++x) {
      gray += mask.at(x, y) != 0 && mask.at(x, y) != 255;
      if (mask.at(x, y) != 0)
        stray += std::ranges::none_of(regions, [&](const DefectRegion& r) { return inside(r, x, y); });
    }
  CHECK(gray == 0);
  CHECK(stray == 0);
  for (const DefectRegion& r : regions) CHECK(mask.at(r.peak_x, r.peak_y) == 255);
}

int64_t white(const GrayFile& mask) {
  int64_t count = 0;
  for (int64_t y = 0; y < mask.raster.height; ++y)
    for (int64_t x = 0; x < mask.raster.width; ++x) count += mask.at(x, y) == 255;
  return count;
}

}  // namespace

TEST_CASE("a mask shows the regions that are listed, in photographs of any size", "[run][prediction]") {
  const TemporaryFolder folder;
  Dice dice(5);
  for (const auto& [width, height] : {std::pair{16, 16}, {50, 37}, {160, 32}, {5, 3}, {40, 7}, {1, 1}}) {
    CAPTURE(width, height);
    std::vector<float> map(16 * 16);
    for (float& v : map) v = static_cast<float>(dice.below(100));
    const double threshold = 92;
    const auto regions = defect_regions(map, 16, threshold, width, height);
    REQUIRE(!regions.empty());
    CellPixels pixels(defect_cells(map, threshold), 16, width, height);
    write_png_rows(folder / "mask.png", {.width = width, .height = height}, [&](int y) { return pixels.row(y); });
    const GrayFile mask(folder / "mask.png");
    CHECK((mask.raster.width == width && mask.raster.height == height && mask.raster.sample_bytes == 1));
    check_mask(mask, regions);
    if (width == 160) {  // every cell is 10 x 2 pixels
      int64_t area = 0;
      for (const DefectRegion& r : regions) area += r.area;
      CHECK(white(mask) == area);
    }
  }
  CHECK_THROWS_AS(CellPixels(std::vector<uint8_t>(5), 2, 3, 3), Error);
}

TEST_CASE("the middle of a map's 16 bits is the threshold, and what is beyond the scale ends with it",
          "[run][prediction]") {
  const MapScale scale = map_scale(-1, 3);
  CHECK(scale.zero + kMapThreshold * scale.step == 1);
  CHECK(map_scale(2, 2).step > 0);
  const TemporaryFolder folder;
  const PredictionFiles files{folder.path()};
  const PredictionPictures pictures(files);
  PictureParts parts{.map = Tensor({2, 2}), .low = -1, .high = 3};
  const float values[] = {-5, 1, 2.999F, 9};
  std::ranges::copy(values, parts.map.span().begin());
  Prediction p{.map = "maps/a.png", .width = 2, .height = 2};
  pictures.begin({p});
  pictures.write(p, parts);
  const GrayFile map(files.partial_pictures("maps") / "a.png");
  CHECK(map.raster.sample_bytes == 2);
  CHECK(map.at(0, 0) == 0);
  CHECK(map.at(1, 0) == kMapThreshold);
  CHECK(p.map_scale->zero + map.at(0, 1) * p.map_scale->step == Approx(2.999).margin(p.map_scale->step / 2));
  CHECK(map.at(1, 1) == 65535);
}

TEST_CASE("masks and maps are those of predictions.jsonl, upright and of the photograph's size", "[run][prediction]") {
  const SmallModel small("gaussian");
  const fs::path in = small.folder / "in", out = small.folder / "out";
  make_folder(in);
  // A biscuit with a dark bar, stored on its side.
  Image image = read_image(small.images("biscuit").front());
  image.height = 48;
  image.pixels.resize(64 * 48 * 3);
  for (int y = 8; y < 14; ++y) std::fill_n(image.row(y) + 3 * 30, 3 * 20, uint8_t{0});
  write_file(in / "bar.png", with_exif_chunk(encode_png(stored_with(image, 6)), tiff_block({.orientation = 6})));
  write_png(in / "good.png", read_image(small.images("gear").front()));
  Notes notes;
  PredictionOptions options{.inputs = {in}, .out = out, .masks = Masks::draw, .maps = Maps::npy};
  predict(*small.model, options, {}, notes.progress());
  options.maps = Maps::png;
  options.out = small.folder / "png";
  predict(*small.model, options, {}, notes.progress());

  size_t defects = 0;
  for (const std::string out_name : {"out", "png"}) {
    const std::string text = read_text(small.folder / out_name / "predictions.jsonl");
    for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const auto row = nlohmann::json::parse(text.substr(at, text.find('\n', at) - at));
      CAPTURE(row.dump());
      const fs::path folder = small.folder / out_name;
      const bool bar = row["file"].get<std::string>().ends_with("bar.png");
      const int64_t width = 64, height = bar ? 48 : 64;
      CHECK((row["width"] == width && row["height"] == height));
      const GrayFile mask(folder / row["mask"].get<std::string>());
      CHECK((mask.raster.width == width && mask.raster.height == height));
      std::vector<DefectRegion> regions;
      for (const auto& region : row.value("regions", nlohmann::json::array()))
        regions.push_back({.x = region["x"],
                           .y = region["y"],
                           .width = region["width"],
                           .height = region["height"],
                           .peak = region["peak"],
                           .peak_x = region["peak_x"],
                           .peak_y = region["peak_y"]});
      check_mask(mask, regions);
      CHECK((white(mask) > 0) == (row["score"] > row["threshold"]));
      defects += !regions.empty();
      const fs::path map_path = folder / row["map"].get<std::string>();
      CHECK(map_path.extension() == (out_name == "out" ? ".npy" : ".png"));
      if (out_name == "out") {
        const NpyFile map(map_path);
        CHECK((map.width == static_cast<size_t>(width) && map.height == static_cast<size_t>(height)));
        for (const DefectRegion& r : regions)
          CHECK(map.values[static_cast<size_t>(r.peak_y) * map.width + static_cast<size_t>(r.peak_x)] ==
                Approx(r.peak).epsilon(0.1));
      } else {
        const GrayFile map(map_path);
        const double zero = row["map_scale"]["zero"], step = row["map_scale"]["step"];
        CHECK(zero + kMapThreshold * step == Approx(row["threshold"].get<double>()));
        for (const DefectRegion& r : regions)
          CHECK(std::min(zero + 65535 * step, r.peak) == Approx(zero + map.at(r.peak_x, r.peak_y) * step).epsilon(0.1));
      }
    }
  }
  CHECK(defects >= 2);  // the bar, in both

  // What an earlier call left and this one does not name goes; pictures are no input of a call above them.
  options = {.inputs = {in}, .out = small.folder / "png", .format = PredictionFormat::csv};
  notes.notes.clear();
  predict(*small.model, options, {}, notes.progress());
  CHECK(fs::is_empty(small.folder / "png" / "masks"));
  CHECK(fs::is_empty(small.folder / "png" / "maps"));
  CHECK(std::ranges::count_if(
            notes.notes, [](const std::string& note) { return note.find("removed 2 m") != std::string::npos; }) == 2);
  CHECK(list_inputs({.inputs = {out}, .out = out, .heatmaps = Heatmaps::none}).size() == 1);  // the error
}

TEST_CASE("a method without maps names no pictures", "[run][prediction]") {
  const SmallModel small("cad-panda");
  Notes notes;
  predict(
      *small.model,
      {.inputs = {small.images("gear").front()}, .out = small.folder / "out", .masks = Masks::draw, .maps = Maps::png},
      {}, notes.progress());
  const std::string text = read_text(small.folder / "out" / "predictions.jsonl");
  CHECK(text.find("masks/") == std::string::npos);
  CHECK(text.find("maps/") == std::string::npos);
  CHECK(fs::is_empty(small.folder / "out" / "masks"));
}
