// The model of a run that was killed after its first step judged without a word that it does not know the others.
#include <catch2/catch.hpp>

#include "iuf/run/run_description.h"
#include "iuf/run/run_model.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

TEST_CASE("a run that has not learned all its steps says which objects its model does not know", "[issues][runs]") {
  const DataFolder folder;
  const auto model = folder / "model.safetensors";
  CHECK(unlearned_note(model, 1).empty());  // of no run
  write_json_file(RunFiles{folder.path()}.description(),
                  RunDescription{.steps = {{"gear"}, {"nut", "plate"}, {"bolt"}}});
  CHECK_THAT(unlearned_note(model, 1), Contains("has learned 1 of 3 steps, and does not know 'nut', 'plate', 'bolt'"));
  CHECK(unlearned_note(model, 3).empty());
  CHECK(unlearned_note(model, 5).empty());  // further objects were added
  write_file(RunFiles{folder.path()}.description(), std::string_view("{"));
  CHECK(unlearned_note(model, 1).empty());
}
