#include "iuf/live/verdict_command.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "nn/file.h"
#include "support/temporary_folder.h"

using namespace iuf;
using namespace std::chrono_literals;

TEST_CASE("a command is told of a verdict by variables and standard input", "[live]") {
  const TemporaryFolder folder;
  const std::string told = (folder / "told").string();
  const std::string row = R"({"time":"now","model":"0a","file":"a\\x20$(b).png","score":0.5,"threshold":null,)"
                          R"("verdict":"defect","object":"nut \"big\"","heatmap":"heatmaps/1.png"})";
  ::setenv("IUF_SCORE", "stale", 1);
  ::setenv("IUF_OTHER", "kept", 1);
  const auto run = [&](const std::string& command) { return run_command_on(command, {row, "/out"}, 10s); };
  CHECK(run("printf '%s|' \"$IUF_FILE\" \"$IUF_VERDICT\" \"$IUF_OBJECT\" \"$IUF_SCORE\" \"$IUF_THRESHOLD\" "
            "\"$IUF_HEATMAP\" \"$IUF_MODEL\" \"$IUF_TIME\" \"$IUF_SCALED_SCORE\" \"$IUF_OTHER\" > " +
            told) == "");
  CHECK(read_text(told) == "a $(b).png|defect|nut \"big\"|0.5||/out/heatmaps/1.png|0a|now||kept|");
  CHECK(run("cat > " + told) == "");
  CHECK(read_text(told) == row);
  CHECK(run("exit 7") == "ended with exit code 7");
  CHECK(run("kill -9 $$") == "ended by signal 9");
  CHECK(run("/no/such/program 2> /dev/null") == "ended with exit code 127");
  CHECK(run_command_on("sleep 60 & sleep 60", {row, "/out"}, 50ms) == "was killed: it was not done in time");
  ::unsetenv("IUF_SCORE");
  ::unsetenv("IUF_OTHER");
}
