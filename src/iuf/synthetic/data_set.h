#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/image.h"
#include "iuf/data/progress.h"

namespace iuf {

/// Procedural photographs of ten products, with defects and their pixel masks: a data set that needs no download.
/// The pixels depend on (seed, object, kind, index, size) alone and are the same on every machine.
struct SynthOptions {
  uint64_t seed = 0;
  int size = 256;                    ///< width and height in pixels, 32 to 2048
  int train = 60;                    ///< good images to train on, per object
  int test_good = 20;                ///< good images to test on, per object
  int per_defect = 8;                ///< defective images per kind of defect and object
  std::vector<std::string> objects;  ///< empty: all
};

/// In alphabetical order.
const std::vector<std::string>& synthetic_object_names();
/// The kinds of defects that `object` can have, in alphabetical order. Throws Error for an unknown object.
std::vector<std::string> synthetic_defect_kinds(const std::string& object);

/// A pixel of a defective image belongs to the mask if some channel differs from the same photograph without the defect
/// (same pose, light and sensor noise) by at least this many of 255 levels.
inline constexpr int synthetic_visible_levels = 9;

struct SynthImage {
  Image image;       ///< size x size x 3
  Image mask;        ///< size x size x 1, 0 or 255; all 0 for a good image
  Image good_twin;   ///< the same photograph without the defect; equal to `image` for a good one
  std::string kind;  ///< "good" or the kind of defect
};

/// Image `index` of a kind ("good" or one of synthetic_defect_kinds). The defects of index 0 are the easiest to see,
/// those of index 7 the hardest; from 8 on this repeats, with other poses and places. Throws Error for an unknown name
/// or size.
SynthImage render_synthetic(const std::string& object, const std::string& kind, uint64_t seed, uint64_t index,
                            int size);

/// Writes a data set in MVTec-AD's layout, each file whole or not at all:
///   out/OBJECT/train/good/000.png  test/good/000.png  test/KIND/000.png  ground_truth/KIND/000_mask.png
/// and out/synth.json with the options. `out` must be absent, empty or the output of an earlier call; of an earlier
/// call with other options the files that are no longer part of it are removed. `progress` is called after each image,
/// by one thread at a time, with the stage "images". Throws Error for bad options, a folder that holds anything else,
/// or one that cannot be written.
void write_synthetic(const std::filesystem::path& out, const SynthOptions& options, const Progress& progress);

}  // namespace iuf
