#include "iuf/run/text.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace iuf;

TEST_CASE("numbers are short, without a locale, and n/a where there is none", "[run][text]") {
  CHECK(percent_text(0.97126) == "97.1");
  CHECK(percent_text(1) == "100.0");
  CHECK(percent_text(-0.0312) == "\u22123.1");
  CHECK(percent_text(-0.00001) == "0.0");
  CHECK(percent_text(NAN) == "n/a");
  CHECK(percent_text(std::nullopt) == "n/a");
  CHECK(number_text(std::nullopt) == "n/a");
  CHECK(number_text(0) == "0.0000");
  CHECK(number_text(0.012345) == "0.0123");
  CHECK(number_text(1.23456) == "1.235");
  CHECK(number_text(12.3456) == "12.35");
  CHECK(number_text(12345.6) == "12346");
  CHECK(number_text(-1234567) == "\u22121.23e+06");
  CHECK(number_text(0.0000123) == "1.23e-05");
  CHECK(number_text(INFINITY) == "\u221E");
  CHECK(trimmed_text(2.5, 3) == "2.5");
  CHECK(trimmed_text(200, 3) == "200");
  CHECK(trimmed_text(200, 0) == "200");
  CHECK(trimmed_text(0, 2) == "0");
  CHECK(fixed_text(1e300, 1).size() == 303);
}

TEST_CASE("durations and sizes read as people say them", "[run][text]") {
  CHECK(duration_text(0.04) == "0.0 s");
  CHECK(duration_text(59.96) == "1 min 00 s");
  CHECK(duration_text(125.4) == "2 min 05 s");
  CHECK(duration_text(3599.7) == "1 h 00 min");
  CHECK(duration_text(7380) == "2 h 03 min");
  CHECK(duration_text(NAN) == "n/a");
  CHECK(duration_text(-1) == "n/a");
  CHECK(memory_text(850 * 1048576.0) == "850 MiB");
  CHECK(memory_text(1.5 * 1073741824) == "1.50 GiB");
}
