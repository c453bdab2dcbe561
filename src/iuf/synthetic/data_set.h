#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/image/image.h"
#include "iuf/settings/setting.h"
#include "iuf/synthetic/extent.h"

namespace iuf {

/// What is photographed.
enum class SynthScene {
  products,  ///< ten small products, a square picture each, with six and more kinds of defects
  plates     ///< large photographs of a brushed plate and of a printed strip, with defects of a few pixels
};
inline Choices<SynthScene> choices(SynthScene) {
  return {{"products", SynthScene::products}, {"plates", SynthScene::plates}};
}

/// Procedural photographs with defects and their pixel masks: a data set that needs no download. The pixels depend on
/// (seed, object, kind, index, size) alone and are the same on every machine, for any number of threads.
struct SynthOptions {
  SynthScene scene = SynthScene::products;
  uint64_t seed = 0;
  /// Of a picture. Products: a square of 32 to 2048. Plates: sides of 384 to 8192, one at most 8 times the other;
  /// Extent(): each object's own, 2448 x 2048 (plate) and 4096 x 1000 (strip).
  Extent size = 256;
  int train = 60;                    ///< good images to train on, per object
  int test_good = 20;                ///< good images to test on, per object
  int per_defect = 8;                ///< defective images per kind of defect and object
  std::vector<std::string> objects;  ///< empty: all of the scene
};
/// Those above for products; for plates each object's own size, 30 images to train on, 10 good ones to test on and 10
/// of each kind of defect.
SynthOptions synth_defaults(SynthScene scene);

/// Of a kind and object.
inline constexpr int synthetic_most_images = 100000;

/// In alphabetical order.
const std::vector<std::string>& synthetic_object_names(SynthScene scene = SynthScene::products);
/// The kinds of defects that `object` can have, in alphabetical order. Throws Error for an unknown object.
std::vector<std::string> synthetic_defect_kinds(const std::string& object);

/// A pixel of a defective product belongs to the mask if some channel differs from the same photograph without the
/// defect (same pose, light and sensor noise) by at least this many of 255 levels.
inline constexpr int synthetic_visible_levels = 9;

struct SynthImage {
  Image image;       ///< height x width x 3; of the plate, which has a monochrome camera, x 1
  Image mask;        ///< height x width x 1, 0 or 255; all 0 for a good image
  Image good_twin;   ///< the same photograph without the defect; equal to `image` for a good one
  std::string kind;  ///< "good" or the kind of defect
};

/// Image `index` of a kind ("good" or one of synthetic_defect_kinds). Throws Error for an unknown name or size.
///
/// Products: the defects of index 0 are the easiest to see, those of index 7 the hardest; from 8 on this repeats, with
/// other poses and places.
///
/// Plates: one `disc` of 12 pixels, or one `scratch` 3 pixels wide and 80 to 250 long, wholly on the part, at least 12
/// pixels from its rim and openings. Widths are those at half of the contrast; the mask holds the pixels whose middle
/// lies within. The contrast goes from 40 % of the level below it (index 0) to 25 % (index 9) and repeats then; even
/// ones are darker, odd ones lighter. Parts turn by up to a degree and shift by up to 0.3 % of the smaller side, the
/// light changes by 4 %, and every part has its own texture and its own specks of dust.
SynthImage render_synthetic(const std::string& object, const std::string& kind, uint64_t seed, uint64_t index,
                            Extent size);

/// Throws Error for options that write_synthetic() refuses: an object of another scene or named twice, a size that an
/// object cannot have, too many images.
void check(const SynthOptions& options);

/// Writes a data set in MVTec-AD's layout, each file whole or not at all:
///   out/OBJECT/train/good/000.png  test/good/000.png  test/KIND/000.png  ground_truth/KIND/000_mask.png
/// (PNG: the pixels are those of render_synthetic) and
/// out/synth.json with the options. `out` must be absent, empty or the output of an earlier call; of an earlier
/// call with other options the files that are no longer part of it are removed. `progress` is called after each image,
/// by one thread at a time, with the stage "images". Throws Error for bad options, a folder that holds anything else,
/// or one that cannot be written.
void write_synthetic(const std::filesystem::path& out, const SynthOptions& options, const Progress& progress);

/// Whether an earlier call with these very options was completed in `out`, by its synth.json alone.
bool is_written(const std::filesystem::path& out, const SynthOptions& options);

}  // namespace iuf
