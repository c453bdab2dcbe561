#include "iuf/run/run_description.h"

#include <mutex>
#include <set>

#include "iuf/data/json_fields.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/suggest.h"

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

}  // namespace

std::string absolute_text(const fs::path& data) {
  return fs::absolute(data).lexically_normal().string();
}

std::vector<std::string> normal_images(const Dataset& data, const std::string& object) {
  std::vector<std::string> files;
  for (const Sample& sample : data.select(object, Part::train))
    if (!sample.defect) files.push_back(sample.file.string());
  if (files.empty()) fail("object '", object, "' has no normal training images in the data set");
  return files;
}

std::map<std::string, uint64_t> image_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                             const Progress& progress) {
  std::map<std::string, uint64_t> hashes;
  for (const std::string& object : objects) {
    std::vector<const Sample*> samples;
    for (const Sample& sample : data.samples)
      if (sample.object == object) samples.push_back(&sample);
    std::vector<uint64_t> each(samples.size());
    std::mutex mutex;
    int64_t done = 0;
    parallel_for(static_cast<int64_t>(samples.size()), 1, [&](int64_t i, int64_t) {
      const Sample& sample = *samples[static_cast<size_t>(i)];
      each[static_cast<size_t>(i)] =
          mix_key(hash_bytes(read_file(sample.file)), (sample.train ? 1U : 0U) | (sample.defect ? 2U : 0U));
      const std::lock_guard lock(mutex);
      progress("reading " + object, ++done, static_cast<int64_t>(samples.size()));
    });
    uint64_t& all = hashes[object];
    for (const uint64_t hash : each) all = mix_key(all, hash);
  }
  return hashes;
}

void require_same(const fs::path& folder, const std::string& what, const json& found, const json& now) {
  constexpr const char* advice = "; choose another folder, or delete this one to start again";
  if (!found.is_object() || found.value("format", json()) != now.at("format"))
    fail(folder.string(), ": holds a ", what, " of another version of this program", advice);
  if (found == now) return;
  std::set<std::string> names;
  add_differences(names, found, now, "");
  fail(folder.string(), ": holds another ", what, " (other: ", joined(names), ")", advice);
}

}  // namespace iuf
