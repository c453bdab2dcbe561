#include "iuf/run/run_files.h"

#include <catch2/catch.hpp>

#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

TEST_CASE("steps are numbered with two digits, so that their files sort by step", "[run][files]") {
  const RunFiles run{"out"};
  CHECK(run.step(7) == "out/steps/07.json");
  CHECK(run.step(123) == "out/steps/123.json");
  CHECK(ComparisonFiles{"cmp"}.run("iuf").metrics() == "cmp/iuf/metrics.json");
  CHECK(ComparisonFiles{"cmp"}.run("iuf", 3).folder == "cmp/iuf-seed3");
}

TEST_CASE("a model is named by its file or by its run, which must have one", "[run][files]") {
  const TemporaryFolder folder;
  const RunFiles run{folder.path()};
  CHECK(model_path(folder.path() / "any.file") == folder.path() / "any.file");
  CHECK(model_path(folder.path()) == run.model());
  CHECK_FALSE(in_run_folder(run.model()));
  write_file(run.description(), std::string_view("{}"));
  CHECK(in_run_folder(run.model()));
  CHECK_THROWS_WITH(model_path(folder.path()), Contains("has not ended its first step"));
  write_file(run.model(), std::string_view("x"));
  CHECK(model_path(folder.path()) == run.model());
  CHECK(cache_beside(run.model()) == run.cache());
}
