#include "iuf/live/watched_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <thread>

#include "nn/file.h"
#include "support/notes.h"
#include "support/temporary_folder.h"

using namespace iuf;
using Catch::Contains;

namespace fs = std::filesystem;

namespace {

void put(const fs::path& file) {
  make_folder(file.parent_path());
  std::ofstream(file) << "x";
}

// All that is complete, until nothing settles.
std::set<std::string> all_of(WatchedFolder& folder) {
  std::set<std::string> names;
  while (const auto name = folder.next(-1, WatchedFolder::Until::empty)) names.insert(*name);
  return names;
}

}  // namespace

TEST_CASE("what is in a watched folder, and what comes, is given when it is complete", "[live]") {
  const TemporaryFolder folder;
  const auto poll = GENERATE(std::optional<std::chrono::milliseconds>(), std::chrono::milliseconds(1));
  for (const char* name : {"in/a.png", "in/sub/b.jpg", "in/.hidden.png", "in/note.txt", "in/out/heat.png"})
    put(folder / name);
  fs::create_symlink("a.png", folder / "in/link.png");
  std::set<std::string> known = {"old.png"};
  put(folder / "in/old.png");
  Notes notes;
  WatchedFolder watched(
      {.folder = folder / "in", .left_out = {folder / "in/out"}, .settle = std::chrono::milliseconds(5), .poll = poll},
      [&](const std::string& name, const FileStamp&) { return known.contains(name); }, notes.progress());
  std::set<std::string> gone;
  watched.on_gone = [&](const std::string& name) { gone.insert(name); };
  CHECK(all_of(watched) == std::set<std::string>{"a.png", "sub/b.jpg"});
  REQUIRE(notes.notes.size() == 2);
  std::ranges::sort(notes.notes);
  CHECK_THAT(notes.notes[0], Contains("link.png: a link, and left alone"));
  CHECK_THAT(notes.notes[1], Contains("note.txt: not called as images are"));
  CHECK(watched.links() == 1);
  known.insert({"a.png", "sub/b.jpg"});
  std::ofstream slow(folder / "in/slow.png");
  slow << "x" << std::flush;
  put(folder / "in/new/deep/c.png");  // a folder that comes with what is in it
  put(folder / "d.png");
  fs::rename(folder / "d.png", folder / "in/d.png");
  fs::remove(folder / "in/a.png");
  const std::set<std::string> expected = {"new/deep/c.png", "d.png"};
  std::set<std::string> came;
  for (int i = 0; i < 2000 && !std::ranges::includes(came, expected); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // longer than between two looks
    came.merge(all_of(watched));
  }
  came.erase("slow.png");  // where nobody tells that it is open, it settles
  CHECK(came == expected);
  if (poll) return;
  CHECK(gone == std::set<std::string>{"a.png"});
  known.insert({"new/deep/c.png", "d.png"});
  CHECK(all_of(watched).empty());  // slow.png is still open
  slow.close();
  CHECK(all_of(watched) == std::set<std::string>{"slow.png"});
}

TEST_CASE("a folder that is not there is an error", "[live]") {
  CHECK_THROWS_WITH(WatchedFolder({.folder = "/nowhere/in"}, {}, {}), Contains("no such folder"));
}
