#include "iuf/live/live_model.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "iuf/learn/recalibration.h"
#include "nn/file.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Contains;

TEST_CASE("a model file is replaced while images are judged, and a damaged one is not used", "[live]") {
  SmallModel small("gaussian");
  const auto path = small.folder / "model.safetensors";
  small.model->save(path);
  LiveModel live(path, {});
  const auto first = live.current();
  CHECK(first->by.model.size() == 16);
  CHECK_THAT(first->by.settings, Contains("method=gaussian"));
  CHECK(live.refresh().empty());
  const double score = first->model.judge(small.features("gear")).score;

  ObjectRecord gear = small.model->objects().at(1);
  set_threshold(gear, 0.25);
  small.model->set_calibration(1, gear);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      while (!stop) wrong += live.current()->model.judge(small.features("gear")).score != score;
    });
  small.model->save(path);
  const std::string said = live.refresh();
  for (int i = 0; i < 3; ++i) {
    small.model->save(path);
    live.refresh();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK_THAT(said, Contains("is used from now on, before it was " + first->by.model));
  CHECK(live.current()->model.objects()[1].threshold == 0.25);
  CHECK(first->model.objects()[1].threshold != 0.25);  // whoever holds it keeps it

  write_file(path, std::string_view("no model"));
  CHECK_THAT(live.refresh(), Contains("cannot be used, and the one from before goes on"));
  CHECK(live.refresh().empty());  // said once
  CHECK(live.current()->model.objects()[1].threshold == 0.25);
}
