#include "iuf/live/watch_journal.h"

#include <catch2/catch.hpp>

#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

void put_text(const std::filesystem::path& file, const std::string& text) {
  write_file(file, std::string_view(text));
}

}  // namespace

TEST_CASE("a journal knows after a restart what was judged, and what was interrupted", "[live]") {
  const TemporaryFolder folder;
  make_folder(folder / "in");
  for (const char* name : {"a", "b", "c", "d"}) put_text(folder / "in" / name, name);
  const auto stamp = [&](const char* name) { return stamp_of(folder / "in" / name); };
  {
    WatchJournal journal(folder / "journal", folder / "in");
    CHECK(journal.next_number() == 1);
    WatchEntry entry{.phase = WatchEntry::judged, .number = 1, .name = "a", .stamp = stamp("a"), .content = 7};
    entry.line = "row\n";
    journal.add(entry);
    CHECK(journal.interrupted().size() == 1);
    entry.phase = WatchEntry::done;
    journal.add(entry);
    CHECK(journal.interrupted().empty());
    journal.add({.phase = WatchEntry::commanded, .number = 2, .name = "b", .stamp = stamp("b"), .content = 8});
    journal.add({.number = 3, .name = "c", .stamp = stamp("c"), .content = 9});
    journal.forget("c");
    journal.add({.number = 4, .name = "d", .stamp = stamp("d"), .content = 10});
  }
  // A line that was cut counts as not written.
  const std::string text = read_text(folder / "journal");
  put_text(folder / "journal", text + text.substr(text.rfind('{', text.size() / 2), 40));
  std::filesystem::remove(folder / "in" / "d");
  WatchJournal journal(folder / "journal", folder / "in");
  CHECK(journal.next_number() == 5);
  CHECK(journal.knows("a", stamp("a")));
  CHECK_FALSE(journal.knows("c", stamp("c")));
  CHECK_FALSE(journal.knows_content("d", 10, {1, 1}));
  REQUIRE(journal.interrupted().size() == 1);
  CHECK(journal.interrupted()[0].name == "b");
  CHECK(journal.interrupted()[0].phase == WatchEntry::commanded);
  CHECK_FALSE(journal.knows("a", {1, 1}));
  CHECK_FALSE(journal.knows_content("a", 8, {1, 1}));
  CHECK(journal.knows_content("a", 7, {1, 1}));  // touched
  CHECK(journal.knows("a", {1, 1}));
}

TEST_CASE("a journal of another folder, or one without its head, is refused", "[live]") {
  const TemporaryFolder folder;
  for (const char* name : {"in", "other"}) make_folder(folder / name);
  WatchJournal(folder / "journal", folder / "in");
  CHECK_THROWS_WITH(WatchJournal(folder / "journal", folder / "other"), Contains("name another --out"));
  put_text(folder / "journal", "x\n");
  CHECK_THROWS_WITH(WatchJournal(folder / "journal", folder / "in"), Contains("damaged"));
}
