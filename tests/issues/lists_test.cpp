// Lists of images: names that several folders have, labels in every usual way, names from Windows.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

const std::string good = R"({"filename": "0.png", "label": 0, "clsname": "part"})";
const std::string bad = R"({"filename": "1.png", "label": 1, "clsname": "part", "maskname": "1.png"})";

}  // namespace

TEST_CASE("the names of a list are those of one folder, and never of masks", "[issues][lists]") {
  for (const std::string masks : {"masks", "ground_truth", "GT", "Mask"}) {
    const DataFolder folder({"images/0.png", "images/1.png"});
    folder.add_masks({masks + "/0.png"}, Drawn::empty_mask);  // of a normal image
    folder.add_masks({masks + "/1.png"});
    folder.add("train.json", good);
    folder.add("test.json", bad);
    CHECK(lines_of(read_dataset(folder.path()), folder) ==
          Lines{"part train good images/0.png", "part test defect images/1.png " + masks + "/1.png"});
  }
  for (const std::string other : {"images_backup", "copy", "a"}) {
    const DataFolder folder({"images/0.png", other + "/0.png"});
    folder.add("train.json", good);
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("/images") && Contains("/" + other));
    folder.add("images/2.png");
    folder.add("train.json", good + "\n" + R"({"filename": "2.png", "label": 0, "clsname": "part"})");
    CHECK(read_dataset(folder.path()).samples.at(0).file == folder / "images/0.png");  // all lines decide
  }
  const DataFolder folder({"0.png", "images/0.png"});
  folder.add("train.json", good);
  CHECK_THROWS_AS(read_dataset(folder.path()), Error);
}

TEST_CASE("a mask in a list is one file, and not the photograph", "[issues][lists]") {
  const DataFolder folder({"images/0.png", "images/1.png"});
  folder.add("test.json", bad);
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("line 1") && Contains("photograph"));
  folder.add_masks({"masks/1.png", "gt/1.png"});
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("masks/1.png") && Contains("gt/1.png"));
}

TEST_CASE("two lists of one part and two layouts in one folder are refused", "[issues][lists]") {
  const DataFolder folder({"0.png"});
  folder.add("train.json", good);
  folder.add("train.jsonl", good);
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("train.json ") && Contains("train.jsonl"));
  const DataFolder both({"0.png", "train/good/0.png"});
  both.add("train.json", good);
  CHECK_THROWS_WITH(read_dataset(both.path()), Contains("train.json") && Contains("/train:"));
  const DataFolder csv({"0.png", "test/good/0.png"});
  csv.add("split_csv/1cls.csv", "object,split,label,image,mask\npart,train,normal,0.png,\n");
  CHECK_THROWS_WITH(read_dataset(csv.path()), Contains("1cls.csv") && Contains("/test:"));
  const DataFolder lists({"0.png"});
  lists.add("split_csv/1cls.csv", "object,split,label,image,mask\npart,train,normal,0.png,\n");
  lists.add("train.json", good);
  CHECK_THROWS_WITH(read_dataset(lists.path()), Contains("1cls.csv") && Contains("train.json"));
}

TEST_CASE("labels are numbers, words and truths", "[issues][lists]") {
  const auto [label, defect] = GENERATE(table<std::string, bool>({{"0", false},
                                                                  {"\"0\"", false},
                                                                  {"false", false},
                                                                  {"0.0", false},
                                                                  {"\"good\"", false},
                                                                  {"\"OK\"", false},
                                                                  {"\"normal\"", false},
                                                                  {"1", true},
                                                                  {"\"1\"", true},
                                                                  {"true", true},
                                                                  {"\"NG\"", true},
                                                                  {"\"anomaly\"", true}}));
  const DataFolder folder({"0.png", "1.png"});
  folder.add("all.json", R"({"filename": "0.png", "clsname": "part", "label": )" + label + "}");
  INFO(label);
  CHECK(read_dataset(folder / "all.json").samples.at(0).defect == defect);
  folder.add("all.json", "[" + good + ", {\"filename\": \"1.png\", \"clsname\": \"part\", \"label\": " + label + "}]");
  CHECK(read_dataset(folder / "all.json").samples.size() == 2);
}

TEST_CASE("a label that its name contradicts is refused", "[issues][lists]") {
  const DataFolder folder({"0.png"});
  const auto read = [&](const std::string& label, const std::string& name) {
    folder.add("all.json", R"({"filename": "0.png", "label": )" + label + R"(, "label_name": ")" + name + "\"}");
    return read_dataset(folder / "all.json");
  };
  CHECK_THROWS_WITH(read("1", "good"), Contains("line 1") && Contains("'good'"));
  CHECK_THROWS_WITH(read("0", "NG"), Contains("line 1") && Contains("'NG'"));
  CHECK_THROWS_WITH(read("0", "crack"), Contains("line 1") && Contains("'crack'"));
  CHECK(read("0", "ok").samples.size() == 1);
  CHECK(read("1", "crack").samples.size() == 1);
}

TEST_CASE("an array of JSON is read as its lines", "[issues][lists]") {
  const DataFolder folder({"0.png", "1.png"});
  folder.add_masks({"masks/1.png"});
  folder.add("all.json", "\xef\xbb\xbf [\n" + good + ",\n" + bad + "\n]\n");
  CHECK(read_dataset(folder / "all.json").samples.size() == 2);
  folder.add("all.json", "[" + good + ", 3]");
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("all.json: entry 2"));
  folder.add("all.json", "[" + good);
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("all.json") && Contains("array"));
  folder.add("all.json", "[]");
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("lists no images"));
}

TEST_CASE("names from Windows are found", "[issues][lists]") {
  const DataFolder folder({"part/train/good/0.png", "part/test/dent/1.png", R"(odd\name.png)"});
  folder.add_masks({"part/gt/1.png"});
  folder.add("all.json", R"({"filename": "part\\train\\good\\0.png", "label": 0})"
                         "\n"
                         R"({"filename": "part\\test\\dent\\1.png", "label": 1, "maskname": "part\\gt\\1.png"})"
                         "\n"
                         R"({"filename": "odd\\name.png", "label": 0, "clsname": "odd"})");
  CHECK(lines_of(read_dataset(folder / "all.json"), folder) ==
        Lines{R"(odd train good odd\name.png)", "part train good part/train/good/0.png",
              "part test defect part/test/dent/1.png part/gt/1.png"});
  folder.add("split_csv/1cls.csv",
             "object,split,label,image,mask\r\n"
             "part,train,good,part\\train\\good\\0.png,\r\n"
             "part,test,1,part\\test\\dent\\1.png,part\\gt\\1.png\r\n");
  CHECK(read_dataset(folder.path()).samples.size() == 2);
}

TEST_CASE("what a list does not name is said", "[issues][lists]") {
  const DataFolder folder({"part/0.png", "part/1.png", "other/2.png"});
  folder.add("train.json", R"({"filename": "part/0.png", "label": 0, "clsname": "part"})");
  const Dataset data = read_dataset(folder.path());
  CHECK_THAT(left_out_beside(data), Contains("(other)") && Contains("1 image beside those of train.json (1.png)"));
}

TEST_CASE("a mask in a list marks no normal image, and not two", "[issues][lists]") {
  const DataFolder folder({"0.png", "1.png", "2.png"});
  folder.add_masks({"gt/m.png"});
  folder.add_masks({"gt/empty.png"}, Drawn::empty_mask);
  const auto line = [](const std::string& file, int label, const std::string& mask) {
    return R"({"filename": ")" + file + R"(", "label": )" + std::to_string(label) +
           R"(, "clsname": "part", "maskname": ")" + mask + "\"}\n";
  };
  folder.add("all.json", line("0.png", 0, "m.png") + line("1.png", 1, ""));
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("/0.png: normal by the list") && Contains("gt/m.png"));
  folder.add("all.json", line("0.png", 0, "empty.png") + line("1.png", 1, "m.png"));
  CHECK(read_dataset(folder / "all.json").samples.at(0).masks.empty());
  CHECK_THAT(left_out_beside(read_dataset(folder / "all.json")), Contains("1 empty mask of a normal image"));
  folder.add("all.json", line("1.png", 1, "m.png") + line("2.png", 1, "gt/m.png"));
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("/1.png and ") && Contains("/2.png: the list"));
  const std::string header = "object,split,label,image,mask\n";
  folder.add("split_csv/1cls.csv", header + "part,train,normal,0.png,gt/m.png\n");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("/0.png: normal by the list"));
  folder.add("split_csv/1cls.csv", header + "part,test,anomaly,1.png,gt/m.png\npart,test,anomaly,2.png,gt/m.png\n");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("/1.png and ") && Contains("/2.png: the list"));
}

TEST_CASE("names in a list that differ in case or blanks alone are refused", "[issues][lists]") {
  const std::string other = GENERATE(as<std::string>(), "Part", "part ", " PART");
  const DataFolder folder({"0.png", "1.png"});
  folder.add("all.json", good + "\n" + R"({"filename": "1.png", "label": 0, "clsname": ")" + other + "\"}");
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"), Contains("'part'") && Contains("'" + other + "'"));
}

TEST_CASE("absolute names in a list are the files themselves", "[issues][lists]") {
  const DataFolder elsewhere({"gear/train/good/0.png"}), folder({"images/1.png", "masks/x.png", "good/2.png"});
  const auto line = [](const fs::path& file) {
    return R"({"filename": ")" + file.string() + R"(", "label": 0})" + "\n";
  };
  folder.add("train.json", line(elsewhere / "gear/train/good/0.png") + line("1.png"));
  const Dataset data = read_dataset(folder.path());
  REQUIRE(data.samples.size() == 2);
  CHECK(std::ranges::count(data.samples, elsewhere / "gear/train/good/0.png", &Sample::file) == 1);
  CHECK(std::ranges::count(data.samples, folder / "images/1.png", &Sample::file) == 1);
  CHECK(std::ranges::count(data.objects, "gear") == 1);
  folder.add("train.json", line(fs::canonical(folder / "images/1.png")));  // called as the folder, not as one above it
  CHECK(read_dataset(folder.path()).objects == Lines{folder.path().filename().string()});
  folder.add("train.json", line("/none/0.png"));
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("no such file: '/none/0.png'; correct"));
}
