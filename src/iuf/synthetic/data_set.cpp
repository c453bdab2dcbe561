#include "iuf/synthetic/data_set.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/synthetic/scene.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

using synthetic::Flaw;
using synthetic::Kind;
using synthetic::Pose;
using synthetic::Product;
using synthetic::Random;
using synthetic::Surface;

constexpr int format_version = 1;
constexpr int min_size = 32, max_size = 2048, max_images = 100000;
constexpr uint64_t grades = 8;                     // from the easiest defect to the hardest
constexpr uint64_t first_test_image = 1ULL << 32;  // test images do not change with the number of training images
constexpr const char* marker = "synth.json";

const Product& find_product(const std::string& name) {
  std::string known;
  for (const Product& product : synthetic::products()) {
    if (product.name == name) return product;
    known += (known.empty() ? "" : ", ") + std::string(product.name);
  }
  fail("synth: there is no object '", name, "'; there are: ", known);
}

const Kind& find_kind(const Product& product, const std::string& name) {
  std::string known = "good";
  for (const Kind& kind : product.kinds) {
    if (kind.name == name) return kind;
    known += ", " + std::string(kind.name);
  }
  fail("synth: object '", product.name, "' has no kind '", name, "'; there are: ", known);
}

void check_size(int size) {
  if (size < min_size || size > max_size) {
    fail("synth: image size ", size, " is outside ", min_size, " to ", max_size);
  }
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

}  // namespace

const std::vector<std::string>& synthetic_object_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Product& product : synthetic::products()) list.emplace_back(product.name);
    return list;
  }();
  return names;
}

std::vector<std::string> synthetic_defect_kinds(const std::string& object) {
  std::vector<std::string> names;
  for (const Kind& kind : find_product(object).kinds) names.emplace_back(kind.name);
  return names;
}

SynthImage render_synthetic(const std::string& object, const std::string& kind, uint64_t seed, uint64_t index,
                            int size) {
  const Product& product = find_product(object);
  const Kind* defect = kind == "good" ? nullptr : &find_kind(product, kind);
  check_size(size);
  const Random random = Random(seed).fork(object).fork(kind).fork(index);
  const Pose pose = make_pose(product, random.fork("pose"));

  Surface good(size);
  product.paint(good, pose, random.fork("object"), nullptr);
  SynthImage result;
  result.kind = kind;
  result.good_twin = synthetic::photograph(good, random.fork("photo"));
  result.image = result.good_twin;
  if (mark_changes(result.image, result.good_twin, result.mask); defect == nullptr) return result;

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

namespace {

/// One image of the data set and where it goes; `mask` is empty for a good one.
struct Item {
  std::string object, kind;
  uint64_t index;
  std::filesystem::path image, mask;
};

std::string three_digits(int number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

void check(const SynthOptions& options) {
  check_size(options.size);
  const auto check_count = [](const char* name, int count) {
    if (count < 0 || count > max_images) fail("synth: ", name, " = ", count, " is outside 0 to ", max_images);
  };
  check_count("train", options.train);
  check_count("test_good", options.test_good);
  check_count("per_defect", options.per_defect);
  for (const std::string& object : options.objects) {
    find_product(object);
    if (std::count(options.objects.begin(), options.objects.end(), object) > 1)
      fail("synth: object '", object, "' is named twice");
  }
}

std::vector<Item> plan(const SynthOptions& options) {
  std::vector<Item> items;
  for (const std::string& object : options.objects.empty() ? synthetic_object_names() : options.objects) {
    const std::filesystem::path folder = object;
    for (int i = 0; i < options.train; ++i)
      items.push_back(
          {object, "good", static_cast<uint64_t>(i), folder / "train" / "good" / (three_digits(i) + ".png"), {}});
    for (int i = 0; i < options.test_good; ++i)
      items.push_back({object,
                       "good",
                       first_test_image + static_cast<uint64_t>(i),
                       folder / "test" / "good" / (three_digits(i) + ".png"),
                       {}});
    for (const std::string& kind : synthetic_defect_kinds(object))
      for (int i = 0; i < options.per_defect; ++i)
        items.push_back({object, kind, static_cast<uint64_t>(i), folder / "test" / kind / (three_digits(i) + ".png"),
                         folder / "ground_truth" / kind / (three_digits(i) + "_mask.png")});
  }
  return items;
}

nlohmann::ordered_json to_json(const SynthOptions& options) {
  return {{"seed", options.seed},
          {"size", options.size},
          {"train", options.train},
          {"test_good", options.test_good},
          {"per_defect", options.per_defect},
          {"objects", options.objects.empty() ? synthetic_object_names() : options.objects}};
}

enum class State { begun, complete };

void write_marker(const std::filesystem::path& out, const SynthOptions& options, State state) {
  const nlohmann::ordered_json json = {
      {"format", "iuf synth"},
      {"version", format_version},
      {"about", "procedural images in MVTec-AD's layout; the same options give the same pixels"},
      {"complete", state == State::complete},
      {"options", to_json(options)}};
  write_file(out / marker, json.dump(2) + "\n");
}

/// What an earlier call wrote into `out`, seed apart. Anything but such a folder is an error.
SynthOptions earlier_options(const std::filesystem::path& out) {
  try {
    const nlohmann::json json = nlohmann::json::parse(read_text(out / marker));
    if (json.at("format") != "iuf synth") fail("its format is not 'iuf synth'");
    const nlohmann::json& from = json.at("options");
    const auto whole = [&](const char* key) {
      if (!from.at(key).is_number_integer()) fail("'", key, "' is not a whole number");
      return from.at(key).get<int>();
    };
    SynthOptions options;
    options.size = whole("size");
    options.train = whole("train");
    options.test_good = whole("test_good");
    options.per_defect = whole("per_defect");
    options.objects = from.at("objects").get<std::vector<std::string>>();
    check(options);
    return options;
  } catch (const std::exception& error) {
    fail("synth: ", out.string(), " is not empty and its ", marker, " cannot be used (", error.what(),
         "); give another folder or remove this one");
  }
}

/// Removes what an earlier call wrote into `out` and `items` will not overwrite, and the folders that are empty then.
void remove_stale(const std::filesystem::path& out, const std::vector<Item>& items) {
  std::error_code error;
  if (!std::filesystem::exists(out / marker, error)) {
    const bool empty = std::filesystem::is_empty(out, error);
    if (error) fail("synth: ", out.string(), " cannot be listed: ", error.message(), "; give another folder");
    if (!empty) fail("synth: ", out.string(), " is not empty and not the output of synth; give another folder");
    return;
  }
  std::set<std::filesystem::path> kept;
  for (const Item& item : items) kept.insert({item.image, item.mask});
  for (const Item& item : plan(earlier_options(out)))
    for (std::filesystem::path path : {item.image, item.mask}) {
      if (path.empty() || kept.count(path) > 0) continue;
      for (bool removed = true; removed && !path.empty(); path = path.parent_path())
        removed = std::filesystem::remove(out / path, error);  // a folder only if it is empty
    }
}

}  // namespace

void write_synthetic(const std::filesystem::path& out, const SynthOptions& options, const Progress& progress) {
  check(options);
  const std::vector<Item> items = plan(options);
  make_folder(out);
  remove_stale(out, items);
  write_marker(out, options, State::begun);
  std::set<std::filesystem::path> folders;
  for (const Item& item : items)
    for (const std::filesystem::path& path : {item.image, item.mask})
      if (!path.empty()) folders.insert(path.parent_path());
  for (const std::filesystem::path& folder : folders) make_folder(out / folder);

  int64_t done = 0;
  std::mutex mutex;
  parallel_for(static_cast<int64_t>(items.size()), 1, [&](int64_t i, int64_t) {
    const Item& item = items[static_cast<size_t>(i)];
    const SynthImage picture = render_synthetic(item.object, item.kind, options.seed, item.index, options.size);
    write_png(out / item.image, picture.image);
    if (!item.mask.empty()) write_png(out / item.mask, picture.mask);
    const std::lock_guard lock(mutex);
    progress("images", ++done, static_cast<int64_t>(items.size()));
  });
  write_marker(out, options, State::complete);
}

}  // namespace iuf
