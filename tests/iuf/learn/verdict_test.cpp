#include "iuf/learn/verdict.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace iuf;

TEST_CASE("a score above the threshold is a defect, unless the whole image is unlike all normal ones", "[verdict]") {
  CHECK(verdict(2.1, 2) == Verdict::defect);
  CHECK(verdict(2.1, 2, 0.9) == Verdict::defect);
  CHECK(verdict(2.1, 2, 1.1) == Verdict::unknown);
  CHECK(verdict(2, 2) == Verdict::ok);
  CHECK(verdict(1.9, 2, 1) == Verdict::ok);
  CHECK(verdict(1.9, 2, 1.1) == Verdict::unknown);
  CHECK(verdict(9, std::nullopt) == Verdict::no_threshold);
  CHECK(verdict(9, std::nullopt, 1.1) == Verdict::unknown);
}

TEST_CASE("what is not finite is an error and never ok", "[verdict]") {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    CHECK(verdict(bad, 2) == Verdict::error);
    CHECK(verdict(bad, std::nullopt) == Verdict::error);
    CHECK(verdict(1, bad) == Verdict::error);
    CHECK(verdict(1, 2, bad) == Verdict::error);
  }
}

TEST_CASE("alarms are defects and what is unknown", "[verdict]") {
  for (const Verdict v : {Verdict::ok, Verdict::defect, Verdict::unknown, Verdict::no_threshold, Verdict::error}) {
    CHECK(is_alarm(v) == (v == Verdict::defect || v == Verdict::unknown));
    CHECK((std::string(name_of(v)) == "ok") == (v == Verdict::ok));
  }
}
