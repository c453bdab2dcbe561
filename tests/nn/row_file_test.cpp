#include "nn/row_file.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

void put(const std::filesystem::path& file, const std::string& text) {
  write_file(file, std::string_view(text));
}

}  // namespace

TEST_CASE("a file of rows grows by whole lines, and a torn one is cut off", "[file]") {
  const TemporaryFolder folder;
  const auto path = folder / "log.csv";
  RowFile(path, "head\n").add("1\n2\n");
  CHECK(read_text(path) == "head\n1\n2\n");
  put(path, "head\n1\n2\n3");
  RowFile rows(path, "head\n");
  CHECK(read_text(path) == "head\n1\n2\n");
  CHECK(rows.tail(100) == "1\n2\n");
  CHECK(rows.tail(3) == "2\n");  // the first one may be cut
  put(path, "head\n" + std::string(100'000, 'x'));
  CHECK(RowFile(path, "head\n").tail(10).empty());
  CHECK(read_text(path) == "head\n");
  put(path, "he");  // of a call that was killed at once
  RowFile(path, "head\n").add("1\n");
  CHECK(read_text(path) == "head\n1\n");
  CHECK_THROWS_WITH(RowFile(path, "other\n"), Contains("log.csv: its first line is not"));
  put(path, "no line");
  CHECK_THROWS_WITH(RowFile(path, "head\n"), Contains("its first line is not"));
  CHECK_THROWS_WITH(RowFile(path, ""), Contains("something else than lines"));
  CHECK_THROWS_WITH(RowFile(folder.path(), ""), Contains("cannot write"));
  CHECK(read_text(path) == "no line");
}

TEST_CASE("a file of rows that was moved away is begun anew", "[file]") {
  const TemporaryFolder folder;
  RowFile rows(folder / "log", "head\n");
  rows.add("1\n");
  std::filesystem::rename(folder / "log", folder / "log.1");
  rows.add("2\n");
  CHECK(read_text(folder / "log.1") == "head\n1\n");
  CHECK(read_text(folder / "log") == "head\n2\n");
}

TEST_CASE("several writers lose no row and mix none", "[file]") {
  const TemporaryFolder folder;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      RowFile rows(folder / "log", "head\n");
      for (int i = 0; i < 50; ++i) rows.add(std::string(100, static_cast<char>('a' + t)) + "\n");
    });
  for (std::thread& thread : threads) thread.join();
  const std::string text = read_text(folder / "log");
  REQUIRE(text.size() == 5 + 200 * 101);
  for (size_t at = 5; at < text.size(); at += 101) CHECK(text.substr(at, 101) == std::string(100, text[at]) + "\n");
}

TEST_CASE("what a full disk takes of a row is taken back", "[file]") {
  const TemporaryFolder folder;
  RowFile rows(folder / "log", "head\n");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_WITH(rows.add(std::string(2000, 'x') + "\n"), Contains("cannot write"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(read_text(folder / "log") == "head\n");
  rows.add("1\n");
  CHECK(read_text(folder / "log") == "head\n1\n");
}
