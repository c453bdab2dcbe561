// A line of a training log whose checksum had another key after one flipped bit was taken for one of an earlier
// version, which have none, and `iuf verify` called the log whole: another line had a checksum.
#include <catch2/catch.hpp>

#include "iuf/run/training_log.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

TEST_CASE("a line of a log that lost its checksum among others is damaged", "[issues][file]") {
  const TemporaryFolder folder;
  const auto path = folder / "log.jsonl";
  const std::string whole = log_lines({{.iteration = 2, .loss = 3}, {.epoch = 1, .iteration = 4, .loss = 2}});
  const auto read = [&](const std::string& text) {
    write_file(path, std::string_view(text));
    return read_log(path).size();
  };
  REQUIRE(read(whole) == 2);
  std::string older = whole;
  const std::string key = "\"checksum\":";
  const size_t first = whole.find(key), second = whole.find(key, first + 1);
  for (const size_t at : {first, second}) {
    std::string damaged = whole;
    damaged[at + 3] ^= 1;
    CAPTURE(damaged);
    CHECK_THROWS_WITH(read(damaged), Contains(at == first ? "line 1: has no checksum" : "line 2: has no checksum"));
    older[at + 3] ^= 1;
  }
  CHECK(read(older) == 2);
}
