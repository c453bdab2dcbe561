// A model of format 0, or of a later format, was "damaged", and "only format 2 is known".

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/data/json_fields.h"
#include "nn/safetensors.h"
#include "support/small_model.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

struct Numbered {
  int64_t value = 0;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(3);
    field("value", self.value);
  }
};

}  // namespace

TEST_CASE("a format that a newer program wrote and one that is none are told apart", "[issues][formats]") {
  const SmallModel small("gaussian");
  const std::vector<std::byte> bytes = small.model->bytes();
  const TensorFile whole = parse_safetensors(bytes, "model");
  const auto path = small.folder / "numbered.safetensors";
  const auto load = [&](const nlohmann::json& format) {
    nlohmann::json meta = nlohmann::json::parse(whole.metadata("iuf_model"));
    meta["format"] = format;
    meta["version"] = "9.8.7";
    SafetensorsWriter writer;
    for (const std::string& name : whole.names()) writer.add(name, whole.at(name));
    writer.set_metadata("iuf_model", meta.dump());
    writer.protect();
    writer.write(path);
    Model::load(path);
  };
  CHECK_NOTHROW(load(1));
  CHECK_NOTHROW(load(2));
  CHECK_NOTHROW(load(3));
  for (const int64_t format : {0, -1})
    CHECK_THROWS_WITH(load(format), Contains("format " + std::to_string(format) + " is none") && Contains("damaged") &&
                                        !Contains("newer"));
  for (const int64_t format : {4, 1000})
    CHECK_THROWS_WITH(
        load(format),
        Contains("format " + std::to_string(format) + ", of a newer version of iuf (9.8.7)") && !Contains("damaged"));
  for (const nlohmann::json& format : {nlohmann::json("2"), nlohmann::json(), nlohmann::json(1.5)})
    CHECK_THROWS_WITH(load(format), Contains("damaged") && Contains("format"));
}

TEST_CASE("files with a format say whether theirs is newer, earlier, or none", "[issues][formats]") {
  const auto read = [](int64_t format) { return from_json<Numbered>({{"format", format}, {"value", 5}}, {"place"}); };
  CHECK(read(3).value == 5);
  CHECK_THROWS_WITH(read(4), Contains("place: format: only format 3 is known, this is 4, of a newer version"));
  CHECK_THROWS_WITH(read(2), Contains("only format 3 is known, this is 2, of an earlier version"));
  for (const int64_t format : {0, -3})
    CHECK_THROWS_WITH(read(format), Contains("is no format, the first one was 1") && !Contains("newer"));
}
