#include "iuf/synthetic/data_set.h"

#include <algorithm>

#include "iuf/synthetic/checked_size.h"
#include "iuf/synthetic/plate_scene.h"
#include "iuf/synthetic/scene.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using synthetic::Flaw;
using synthetic::Kind;
using synthetic::Plate;
using synthetic::Pose;
using synthetic::Product;
using synthetic::Random;
using synthetic::SmallFlaw;
using synthetic::Surface;

constexpr int min_size = 32, max_size = 2048;                           // of products
constexpr int min_side = 384, max_side = 8192, longest_to_shorter = 8;  // of plates
constexpr uint64_t grades = 8, plate_grades = 10;                       // from the easiest defect to the hardest

/// One of the two is there.
struct Subject {
  const Product* product = nullptr;
  const Plate* plate = nullptr;
};

Subject find_object(const std::string& name) {
  std::string known;
  for (const Product& product : synthetic::products()) {
    if (product.name == name) return {.product = &product};
    known += std::string(product.name) + ", ";
  }
  known += "and of the scene 'plates':";
  for (const Plate& plate : synthetic::plates()) {
    if (plate.name == name) return {.plate = &plate};
    known += " " + std::string(plate.name);
  }
  fail("synth: there is no object '", name, "'; there are: ", known);
}

/// Throws Error for a kind that the object does not have.
void check_kind(const std::string& object, const std::string& name) {
  if (name == "good") return;
  const std::vector<std::string> kinds = synthetic_defect_kinds(object);
  if (std::ranges::count(kinds, name) > 0) return;
  std::string known = "good";
  for (const std::string& kind : kinds) known += ", " + kind;
  fail("synth: object '", object, "' has no kind '", name, "'; there are: ", known);
}

void check_product_size(const Extent& size) {
  if (size.width != size.height) fail("synth: image size ", size, ": photographs of products are squares");
  if (size.width < min_size || size.width > max_size)
    fail("synth: image size ", size.width, " is outside ", min_size, " to ", max_size);
}

void check_plate_size(const Extent& size) {
  const int shorter = std::min(size.width, size.height), longer = std::max(size.width, size.height);
  if (shorter < min_side || longer > max_side)
    fail("synth: image size ", size, ": plates have sides of ", min_side, " to ", max_side, " pixels");
  if (longer > longest_to_shorter * shorter)
    fail("synth: image size ", size, ": one side is more than ", longest_to_shorter, " times the other");
}

Pose make_pose(const Product& product, Random random) {
  Pose pose;
  pose.shift = {random.range(-product.shift, product.shift), random.range(-product.shift, product.shift)};
  pose.turn = synthetic::direction(random.range(-product.turn, product.turn));
  pose.zoom = 1 + random.range(-product.zoom, product.zoom);
  return pose;
}

/// 255 where the images differ visibly; returns how many pixels that are.
size_t mark_changes(const Image& a, const Image& b, Image& mask) {
  size_t count = 0;
  mask = {a.width, a.height, 1, std::vector<uint8_t>(a.pixels.size() / 3)};
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    int change = 0;
    for (size_t c = 3 * i; c < 3 * i + 3; ++c) change = std::max(change, std::abs(int{a.pixels[c]} - int{b.pixels[c]}));
    if (change < synthetic_visible_levels) continue;
    mask.pixels[i] = 255;
    ++count;
  }
  return count;
}

SynthImage render_product(const Product& product, const std::string& kind, const Random& random, uint64_t index,
                          int size) {
  const auto defect = std::ranges::find(product.kinds, kind, &Kind::name);
  const Pose pose = make_pose(product, random.fork("pose"));

  Surface good(size);
  product.paint(good, pose, random.fork("object"), nullptr);
  SynthImage result;
  result.kind = kind;
  result.good_twin = synthetic::photograph(good, random.fork("photo"));
  result.image = result.good_twin;
  if (mark_changes(result.image, result.good_twin, result.mask); defect == product.kinds.end()) return result;

  // A hard defect may fall where nobody could see it; then it is made again elsewhere, a little easier.
  Flaw flaw{defect->name, static_cast<float>(index % grades) / (grades - 1), random};
  const size_t enough = std::max<size_t>(4, result.mask.pixels.size() / 2000);
  for (uint64_t attempt = 0; attempt < 6; ++attempt, flaw.hard *= 0.8F) {
    flaw.random = random.fork("defect").fork(attempt);
    Surface surface(size);
    product.paint(surface, pose, random.fork("object"), &flaw);
    defect->draw(surface, flaw, defect->look);
    result.image = synthetic::photograph(surface, random.fork("photo"));
    if (mark_changes(result.image, result.good_twin, result.mask) >= enough) break;
  }
  return result;
}

SynthImage render_plate(const Plate& plate, const std::string& kind, const Random& random, uint64_t index,
                        const Extent& size) {
  const synthetic::View view = synthetic::make_view(size, random.fork("pose"));
  const synthetic::Shot shot(random.fork("photo"));
  synthetic::Canvas canvas(size, plate.channels);
  plate.paint(canvas, view, random.fork("object"));
  SynthImage result;
  result.kind = kind;
  result.good_twin = blank_image(size.width, size.height, plate.channels);
  shot.take(canvas, {0, 0, size.width, size.height}, result.good_twin);
  result.image = result.good_twin;
  result.mask = blank_image(size.width, size.height, 1);
  if (kind == "good") return result;

  const float grade = static_cast<float>(index % plate_grades) / (plate_grades - 1);
  const SmallFlaw flaw(kind, plate, canvas, view, grade, index % 2 == 1, random.fork("defect"));
  flaw.draw(canvas);
  synthetic::Region changed = flaw.region(size);
  changed = {std::max(0, changed.left - 1), std::max(0, changed.top - 1), std::min(size.width, changed.right + 1),
             std::min(size.height, changed.bottom + 1)};  // the lens spreads it by a pixel
  shot.take(canvas, changed, result.image);
  result.mask = flaw.mask(size);
  return result;
}

}  // namespace

const std::vector<std::string>& synthetic_object_names(SynthScene scene) {
  static const auto names_of = [](const auto& list) {
    std::vector<std::string> names;
    for (const auto& object : list) names.emplace_back(object.name);
    return names;
  };
  static const std::vector<std::string> products = names_of(synthetic::products()),
                                        plates = names_of(synthetic::plates());
  return scene == SynthScene::products ? products : plates;
}

std::vector<std::string> synthetic_defect_kinds(const std::string& object) {
  const Subject subject = find_object(object);
  if (subject.plate != nullptr) return {synthetic::small_flaw_kinds().begin(), synthetic::small_flaw_kinds().end()};
  std::vector<std::string> names;
  for (const Kind& kind : subject.product->kinds) names.emplace_back(kind.name);
  return names;
}

Extent checked_size(const std::string& object, Extent size) {
  const Subject subject = find_object(object);
  if (subject.plate != nullptr && size == Extent()) return subject.plate->size;
  subject.plate != nullptr ? check_plate_size(size) : check_product_size(size);
  return size;
}

SynthImage render_synthetic(const std::string& object, const std::string& kind, uint64_t seed, uint64_t index,
                            Extent size) {
  const Subject subject = find_object(object);
  check_kind(object, kind);
  size = checked_size(object, size);
  const Random random = Random(seed).fork(object).fork(kind).fork(index);
  return subject.plate != nullptr ? render_plate(*subject.plate, kind, random, index, size)
                                  : render_product(*subject.product, kind, random, index, size.width);
}

}  // namespace iuf
