#include "iuf/run/run_description.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "iuf/data/json_fields.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// Keys whose values differ, those of `images` with what they are.
void add_differences(std::set<std::string>& names, const json& x, const json& y, const std::string& name) {
  if (x == y) return;
  if (!x.is_object() || !y.is_object()) {
    names.insert(name);
    return;
  }
  const auto value = [](const json& object, const std::string& key) {
    return object.contains(key) ? object.at(key) : json();
  };
  for (const json* side : {&x, &y})
    for (const auto& item : side->items()) {
      const std::string& key = item.key();
      add_differences(names, value(x, key), value(y, key), name == "images" ? "images of " + key : key);
    }
}

// Of each object, what `of` says of its samples in this part: in order of the hashes, those of training images once.
template <class Of>
std::map<std::string, uint64_t> hashes(const Dataset& data, const std::vector<std::string>& objects, Part part,
                                       const Progress& progress, const Of& of) {
  std::map<std::string, uint64_t> hashes;
  for (const std::string& object : objects) {
    const std::vector<Sample> samples = data.select(object, part);
    std::vector<uint64_t> each(samples.size());
    std::mutex mutex;
    int64_t done = 0;
    parallel_for(static_cast<int64_t>(samples.size()), 1, [&](int64_t i, int64_t) {
      each[static_cast<size_t>(i)] = of(samples[static_cast<size_t>(i)]);
      const std::lock_guard lock(mutex);
      progress("reading " + object, ++done, static_cast<int64_t>(samples.size()));
    });
    std::ranges::sort(each);
    if (part == Part::train) each.erase(std::unique(each.begin(), each.end()), each.end());
    uint64_t& all = hashes[object];
    for (const uint64_t hash : each) all = mix_key(all, hash);
  }
  return hashes;
}

}  // namespace

std::string absolute_text(const fs::path& data) {
  return escaped(fs::absolute(data).lexically_normal().string());
}

std::vector<std::string> normal_images(const Dataset& data, const std::string& object) {
  std::vector<std::string> files;
  for (const Sample& sample : data.select(object, Part::train))
    if (!sample.defect) files.push_back(sample.file.string());
  if (files.empty()) fail("object '", object, "' has no normal training images in the data set");
  return files;
}

uint64_t readable_hash(const fs::path& file) {
  try {
    return hash_bytes(read_file(file));
  } catch (const Error&) {
    return 0;
  }
}

std::map<std::string, uint64_t> training_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                                const Progress& progress) {
  return hashes(data, objects, Part::train, progress,
                [](const Sample& sample) { return hash_bytes(read_file(sample.file)); });
}

std::map<std::string, uint64_t> testing_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                               const Progress& progress) {
  return hashes(data, objects, Part::test, progress, [](const Sample& sample) {
    uint64_t hash = mix_key(readable_hash(sample.file), sample.defect ? fnv1a(sample.label_name) : 1);
    std::vector<uint64_t> masks;
    for (const fs::path& mask : sample.masks) masks.push_back(readable_hash(mask));
    std::ranges::sort(masks);
    for (const uint64_t mask : masks) hash = mix_key(hash, mask);
    return hash;
  });
}

void require_same(const fs::path& folder, const std::string& what, json found, json now) {
  constexpr const char* advice = "; choose another folder, or delete this one to start again";
  if (!found.is_object() || found.value("format", json()) != now.at("format"))
    fail(folder.string(), ": holds a ", what, " of another version of this program", advice);
  for (json* side : {&found, &now}) side->erase("data");
  if (found == now) return;
  std::set<std::string> names;
  add_differences(names, found, now, "");
  fail(folder.string(), ": holds another ", what, " (other: ", joined(names), ")", advice);
}

}  // namespace iuf
