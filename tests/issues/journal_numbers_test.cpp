// A number in the journal of a watched folder was taken as it stood: behind the largest one there is none, and counting
// on overflowed.
#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "iuf/data/json_fields.h"
#include "iuf/live/watch_journal.h"
#include "iuf/run/checked_lines.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

TEST_CASE("a journal does not count on from a number that is none", "[issues][live]") {
  const TemporaryFolder folder;
  const auto path = folder / "journal";
  const auto read = [&](int64_t next, int64_t number) {
    const nlohmann::json head = {{"format", 1}, {"folder", folder.path().string()}, {"next", next}};
    WatchEntry entry{.name = "a.png"};
    nlohmann::json line = to_json(entry);
    line["number"] = number;
    write_file(path, std::string_view(checked_line(head) + checked_line(line)));
    return WatchJournal(path, folder.path()).next_number();
  };
  CHECK(read(1, 7) == 8);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  CHECK_THROWS_WITH(read(1, kMost), Contains("number"));
  CHECK_THROWS_WITH(read(kMost, 7), Contains("next"));
  CHECK_THROWS_WITH(read(1, -5), Contains("number"));
}
