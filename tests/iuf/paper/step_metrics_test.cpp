#include <catch2/catch.hpp>

#include "iuf/paper/metrics.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

TEST_CASE("ACC, FM and BWT of a stream worked out by hand", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}, {"c"}, {"d"}}});
  CHECK(a.objects == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(a.learned == std::vector<size_t>{0, 0, 1, 2});
  REQUIRE(a.steps() == 3);
  a.value = {{0.9, 0.7, {}, {}}, {0.8, 0.75, 0.6, {}}, {0.85, 0.5, 0.65, 1.0}};

  const StepSummary end = summarise(a);
  CHECK(*end.acc.value == Approx((0.85 + 0.5 + 0.65 + 1.0) / 4).epsilon(1e-15));
  CHECK(*end.fm.value == Approx((0.05 + 0.25 - 0.05) / 3).epsilon(1e-14));  // the best of b came after step 2
  CHECK(*end.bwt.value == Approx((-0.05 - 0.2 + 0.05) / 3).epsilon(1e-14));
  CHECK(end.fm.used == 3);
  CHECK(end.fm.left_out == 0);

  CHECK(*acc(a, 1).value == Approx((0.8 + 0.75 + 0.6) / 3).epsilon(1e-15));
  CHECK(*fm(a, 1).value == Approx((0.1 - 0.05) / 2).epsilon(1e-14));
  CHECK(*acc(a, 0).value == Approx(0.8).epsilon(1e-15));
}

TEST_CASE("objects without a metric are left out and counted", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}, {"c"}}});
  a.value = {{0.9, {}, {}}, {0.8, {}, 0.7}};
  const StepSummary end = summarise(a);
  CHECK(*end.acc.value == Approx(0.75).epsilon(1e-15));
  CHECK(end.acc.used == 2);
  CHECK(end.acc.left_out == 1);
  CHECK(*end.fm.value == Approx(0.1).epsilon(1e-14));
  CHECK(end.fm.used == 1);
  CHECK(end.fm.left_out == 1);
  CHECK(*end.bwt.value == Approx(-0.1).epsilon(1e-14));

  a.value = {{{}, {}, {}}, {{}, {}, {}}};
  CHECK_FALSE(summarise(a).acc.value);
  CHECK_FALSE(summarise(a).fm.value);
  CHECK(summarise(a).acc.left_out == 3);
}

TEST_CASE("forgetting is n/a with one step", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a", "b"}}});
  a.value = {{0.9, 0.8}};
  const StepSummary end = summarise(a);
  CHECK(end.acc.value);
  CHECK_FALSE(end.fm.value);
  CHECK_FALSE(end.bwt.value);
  CHECK(end.fm.used + end.fm.left_out == 0);
  CHECK_FALSE(summarise(StepMatrix()).acc.value);
}

TEST_CASE("a step matrix of unequal rows, or without the step asked for, is an error", "[iuf][metrics][eq14]") {
  StepMatrix a(Stream{{{"a"}, {"b"}}});
  CHECK_THROWS_WITH(acc(a, 2), Contains("step 3"));
  a.value[0].pop_back();
  CHECK_THROWS_AS(fm(a, 1), Error);
  a = StepMatrix(Stream{{{"a"}, {"b"}}});
  a.learned.pop_back();
  CHECK_THROWS_AS(bwt(a, 1), Error);
}
