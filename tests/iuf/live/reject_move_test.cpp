#include "iuf/live/reject_move.h"

#include <catch2/catch.hpp>

#include "nn/file.h"
#include "support/temporary_folder.h"

using namespace iuf;

namespace {

void put_below(const std::filesystem::path& file, const std::string& text) {
  make_folder(file.parent_path());
  write_file(file, std::string_view(text));
}

}  // namespace

TEST_CASE("a moved file replaces none, and a move that was interrupted is ended", "[live]") {
  const TemporaryFolder folder;
  const auto to = folder / "to";
  put_below(folder / "a.png", "1");
  const auto place = free_place(to, "sub/a.png");
  CHECK(move_file(folder / "a.png", place) == to / "sub" / "a.png");
  CHECK(read_text(to / "sub" / "a.png") == "1");
  CHECK_FALSE(std::filesystem::exists(folder / "a.png"));
  CHECK(move_file(folder / "a.png", place) == place);  // was moved already
  put_below(folder / "a.png", "2");
  CHECK(free_place(to, "sub/a.png") == to / "sub" / "a-2.png");
  CHECK(move_file(folder / "a.png", place) == to / "sub" / "a-2.png");  // taken meanwhile
  CHECK(read_text(to / "sub" / "a.png") == "1");
  CHECK(read_text(to / "sub" / "a-2.png") == "2");
  put_below(folder / "a.png", "1");
  CHECK(move_file(folder / "a.png", place) == place);  // copied, and killed before it was removed
  CHECK_FALSE(std::filesystem::exists(folder / "a.png"));
}

TEST_CASE("a file is moved to another disk", "[live]") {
  if (!std::filesystem::exists("/dev/shm")) return;
  const TemporaryFolder folder;
  const auto other = std::filesystem::path("/dev/shm") / folder.path().filename();
  put_below(folder / "a.png", "1");
  CHECK(move_file(folder / "a.png", other / "a.png") == other / "a.png");
  CHECK(read_text(other / "a.png") == "1");
  CHECK_FALSE(std::filesystem::exists(folder / "a.png"));
  std::filesystem::remove_all(other);
}
