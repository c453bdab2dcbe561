// Lists with a row for each place of a defect, and lists that name a photograph again.
#include <catch2/catch.hpp>
#include <functional>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

struct Row {
  bool train;
  std::string file, mask;  // a photograph b... is a defect
  std::string kind = {};
  bool defect() const { return file.find('b') != std::string::npos && kind != "good"; }
};

void add_json(const DataFolder& folder, const std::vector<Row>& rows) {
  std::string train, test;
  for (const Row& row : rows)
    (row.train ? train : test) += R"({"filename": ")" + row.file + R"(", "clsname": "part", "label": )" +
                                  (row.defect() ? "1" : "0") + R"(, "maskname": ")" + row.mask +
                                  R"(", "label_name": ")" + row.kind + "\"}\n";
  folder.add("train.json", train);
  folder.add("test.json", test);
}

void add_csv(const DataFolder& folder, const std::vector<Row>& rows) {
  std::string text = "object,split,label,image,mask\n";
  for (const Row& row : rows)
    text += std::string("part,") + (row.train ? "train," : "test,") + (row.defect() ? "anomaly," : "normal,") +
            row.file + "," + row.mask + "\n";
  folder.add("split_csv/1cls.csv", text);
}

// Reads the rows as a list of each kind.
void with_each_list(const std::vector<Row>& rows, const std::function<void(const DataFolder&)>& see) {
  for (const bool csv : {false, true}) {
    const DataFolder folder({"a.png", "c.png", "b.png", "b2.png"});
    folder.add_masks({"m/1.png", "m/2.png", "m/3.png"});
    csv ? add_csv(folder, rows) : add_json(folder, rows);
    see(folder);
  }
}

}  // namespace

TEST_CASE("rows of one photograph with different masks are one sample with all of them", "[issues][lists]") {
  const std::vector<Row> rows = {{true, "a.png", ""},           {false, "c.png", ""},
                                 {false, "b.png", "m/1.png"},   {false, "b2.png", "m/3.png"},
                                 {false, "./b.png", "m/2.png"}, {false, "b.png", "m/1.png"}};
  with_each_list(rows, [](const DataFolder& folder) {
    const Dataset data = read_dataset(folder.path());
    REQUIRE(data.samples.size() == 4);
    CHECK_THAT(lines_of(data, folder)[1], Contains("b.png m/1.png m/2.png"));
    CHECK(data.samples[1].masks.size() == 2);
    CHECK(data.samples[2].masks.size() == 1);
    CHECK_THAT(description(data, "part"), Contains("1 normal and 2 defective to test") &&
                                              Contains("3 rows of 1 photograph, its masks are united"));
  });
}

TEST_CASE("rows that say the same again count once", "[issues][lists]") {
  const std::vector<Row> rows = {{true, "a.png", ""},   {true, "a.png", ""},         {false, "c.png", ""},
                                 {false, "c.png", ""},  {false, "b.png", "m/1.png"}, {false, "b.png", "m/1.png"},
                                 {false, "b2.png", ""}, {false, "b2.png", ""}};
  with_each_list(rows, [](const DataFolder& folder) {
    const Dataset data = read_dataset(folder.path());
    CHECK(data.samples.size() == 4);
    for (const Sample& sample : data.samples) CHECK(sample.masks.size() <= 1);
    CHECK_THAT(description(data, "part"), Contains("1 normal to learn from, 1 normal and 2 defective") &&
                                              Contains("4 rows name photographs again, which count once, first: ") &&
                                              Contains("line ") && Contains(" and "));
  });
}

TEST_CASE("a list without repeated rows says nothing of them", "[issues][lists]") {
  with_each_list({{true, "a.png", ""}, {false, "a.png", ""}, {false, "b.png", "m/1.png"}},
                 [](const DataFolder& folder) {
                   const Dataset data = read_dataset(folder.path());
                   CHECK(data.samples.size() == 3);  // a leak is told where the pixels are compared
                   CHECK_THAT(description(data, "part"), !Contains("row"));
                 });
}

TEST_CASE("rows of one photograph that contradict each other are refused by both lines", "[issues][lists]") {
  const Row train{true, "a.png", ""}, bad{false, "b.png", "m/1.png"};
  for (const Row& other : {Row{false, "b.png", "", "good"}, {true, "./b.png", "", "good"}, {false, "b.png", ""}})
    with_each_list({train, bad, other}, [](const DataFolder& folder) {
      CHECK_THROWS_WITH(read_dataset(folder.path()),
                        Contains("line ") && Contains(" and ") && Contains("the same photograph") && Contains("b.png"));
    });
}

TEST_CASE("a photograph with rows of several kinds keeps the first", "[issues][lists]") {
  const DataFolder folder({"a.png", "b.png"});
  folder.add_masks({"m/1.png", "m/2.png"});
  add_json(folder, {{true, "a.png", ""}, {false, "b.png", "m/1.png", "crack"}, {false, "b.png", "m/2.png", "dent"}});
  const Dataset data = read_dataset(folder.path());
  CHECK(lines_of(data, folder) == Lines{"part train good a.png", "part test crack b.png m/1.png m/2.png"});
  CHECK_THAT(description(data, "part"), Contains("several kinds and keeps the first (b.png: crack, not dent)"));
}
