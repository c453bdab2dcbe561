#include "iuf/paper/protocol.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

using Names = std::vector<std::string>;
using Steps = std::vector<Names>;

const Names kKnown{"hazelnut", "bottle", "cookie", "metal_plate", "metal plate 2"};

/// "a", "b", ... in reverse, so that sorting shows.
Names letters(size_t count) {
  Names names;
  for (size_t i = count; i-- > 0;) names.emplace_back(1, static_cast<char>('a' + static_cast<int>(i)));
  return names;
}

std::vector<size_t> sizes(const Stream& stream) {
  std::vector<size_t> sizes;
  for (const auto& step : stream.steps) sizes.push_back(step.size());
  return sizes;
}

}  // namespace

TEST_CASE("steps are read in the order given, spaces around names ignored", "[iuf][protocol]") {
  CHECK(parse_steps("bottle,metal_plate; cookie; hazelnut", kKnown).steps ==
        Steps{{"bottle", "metal_plate"}, {"cookie"}, {"hazelnut"}});
  CHECK(parse_steps("  hazelnut ,\tmetal plate 2;bottle\n", kKnown).steps ==
        Steps{{"hazelnut", "metal plate 2"}, {"bottle"}});
  CHECK(parse_steps("cookie", kKnown).steps == Steps{{"cookie"}});
}

TEST_CASE("names with separators stand in quotes", "[iuf][protocol]") {
  const Names known = {"nut, big", "it's", "'t", " b ", "a;b", "c"};
  const Stream stream{{{"nut, big", "c"}, {"'t"}, {"it's", " b ", "a;b"}}};
  CHECK(to_string(stream) == "\"nut, big\",c; \"'t\"; it's,\" b \",\"a;b\"");
  CHECK(parse_steps(to_string(stream), known) == stream);
  CHECK(parse_steps("'c' ; it's,\t' b '", known).steps == Steps{{"c"}, {"it's", " b "}});
  CHECK_THROWS_WITH(parse_steps("'nut, big", known), Contains("quote") && Contains("not closed"));
  CHECK_THROWS_WITH(parse_steps("'nut, big'c", known), Contains("follows the quoted name"));
  CHECK_THROWS_WITH(parse_steps("'',c", known), Contains("empty name"));
}

TEST_CASE("an unknown object lists the known ones and the nearest", "[iuf][protocol]") {
  CHECK_THROWS_WITH(parse_steps("bottle; hazlenut", kKnown),
                    Contains("'hazlenut'") && Contains("did you mean 'hazelnut'") &&
                        Contains("known: hazelnut, bottle, cookie, metal_plate"));
  CHECK_THROWS_WITH(parse_steps("ookie", kKnown), Contains("did you mean 'cookie'"));
  CHECK_THROWS_WITH(parse_steps("metal__plate", kKnown), Contains("did you mean 'metal_plate'"));
  CHECK_THROWS_WITH(parse_steps("Bottle", kKnown), Contains("did you mean 'bottle'"));
  CHECK_THROWS_WITH(parse_steps("transistor", kKnown), Contains("known: ") && !Contains("did you mean"));
  CHECK_THROWS_WITH(parse_steps("bottle", Names{}), Contains("no object"));
}

TEST_CASE("an object twice, an empty step and an empty name are errors", "[iuf][protocol]") {
  CHECK_THROWS_WITH(parse_steps("bottle; cookie, bottle", kKnown), Contains("'bottle' is given twice"));
  CHECK_THROWS_WITH(parse_steps("bottle,bottle", kKnown), Contains("twice"));
  CHECK_THROWS_WITH(parse_steps("bottle;; cookie", kKnown), Contains("step 2") && Contains("empty"));
  CHECK_THROWS_WITH(parse_steps("bottle; cookie;", kKnown), Contains("step 3") && Contains("empty"));
  CHECK_THROWS_WITH(parse_steps("", kKnown), Contains("step 1") && Contains("empty"));
  CHECK_THROWS_WITH(parse_steps("bottle,,cookie", kKnown), Contains("step 1") && Contains("empty name"));
  CHECK_THROWS_AS(parse_steps(" ; ", kKnown), Error);
}

TEST_CASE("named streams of the paper cut the alphabetical order into steps", "[iuf][protocol]") {
  const std::map<std::string, std::vector<size_t>> expected{
      {"14-1", {14, 1}},    {"10-5", {10, 5}},  {"3-3x4", {3, 3, 3, 3, 3}}, {"10-1x5", {10, 1, 1, 1, 1, 1}},
      {"11-1", {11, 1}},    {"8-4", {8, 4}},    {"8-1x4", {8, 1, 1, 1, 1}}, {"1x15", std::vector<size_t>(15, 1)},
      {"2-3x2", {2, 3, 3}}, {"4x3", {4, 4, 4}},
  };
  for (const auto& [name, steps] : expected) {
    CAPTURE(name);
    const Stream stream = named_stream(name, letters(15));
    CHECK(sizes(stream) == steps);
    Names order = letters(15);
    std::sort(order.begin(), order.end());
    const Names objects = stream.objects();
    CHECK(std::equal(objects.begin(), objects.end(), order.begin()));
  }
  CHECK(named_stream("3-1x2", Names{"d", "b", "a", "e", "c"}).steps == Steps{{"a", "b", "c"}, {"d"}, {"e"}});
  CHECK(named_stream(" 1-1 ", Names{"a", "B"}).steps == Steps{{"B"}, {"a"}});
}

TEST_CASE("too few objects for a named stream says how many are needed and found", "[iuf][protocol]") {
  CHECK_THROWS_WITH(named_stream("10-1x5", letters(12)), Contains("'10-1x5' needs 15 objects, the data has 12"));
  CHECK_THROWS_WITH(named_stream("999999-999999x999999", letters(3)), Contains("needs 999999000000 objects"));
  CHECK_THROWS_WITH(named_stream("1-1", Names{"a", "a"}), Contains("'a'") && Contains("twice"));
}

TEST_CASE("a name that is not of the form X-YxN is an error that shows the form", "[iuf][protocol]") {
  for (const std::string name : {"", "3", "3-", "-1", "x3", "3-1x", "3-1x2x2", "0-1", "3-0", "3-1x0", "a-b", "3-1 x2",
                                 "3--1", "3-1x2 steps", "9999999-1", "0x3", "3-1y2", "1e1-1"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH(named_stream(name, letters(20)), Contains("X-YxN"));
  }
}

TEST_CASE("a command line's stream is a name, or steps written out; objects go before names", "[iuf][protocol]") {
  CHECK(parse_stream("2-1x2", kKnown).steps == Steps{{"bottle", "cookie"}, {"hazelnut"}, {"metal plate 2"}});
  CHECK(parse_stream("cookie; bottle", kKnown).steps == Steps{{"cookie"}, {"bottle"}});
  CHECK(parse_stream("2-1", Names{"1", "2-1", "3"}).steps == Steps{{"2-1"}});
  CHECK_THROWS_WITH(parse_stream("2-1xx", kKnown), Contains("unknown object '2-1xx'"));
}

TEST_CASE("joint training holds the same objects in one step", "[iuf][protocol]") {
  CHECK(joint(parse_steps("cookie; bottle, hazelnut", kKnown)).steps == Steps{{"cookie", "bottle", "hazelnut"}});
}

TEST_CASE("a stream's text reads back as the same stream", "[iuf][protocol]") {
  const Stream stream = parse_steps("cookie,metal plate 2; bottle", kKnown);
  CHECK(to_string(stream) == "cookie,metal plate 2; bottle");
  CHECK(parse_steps(to_string(stream), kKnown) == stream);
}
