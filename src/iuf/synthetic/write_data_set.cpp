#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "iuf/synthetic/checked_size.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr int format_version = 1;
constexpr uint64_t first_test_image = 1ULL << 32;  // test images do not change with the number of training images
constexpr const char* marker = "synth.json";

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

const std::vector<std::string>& objects_of(const SynthOptions& options) {
  return options.objects.empty() ? synthetic_object_names(options.scene) : options.objects;
}

std::vector<Item> plan(const SynthOptions& options) {
  std::vector<Item> items;
  for (const std::string& object : objects_of(options)) {
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

std::string text_of(const Extent& size) {
  std::ostringstream text;
  text << size;
  return text.str();
}

/// Of products as it was before there were plates.
nlohmann::ordered_json to_json(const SynthOptions& options) {
  nlohmann::ordered_json json;
  if (options.scene == SynthScene::plates) json["scene"] = "plates";
  json["seed"] = options.seed;
  if (options.size == Extent())
    json["size"] = "own";
  else if (options.size.width == options.size.height)
    json["size"] = options.size.width;
  else
    json["size"] = text_of(options.size);
  json["train"] = options.train;
  json["test_good"] = options.test_good;
  json["per_defect"] = options.per_defect;
  json["objects"] = objects_of(options);
  return json;
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

Extent extent_of(const std::string& text) {
  Extent size;
  if (text == "own") return size;
  std::istringstream in(text);
  if (!(in >> size) || in.peek() != EOF) fail("'", text, "' is no size");
  return size;
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
    if (from.contains("scene")) {
      if (from.at("scene") != "plates") fail("its scene is not known");
      options.scene = SynthScene::plates;
    }
    if (from.at("size").is_string())
      options.size = extent_of(from.at("size").get<std::string>());
    else
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

void check(const SynthOptions& options) {
  const auto check_count = [](const char* name, int count) {
    if (count < 0 || count > synthetic_most_images)
      fail("synth: ", name, " = ", count, " is outside 0 to ", synthetic_most_images);
  };
  check_count("train", options.train);
  check_count("test_good", options.test_good);
  check_count("per_defect", options.per_defect);
  const std::vector<std::string>& all = synthetic_object_names(options.scene);
  for (const std::string& object : objects_of(options)) {
    synthetic_defect_kinds(object);  // throws for one that is in no scene
    if (std::ranges::count(all, object) == 0)
      fail("synth: object '", object, "' is of another scene; here there are: ", joined(all, ", "));
    if (std::ranges::count(options.objects, object) > 1) fail("synth: object '", object, "' is named twice");
    checked_size(object, options.size);
  }
}

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

SynthOptions synth_defaults(SynthScene scene) {
  if (scene == SynthScene::products) return {};
  return {.scene = scene, .size = Extent(), .train = 30, .test_good = 10, .per_defect = 10, .objects = {}};
}

bool is_written(const std::filesystem::path& out, const SynthOptions& options) {
  if (!std::filesystem::exists(out / marker)) return false;
  const nlohmann::json json = nlohmann::json::parse(read_text(out / marker), nullptr, false);
  return json.is_object() && json.value("complete", false) && json.contains("options") &&
         json["options"] == nlohmann::json(to_json(options));
}

}  // namespace iuf
