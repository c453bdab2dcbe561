#include "iuf/checks/turned_copies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "iuf/checks/near_copies.h"
#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestTurned = 3, kMostFiles = 1000;
// Levels. Nine tenths of the cells of a copy's view are within; of different parts of seven products, turned as fits
// best, they differ by 7 and more.
constexpr double kMostLevels = 1.5;
constexpr double kLeastViewDetail = 8;         // levels, the deviation of a view's cells
constexpr float kWhite = 255, kClipped = 250;  // levels; from there on a change of the light is cut off
constexpr double kLeastGain = 0.5, kMostGain = 2, kOtherLight = 0.02;

GrayPicture mirrored(const GrayPicture& picture) {
  GrayPicture result = picture;
  for (auto line = result.pixels.begin(); line != result.pixels.end(); line += picture.width)
    std::reverse(line, line + picture.width);
  return result;
}

GrayPicture turned(const GrayPicture& picture) {
  const auto width = static_cast<size_t>(picture.width), height = static_cast<size_t>(picture.height);
  GrayPicture result{picture.height, picture.width, std::vector<float>(picture.pixels.size())};
  for (size_t y = 0; y < height; ++y)
    for (size_t x = 0; x < width; ++x) result.pixels[x * height + height - 1 - y] = picture.pixels[y * width + x];
  return result;
}

constexpr size_t kSymmetries = 8;

// Number 0 is the picture itself; the others are its turns by quarters, and these mirrored.
GrayPicture symmetry(GrayPicture picture, size_t number) {
  for (size_t i = 0; i < number % 4; ++i) picture = turned(picture);
  return number < 4 ? picture : mirrored(picture);
}

double deviation(const std::vector<float>& values) {
  double sum = 0, squares = 0;
  for (const float v : values) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  const auto n = static_cast<double>(values.size());
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

// The factor of the light by which the first view becomes the second; none where they show something else.
std::optional<double> gain_between(const GrayPicture& a, const std::vector<float>& b) {
  double aa = 0, ab = 0;
  size_t used = 0;
  const auto is_used = [&](size_t i) { return a.pixels[i] < kClipped && b[i] < kClipped; };
  for (size_t i = 0; i < b.size(); ++i) {
    if (!is_used(i)) continue;
    ++used;
    aa += static_cast<double>(a.pixels[i]) * static_cast<double>(a.pixels[i]);
    ab += static_cast<double>(a.pixels[i]) * static_cast<double>(b[i]);
  }
  if (4 * used < b.size() || aa <= 0) return std::nullopt;
  const double gain = ab / aa;
  if (gain < kLeastGain || gain > kMostGain) return std::nullopt;
  size_t other = 0;
  for (size_t i = 0; i < b.size(); ++i)
    other += is_used(i) && std::abs(static_cast<double>(b[i]) - gain * static_cast<double>(a.pixels[i])) > kMostLevels;
  return 10 * other <= used ? std::optional(gain) : std::nullopt;
}

// A photograph and the symmetries of its view.
struct Known {
  size_t place;
  std::array<GrayPicture, kSymmetries> views;
};

// Frames of a still camera, which are of one light, are told elsewhere (still_frames).
bool is_made(size_t number, double gain) {
  return number > 0 || std::abs(gain - 1) >= kOtherLight;
}

bool show_the_same(const SeenPicture& a, const SeenPicture& b, size_t number, double gain, const ValueWindow& window) {
  try {
    GrayPicture expected = symmetry(gray_of(read_image(a.file, window)), number),
                found = gray_of(read_image(b.file, window));
    // What was cut off in the lighter one is cut off in both.
    const auto factor = static_cast<float>(gain), white = kWhite * std::min(1.0F, factor);
    for (float& v : expected.pixels) v = std::min(white, v * factor);
    for (float& v : found.pixels) v = std::min(white, v);
    return differ_by_compression(expected, found);
  } catch (const std::exception&) {  // told about where it is used
    return false;
  }
}

}  // namespace

std::vector<size_t> first_of_photograph(const std::vector<SeenPicture>& pictures, const ValueWindow& window) {
  constexpr auto kSide = static_cast<int>(Scene::kView);
  std::vector<size_t> first(pictures.size());
  std::vector<Known> photographs;
  for (size_t i = 0; i < pictures.size(); ++i) {
    first[i] = i;
    const std::vector<float>& view = pictures[i].view;
    if (view.empty() || deviation(view) < kLeastViewDetail) continue;
    for (const Known& known : photographs)
      for (size_t number = 0; number < kSymmetries && first[i] == i; ++number)
        if (const auto gain = gain_between(known.views[number], view); gain && is_made(number, *gain))
          if (show_the_same(pictures[known.place], pictures[i], number, *gain, window)) first[i] = known.place;
    if (first[i] != i) continue;
    Known& known = photographs.emplace_back(Known{i, {}});
    for (size_t number = 0; number < kSymmetries; ++number)
      known.views[number] = symmetry(GrayPicture{kSide, kSide, view}, number);
  }
  return first;
}

std::vector<size_t> photographs_of(const std::vector<std::filesystem::path>& files, const ValueWindow& window) {
  std::vector<size_t> own(files.size());
  std::iota(own.begin(), own.end(), size_t{0});
  if (files.size() > kMostFiles) return own;
  const auto first_of = [&](const std::vector<size_t>& which) {
    std::vector<SeenPicture> pictures(which.size());
    parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
      SeenPicture& picture = pictures[static_cast<size_t>(n)];
      picture.file = files[which[static_cast<size_t>(n)]];
      try {
        picture.view = view_of(read_image(picture.file, window));
      } catch (const std::exception&) {  // told about where it is used
      }
    });
    return first_of_photograph(pictures, window);
  };
  const std::vector<size_t> some = first_of(spread_sample(files.size()));
  size_t copies = 0;
  for (size_t i = 0; i < some.size(); ++i) copies += some[i] != i;
  if (copies < kFewestTurned) return own;
  return files.size() == some.size() ? some : first_of(own);
}

namespace {

// The pictures that were looked at.
struct LookedAtPictures {
  std::vector<SeenPicture> pictures = {};
  std::vector<const Scene*> scenes = {};

  void add(const PictureUse& use) {
    for (size_t i = 0; i < use.samples.size(); ++i)
      if (use.scenes[i]) {
        pictures.push_back({use.samples[i]->file, use.scenes[i]->view});
        scenes.push_back(&*use.scenes[i]);
      }
  }
  size_t size() const { return pictures.size(); }
  // Whether one is a copy of this other one. Equal ones are told elsewhere.
  bool is_copy(size_t i, size_t first) const { return first != i && scenes[i]->cells != scenes[first]->cells; }
  std::string pair(size_t i, size_t first) const {
    return place_of(pictures[first].file) + " and " + place_of(pictures[i].file);
  }
};

// The test images of a label that are such copies of one another; a sentence, empty for less than 3.
std::string turned_tests(const PictureUse& use) {
  LookedAtPictures looked;
  looked.add(use);
  const std::vector<size_t> first = first_of_photograph(looked.pictures, use.window);
  size_t copies = 0;
  std::string pair;
  for (size_t i = 0; i < looked.size(); ++i)
    if (looked.is_copy(i, first[i]) && copies++ == 0) pair = looked.pair(i, first[i]);
  if (copies < kFewestTurned) return "";
  return std::to_string(looked.size()) + " " + use.name + " that were looked at are of about " +
         std::to_string(looked.size() - copies) +
         " photographs, mirrored, turned by quarters, lighter or darker (first: " + pair +
         "): the figures are of so few";
}

// The same of normal images, to learn from and to test, that are copies of those to learn from.
std::string turned_normal(const std::vector<PictureUse>& uses) {
  LookedAtPictures looked;
  size_t learned = 0;  // the first ones
  for (const PictureUse& use : uses) {
    if (use.defect) continue;
    looked.add(use);
    if (use.train) learned = looked.size();
  }
  if (learned == 0) return "";
  const std::vector<size_t> first = first_of_photograph(looked.pictures, uses.front().window);
  size_t copies = 0, tests = 0;
  std::string pair;
  for (size_t i = 0; i < looked.size(); ++i) {
    if (first[i] >= learned || !looked.is_copy(i, first[i])) continue;
    ++(i < learned ? copies : tests);
    if (pair.empty()) pair = looked.pair(i, first[i]);
  }
  std::vector<std::string> said;
  if (copies >= kFewestTurned)
    said.push_back(std::to_string(learned) + " images to learn from that were looked at are of about " +
                   std::to_string(learned - copies) + " photographs");
  if (tests >= kFewestTurned)
    said.push_back(std::to_string(tests) + " normal test images are of photographs to learn from");
  if (said.empty()) return "";
  return joined(said, ", and ") + ", mirrored, turned by quarters, lighter or darker (first: " + pair +
         "): thresholds and figures are too good; give each photograph once";
}

}  // namespace

std::string turned_copies(const std::vector<PictureUse>& uses) {
  std::vector<std::string> said = {turned_normal(uses)};
  for (const PictureUse& use : uses)
    if (!use.train) said.push_back(turned_tests(use));
  std::erase(said, "");
  return joined(said, "; ");
}

}  // namespace iuf
