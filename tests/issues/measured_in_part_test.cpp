// A test image that could not be read for a moment was left out of an earlier step's figures, for good and with exit
// code 0: the run stops before it learns the next step, and the same call measures again.

#include <catch2/catch.hpp>

#include "iuf/run/training_run.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;
namespace fs = std::filesystem;

TEST_CASE("a step that lacks a test image is measured again before the next one is learned", "[issues][measured]") {
  const TemporaryFolder folder;
  write_synthetic(folder / "data",
                  {.size = 64, .train = 6, .test_good = 2, .per_defect = 1, .objects = {"biscuit", "gear"}}, {});
  RunOptions options;
  options.data = folder / "data";
  options.out = folder / "whole";
  options.method = "gaussian";
  options.stream = {{{"biscuit"}, {"gear"}}};
  options.settings = starting_settings("fast", "gaussian");
  options.settings.image_size = 64;
  train_run(options, {});
  const fs::path image = folder / "data/biscuit/test/good/000.png";
  const std::vector<std::byte> bytes = read_file(image);
  options.out = folder / "run";
  // The first word of step 1 comes when all images were looked at.
  const Progress damage([&](const std::string& stage, int64_t, int64_t) {
    if (stage.starts_with("step 1/2: ")) write_file(image, std::span(bytes).first(100));
  });
  CHECK_THROWS_WITH(train_run(options, damage), Contains("000.png") && Contains("measures it again and goes on"));
  write_file(image, bytes);
  train_run(options, {});
  CHECK((read_file(folder / "run/model.safetensors") == read_file(folder / "whole/model.safetensors")));
  CHECK((read_file(folder / "run/scores.csv") == read_file(folder / "whole/scores.csv")));
}
