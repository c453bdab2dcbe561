#include "iuf/data/json_fields.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;
using json = nlohmann::json;

namespace {

struct Inner {
  std::string name = {};
  bool flag = false, bit = false;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("name", self.name);
    field("flag", self.flag);
    field("bit", self.bit, kZeroOrOne);
  }
  bool operator==(const Inner&) const = default;
};

struct Outer {
  double real = 0;
  int64_t whole = 0;
  uint64_t natural = 0;
  std::optional<double> fraction = {};
  std::vector<std::vector<std::optional<double>>> matrix = {};
  std::map<std::string, Inner> inner = {};
  json any = {};
  std::string late = "default";
  std::vector<int64_t> some = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(4);
    field("real", self.real);
    field("whole", self.whole, kCount);
    field("natural", self.natural);
    field("fraction", self.fraction, kFraction);
    field("matrix", self.matrix, kFraction);
    field("inner", self.inner);
    field("any", self.any);
    field("late", self.late, kMayLack);
    field("some", self.some, kUnlessEmpty);
  }
  bool operator==(const Outer&) const = default;
};

const Outer kOuter{.real = -0.1,
                   .whole = 7,
                   .natural = UINT64_MAX,
                   .fraction = 0.5,
                   .matrix = {{0.25, std::nullopt}, {}},
                   .inner = {{"a", {"x", true, true}}, {"b", {"y", false, false}}},
                   .any = {{"free", {1, "two"}}},
                   .late = "set",
                   .some = {1, 2}};

}  // namespace

TEST_CASE("what is written is read back, from values and from files", "[data][json]") {
  CHECK(from_json<Outer>(to_json(kOuter), {"text"}) == kOuter);
  CHECK(to_json(kOuter).at("inner").at("a") == json{{"name", "x"}, {"flag", true}, {"bit", 1}});
  CHECK(to_json(Outer{}).at("fraction").is_null());
  CHECK_FALSE(to_json(Outer{}).contains("some"));
  CHECK(from_json<Outer>(to_json(Outer{}), {"text"}) == Outer{});
  const TemporaryFolder folder;
  write_json_file(folder.path() / "a.json", kOuter);
  CHECK(read_json_file<Outer>(folder.path() / "a.json") == kOuter);
  Outer infinite = kOuter;
  infinite.real = NAN;  // JSON has none: null
  CHECK(std::isnan(from_json<Outer>(parse_json(to_json(infinite).dump(), "text"), {"text"}).real));
}

TEST_CASE("a key may be absent only where the list says so, and unknown keys are ignored", "[data][json]") {
  json value = to_json(kOuter);
  value.erase("late");
  value["new"] = 1;
  CHECK(from_json<Outer>(value, {"text"}).late == "default");
  value.erase("whole");
  CHECK_THROWS_WITH(from_json<Outer>(value, {"file.json", "damaged JSON"}),
                    "file.json: damaged JSON: key 'whole' is missing");
}

TEST_CASE("complaints name the key down to the place in a list", "[data][json]") {
  struct Case {
    const char* pointer;
    json value;
    const char* text;
  };
  const std::vector<Case> cases = {
      {"/format", 5, "place: format: only format 4 is known, this is 5"},
      {"/real", "x", "place: real: a number or null is expected"},
      {"/whole", 1.5, "place: whole: a whole number is expected"},
      {"/whole", nullptr, "place: whole: a whole number is expected"},
      {"/whole", -1, "place: whole: the value -1 is out of range"},
      {"/whole", UINT64_MAX, "place: whole: the value 18446744073709551615 is out of range"},
      {"/natural", -1, "place: natural: the value -1 is out of range"},
      {"/fraction", 2, "place: fraction: the value 2 is out of range"},
      {"/matrix", nullptr, "place: matrix: a list is expected"},
      {"/matrix/0/1", 97, "place: matrix[0][1]: the value 97 is out of range"},
      {"/inner", 1, "place: inner: an object is expected"},
      {"/inner/a", 1, "place: inner.a: an object is expected"},
      {"/inner/a/name", 1, "place: inner.a.name: a string is expected"},
      {"/inner/b/flag", 1, "place: inner.b.flag: true or false is expected"},
      {"/inner/b/bit", 2, "place: inner.b.bit: 0 or 1 is expected"},
      {"/inner/b/bit", "1", "place: inner.b.bit: 0 or 1 is expected"},
  };
  for (const Case& damaged : cases) {
    json value = to_json(kOuter);
    value[json::json_pointer(damaged.pointer)] = damaged.value;
    CHECK_THROWS_WITH(from_json<Outer>(value, {"place"}), Contains(damaged.text));
  }
  CHECK_THROWS_WITH(from_json<Outer>(json::array(), {"place"}), "place: an object is expected");
  CHECK_THROWS_WITH(parse_json("{", "place"), Contains("place: not valid JSON ("));
}
