#include "iuf/checks/alike_pictures.h"

#include <algorithm>
#include <set>

#include "iuf/data/listing.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kFewestAlike = 5, kFewestTests = 3, kFewestNormal = 3, kFewestDefects = 2;

struct Nearest {
  const Sample* sample = nullptr;
  const Scene* scene = nullptr;
  double far = 0;
};

Nearest nearest(const Scene& scene, const PictureUse& use) {
  Nearest best;
  for (size_t i = 0; i < use.samples.size(); ++i) {
    if (!use.scenes[i] || &*use.scenes[i] == &scene || !are_comparable(scene, *use.scenes[i])) continue;
    if (use.scenes[i]->cells == scene.cells) continue;
    const double far = distance(scene, *use.scenes[i]);
    if (!best.sample || far < best.far) best = {use.samples[i], &*use.scenes[i], far};
  }
  return best;
}

struct Found {
  size_t still = 0, all = 0;
  std::string first = {};
};

Found still_in(const PictureUse& use, const PictureUse& learned) {
  Found found;
  for (size_t i = 0; i < use.samples.size(); ++i) {
    if (!use.scenes[i]) continue;
    ++found.all;
    const Nearest other = nearest(*use.scenes[i], learned);
    if (!other.sample || other.far > distance_by_noise(*use.scenes[i], *other.scene)) continue;
    if (found.still++ == 0) found.first = place_of(use.samples[i]->file) + " and " + place_of(other.sample->file);
  }
  return found;
}

// The largest rectangle of cells that are true.
struct Rectangle {
  int left = 0, top = 0, right = 0, bottom = 0;
  int area() const { return (right - left) * (bottom - top); }
};

Rectangle largest_rectangle(const std::vector<char>& cells, int columns, int rows) {
  Rectangle best;
  std::vector<int> heights(static_cast<size_t>(columns));  // of the true cells above and at each column
  for (int row = 0; row < rows; ++row) {
    for (int c = 0; c < columns; ++c) {
      int& height = heights[static_cast<size_t>(c)];
      height = cells[static_cast<size_t>(row * columns + c)] ? height + 1 : 0;
    }
    for (int left = 0; left < columns; ++left) {
      int height = rows;
      for (int right = left; right < columns; ++right) {
        height = std::min(height, heights[static_cast<size_t>(right)]);
        const Rectangle found{left, row + 1 - height, right + 1, row + 1};
        if (found.area() > best.area()) best = found;
      }
    }
  }
  return best;
}

}  // namespace

std::string still_frames(const std::vector<PictureUse>& uses) {
  std::vector<std::string> learned, tested;
  std::string first;
  if (uses.empty() || !uses.front().train) return "";
  // Where at least half of those of a use are frames.
  const auto look = [&](const PictureUse& use, const PictureUse& others, size_t fewest,
                        std::vector<std::string>& said) {
    const Found found = still_in(use, others);
    if (found.all < fewest || 2 * found.still < found.all) return false;
    said.push_back(std::to_string(found.still) + " of " + std::to_string(found.all) + " " + use.name);
    if (first.empty()) first = found.first;
    return true;
  };
  for (const PictureUse& use : uses) {
    const bool is_said = !use.defect && look(use, uses.front(), use.train ? kFewestAlike : kFewestTests, learned);
    if (!use.train && !is_said) look(use, use, kFewestAlike, tested);
  }
  const std::string by_noise = " by no more than noise";
  std::vector<std::string> said;
  if (!learned.empty())
    said.push_back(joined(learned, " and ") + " that were looked at differ from another one to learn from" + by_noise);
  if (!tested.empty())
    said.push_back(joined(tested, " and ") + " that were looked at differ from another one of these" + by_noise);
  if (said.empty()) return "";
  return joined(said, "; ") + " (first: " + first +
         "): frames of one part by a still camera? Thresholds and figures need images of different parts";
}

std::string constant_part(const std::vector<PictureUse>& uses) {
  std::set<std::vector<uint64_t>> normal;
  std::vector<const Scene*> defects;
  const Scene* any = nullptr;
  for (const PictureUse& use : uses)
    for (const auto& scene : use.scenes) {
      if (!scene) continue;
      if (!any) any = &*scene;
      if (!are_comparable(*any, *scene)) return "";
      if (use.defect)
        defects.push_back(&*scene);
      else
        normal.insert(scene->cells);
    }
  if (normal.size() < kFewestNormal || defects.size() < kFewestDefects) return "";
  const std::vector<uint64_t>& one = *normal.begin();
  std::vector<char> same(one.size(), 1);
  for (const std::vector<uint64_t>& cells : normal)
    for (size_t i = 0; i < same.size(); ++i) same[i] = same[i] && cells[i] == one[i];
  const Rectangle part = largest_rectangle(same, any->columns, any->rows);
  if (8 * part.area() < any->columns * any->rows) return "";
  const auto is_other = [&](const Scene* scene) {
    for (int row = part.top; row < part.bottom; ++row)
      for (int c = part.left; c < part.right; ++c)
        if (const auto i = static_cast<size_t>(row * any->columns + c); scene->cells[i] != one[i]) return true;
    return false;
  };
  const auto others = static_cast<size_t>(std::ranges::count_if(defects, is_other));
  if (2 * others < defects.size()) return "";
  const int left = part.left * any->width / any->columns, right = part.right * any->width / any->columns,
            top = part.top * any->height / any->rows, bottom = part.bottom * any->height / any->rows;
  return "a part of " + std::to_string(right - left) + " x " + std::to_string(bottom - top) + " pixels (" +
         std::to_string(left) + " from the left, " + std::to_string(top) +
         " from the top) is exactly the same in all " + "normal images that were looked at, but not in " +
         std::to_string(others) + " of " + std::to_string(defects.size()) +
         " defective ones: if it shows a mask or a text, cut it off, or figures " + "measure it";
}

}  // namespace iuf
