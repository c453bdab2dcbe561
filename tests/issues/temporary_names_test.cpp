#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>
#include <set>

#include "nn/file.h"
#include "nn/file_writer.h"
#include "support/temporary_folder.h"

using namespace iuf;
namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("the names of temporary files cannot be told from the process or from each other",
          "[issues][temporary_names]") {
  const TemporaryFolder folder;
  std::set<std::string> all;
  for (int i = 0; i < 8; ++i) {
    FileWriter file(folder / "file");
    for (const std::string& name : names_in(folder.path())) all.insert(name);
  }
  CHECK(all.size() == 8);
  for (const std::string& name : all) {
    CHECK(std::regex_match(name, std::regex("\\.iuf-[0-9a-f]{16}\\.tmp")));
    CHECK(name.find(std::to_string(::getpid())) == std::string::npos);
  }
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("what a killed process left is removed by the next that writes into the folder, a living one's file is not",
          "[issues][temporary_names]") {
  const TemporaryFolder temporary;
  static int number = 0;  // a process looks into a folder of one name once
  const fs::path folder = temporary / ("folder" + std::to_string(++number));
  fs::create_directory(folder);
  const fs::path dead = folder / ".iuf-0123456789abcdef.tmp", living = folder / ".iuf-fedcba9876543210.tmp",
                 other = folder / ".iuf-notes.tmp", link = folder / ".iuf-00000000000000ff.tmp";
  const auto leave = [&] {
    for (const fs::path& file : {dead, living, other}) ::close(::creat(file.c_str(), 0666));
    fs::create_symlink("elsewhere", link);
  };
  leave();
  const int held = ::open(living.c_str(), O_WRONLY);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  SECTION("a file") {
    write_file(folder / "file", "text");
    CHECK(names_in(folder) == std::set<std::string>{living.filename(), other.filename(), link.filename(), "file"});
  }
  SECTION("a folder of output") {
    make_folder(folder);
    CHECK(names_in(folder) == std::set<std::string>{living.filename(), other.filename(), link.filename()});
  }
  ::close(held);
}
