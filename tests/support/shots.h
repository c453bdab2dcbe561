#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "iuf/learn/model.h"
#include "iuf/synthetic/data_set.h"
#include "support/dice.h"
#include "support/temporary_folder.h"

// Several photographs of one part, which was put back in between.
namespace iuf {

constexpr int kPartSize = 240, kShotCut = 8;  // pixels; a border of a shot is cut off

// A shot of a part that was moved by less than `most` pixels and turned by less than a hundredth, in a light of its
// own, with a camera's noise.
inline Image shot_of(const Image& part, double most, Dice& dice) {
  const auto any = [&] { return 2 * static_cast<double>(dice.below(1001)) / 1000 - 1; };
  const double across = most * any(), down = most * any(), turn = 0.01 * any(), light = 1 + 0.03 * any();
  const double middle = 0.5 * (kPartSize - 1);
  Image shot = blank_image(kPartSize - 2 * kShotCut, kPartSize - 2 * kShotCut, 3);
  for (int y = 0; y < shot.height; ++y)
    for (int x = 0; x < shot.width; ++x) {
      const double u = x + kShotCut - middle, v = y + kShotCut - middle;
      const double from_x = middle + u - turn * v + across, from_y = middle + v + turn * u + down;
      const int x0 = static_cast<int>(from_x), y0 = static_cast<int>(from_y);
      const double fx = from_x - x0, fy = from_y - y0;
      for (int c = 0; c < 3; ++c) {
        const auto at = [&](int row, int column) { return static_cast<double>(part.row(row)[3 * column + c]); };
        const double value = (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x0 + 1)) +
                             fy * ((1 - fx) * at(y0 + 1, x0) + fx * at(y0 + 1, x0 + 1));
        const double noisy = light * value + 2 * any();
        shot.row(y)[3 * x + c] = static_cast<uint8_t>(std::clamp(std::lround(noisy), 0L, 255L));
      }
    }
  return shot;
}

// Parts of a generated product, and a line's photographs of them.
struct Line {
  std::string object;
  TemporaryFolder folder = {};
  std::vector<std::filesystem::path> parts = {};

  explicit Line(const std::string& name, int count = 24) : object(name) {
    write_synthetic(folder / "parts",
                    {.size = kPartSize, .train = count, .test_good = 1, .per_defect = 1, .objects = {object}}, {});
    parts = list_images(folder / "parts" / object / "train");
  }
  // Shots of `count` parts from this one on, in no order; on another day the same parts lie otherwise.
  void photograph(const std::filesystem::path& to, size_t begin, size_t count, size_t shots, double most = 2,
                  uint32_t day = 0) const {
    std::filesystem::create_directories(to);
    Dice dice(static_cast<uint32_t>(begin) + 1000 * day);
    for (size_t s = 0; s < shots; ++s)
      for (size_t p = 0; p < count; ++p)
        write_png(to / (std::to_string(s * count + (7 * p + s) % count) + ".png"),
                  shot_of(read_image(parts[begin + p]), most, dice));
  }
  Model model() const {
    Settings settings = starting_settings("fast", "gaussian");
    settings.image_size = 224;
    return Model("fast", "gaussian", settings, Backbone::embedded());
  }
};

inline std::vector<std::string> images_in(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const std::filesystem::path& file : list_images(folder)) files.push_back(file.string());
  return files;
}

}  // namespace iuf
