// A log whose last line end an editor left out lost that row with the next one, without a word, and so did what a
// person wrote behind it.
#include <catch2/catch.hpp>

#include "iuf/live/watch_journal.h"
#include "iuf/run/earlier_predictions.h"
#include "iuf/run/verdict_log.h"
#include "nn/file.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

void put(const std::filesystem::path& file, const std::string& text) {
  write_file(file, std::string_view(text));
}

std::string row(const VerdictLog& log, const std::string& file) {
  return log.line({.file = file, .width = 8, .height = 8, .score = 2, .threshold = 3, .object = "gear"}, {});
}

}  // namespace

TEST_CASE("a last row that lacks the end of its line stays", "[issues][file]") {
  for (const char* name : {"log.csv", "log.jsonl"}) {
    const TemporaryFolder folder;
    const auto path = folder / name;
    Notes notes;
    std::string a, b;
    {
      VerdictLog log(path);
      a = row(log, "a.png"), b = row(log, "b.png");
      log.add(a);
    }
    std::string text = read_text(path);
    const std::string whole = text + b;
    text.pop_back();
    put(path, text);
    VerdictLog(path, Links::follow, notes.progress()).add(b);
    CHECK(read_text(path) == whole);
    CHECK(notes.notes.empty());
    // A single row, too.
    put(path, text);
    VerdictLog(path).add_missing({a, b});
    CHECK(read_text(path) == whole);
  }
}

TEST_CASE("what is cut off a log is kept and said", "[issues][file]") {
  for (const char* name : {"log.csv", "log.jsonl"}) {
    const TemporaryFolder folder;
    const auto path = folder / name;
    Notes notes;
    VerdictLog log(path);
    const std::string a = row(log, "a.png");
    log.add(a);
    const std::string whole = read_text(path);
    for (const std::string& left : {std::string("lamp exchanged, J.M."), a.substr(0, a.size() / 2)}) {
      put(path, whole + left);
      VerdictLog(path, Links::follow, notes.progress()).add("");
      CHECK(read_text(path) == whole);
      REQUIRE(notes.notes.size() == 1);
      CHECK_THAT(notes.notes[0], Contains("its last row was not whole") && Contains(left.substr(0, 20)));
      CHECK_THAT(read_text(path.string() + ".cut"), Contains(left + "\n"));
      notes.notes.clear();
    }
    // With an end it stays, and is said.
    put(path, whole + "lamp exchanged, J.M.\n");
    VerdictLog(path, Links::follow, notes.progress()).add(a);
    CHECK(read_text(path) == whole + "lamp exchanged, J.M.\n" + a);
    REQUIRE(notes.notes.size() == 1);
    CHECK_THAT(notes.notes[0], Contains("1 of its last rows is none of this log") && Contains("lamp exchanged, J.M."));
  }
}

TEST_CASE("a row that lost its very end is written again, not twice", "[issues][file]") {
  const TemporaryFolder folder;
  VerdictLog log(folder / "log.csv");
  Prediction p{.file = "a.png", .width = 8, .height = 8, .object = "gear"};
  p.map = "maps/a.npy";
  const std::string line = log.line(p, {});
  log.add(line);
  const std::string whole = read_text(folder / "log.csv");
  put(folder / "log.csv", whole.substr(0, whole.size() - 3));
  VerdictLog(folder / "log.csv").add_missing({line});
  CHECK(read_text(folder / "log.csv") == whole);
}

TEST_CASE("a table that is no log loses nothing", "[issues][file]") {
  const TemporaryFolder folder;
  put(folder / "other.csv", "part,remark\n1,fine\n2,lost");
  CHECK_THROWS_WITH(VerdictLog(folder / "other.csv"), Contains("its first line is not"));
  CHECK(read_text(folder / "other.csv") == "part,remark\n1,fine\n2,lost");
}

TEST_CASE("a journal keeps a last entry without its end, and what stands behind a damaged one", "[issues][live]") {
  const TemporaryFolder folder;
  make_folder(folder / "in");
  for (const char* name : {"a", "b", "c"}) put(folder / "in" / name, name);
  {
    WatchJournal journal(folder / "journal", folder / "in");
    int64_t number = 0;
    for (const char* name : {"a", "b", "c"})
      journal.add({.number = ++number, .name = name, .stamp = stamp_of(folder / "in" / name), .content = 1});
  }
  std::string text = read_text(folder / "journal");
  text.pop_back();
  text[text.find("\"name\":\"a\"") + 8] = 'x';
  put(folder / "journal", text);
  Notes notes;
  WatchJournal journal(folder / "journal", folder / "in", notes.progress());
  CHECK_FALSE(journal.knows("a", stamp_of(folder / "in" / "a")));
  CHECK(journal.knows("b", stamp_of(folder / "in" / "b")));
  CHECK(journal.knows("c", stamp_of(folder / "in" / "c")));
  REQUIRE(notes.notes.size() == 1);
  CHECK_THAT(notes.notes[0], Contains("1 line is left out"));
}

TEST_CASE("a table of an earlier call with a row that lacks columns counts as unreadable", "[issues][file]") {
  const TemporaryFolder folder;
  put(folder / "predictions.csv", "file,verdict,heatmap\na.png,ok\nb.png,ok,heatmaps/b.png\n");
  const EarlierPredictions earlier = earlier_predictions(folder.path());
  CHECK(earlier.unreadable == (folder / "predictions.csv").string());
  CHECK(earlier.pictures.empty());
}
