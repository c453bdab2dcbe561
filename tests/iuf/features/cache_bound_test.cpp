#include "iuf/features/cache_bound.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "nn/file.h"
#include "support/notes.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Contains;

namespace fs = std::filesystem;

namespace {

// A file of so many bytes that was used so many minutes ago.
void kept(const fs::path& path, size_t bytes, int minutes) {
  make_folder(path.parent_path());
  write_file(path, std::string(bytes, 'x'));
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(minutes));
}

uint64_t bytes_in(const fs::path& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

}  // namespace

TEST_CASE("what was not used for longest goes first, and what is in use stays", "[iuf][cache]") {
  const TemporaryFolder folder;
  CachePlace place = folder / "cache";
  place.most_bytes = 1000;
  const fs::path old = folder / "cache/a/1.safetensors", older = folder / "cache/b/2.safetensors",
                 used = folder / "cache/b/3.safetensors", other = folder / "cache/notes.txt";
  kept(old, 300, 10);
  kept(older, 300, 20);
  kept(used, 300, 30);
  kept(other, 50, 99);
  CacheBound bound(place);
  CHECK_FALSE(bound.admit(1001));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CacheBound::use(used);
  CHECK(bound.admit(40));  // there is room
  CHECK(fs::exists(older));
  CHECK(bound.admit(100));
  CHECK_FALSE(fs::exists(older));
  CHECK(fs::exists(old));
  CHECK(bound.admit(400));
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(used));
  CHECK(fs::exists(other));
  CHECK_FALSE(bound.admit(700));  // only what is in use could go
  CHECK(fs::exists(used));
  place.most_bytes = 0;
  CHECK_FALSE(CacheBound(place).admit(1));
}

TEST_CASE("two caches that write into one folder at once stay near the bound and lose nothing", "[iuf][cache]") {
  const TemporaryFolder folder;
  CachePlace place = folder / "cache";
  place.most_bytes = 64'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 10; ++round) {  // each a process of its own
        CacheBound bound(place);
        for (int i = 0; i < 20; ++i)
          if (const auto room = bound.admit(1000))
            kept(folder / "cache" / std::to_string(t) / (std::to_string(i) + ".safetensors"), 1000, 1);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(bytes_in(folder / "cache") <= 2 * 20 * 1000);
  CHECK(bytes_in(folder / "cache") <= place.most_bytes + 2 * place.most_bytes / 32);
}

TEST_CASE("features are equal whatever finds room in the cache", "[iuf][cache]") {
  const SmallModel small("surroundings");  // which has features at its working size, too
  const std::vector<std::string> files = small.images("gear");
  const auto learned = [&](uint64_t bytes, std::vector<std::string>* notes = nullptr) {
    Model model("fast", "surroundings", small.model->settings(), Backbone::embedded());
    CachePlace place = small.folder / ("cache" + std::to_string(bytes));
    place.most_bytes = bytes;
    Notes said;
    const FeatureCache cache(place, model.extractor());
    model.learn({{"gear", files}}, cache, {.progress = said.progress()});
    if (notes) *notes = said.notes;
    std::error_code none;
    if (fs::exists(*place.folder, none)) CHECK(bytes_in(*place.folder) <= bytes);
    return model.bytes();
  };
  const std::vector<std::byte> plenty = learned(kDefaultCacheBytes);
  std::vector<std::string> notes;
  CHECK(learned(1 << 20, &notes) == plenty);
  CHECK(std::ranges::count_if(notes, [](const std::string& note) {
          return note.find("--cache-size gives it more room") != std::string::npos;
        }) <= 1);
  CHECK(learned(100'000, &notes) == plenty);
  CHECK(std::ranges::count_if(notes, [](const std::string& note) {
          return note.find("--cache-size gives it more room") != std::string::npos;
        }) == 1);
  CHECK(learned(0, &notes) == plenty);
}
