// Lists that contradict themselves, their folders or other files: what a row says by other keys, keys that are there
// twice, photographs of defects among the normal ones, and lists and files that nobody reads.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/json_fields.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

std::string row(const std::string& file, int label, const std::string& more = "") {
  return R"({"filename": ")" + file + R"(", "label": )" + std::to_string(label) + R"(, "clsname": "gear")" +
         (more.empty() ? "" : ", " + more) + "}\n";
}

std::string head(const std::string& more = "") {
  return "object,split,label,image,mask" + more + "\n";
}

}  // namespace

TEST_CASE("a list says normal, the folder of the file says defect", "[issues][lists]") {
  const std::string bad =
      GENERATE(as<std::string>(), "gear/NG/x.png", "gear/Anomaly/x.png", "gear/Data/Images/Anomaly/x.png",
               "NG/2024/05/x.png", "gear/line2_NG/x.png", "defects/crack/x.png");
  const DataFolder folder({"gear/good/n.png", bad});
  INFO(bad);
  for (const std::string list : {"train.jsonl", "test.json", "all.jsonl"}) {
    const DataFolder own({"gear/good/n.png", bad});
    own.add(list, row("gear/good/n.png", 0) + row(bad, 0));
    CHECK_THROWS_WITH(read_dataset(own / list), Contains(list + ": line 2") && Contains("says normal") &&
                                                    Contains("says defect") && Contains(bad));
    own.add(list, row("gear/good/n.png", 0) + row(bad, 0, "\"checked\": true"));
    CHECK(read_dataset(own / list).samples.size() == 2);
  }
  for (const std::string split : {"train", "test"}) {
    folder.add("split_csv/1cls.csv",
               head() + "gear,train,normal,gear/good/n.png,\ngear," + split + ",normal," + bad + ",\n");
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("line 3") && Contains("says normal") && Contains(bad));
  }
  folder.add("split_csv/1cls.csv",
             head(",checked") + "gear,train,normal,gear/good/n.png,,\ngear,test,normal," + bad + ",,1\n");
  CHECK(read_dataset(folder.path()).samples.size() == 2);
}

TEST_CASE("a list says defect, the folder says normal; masks are no images", "[issues][lists]") {
  const DataFolder folder({"gear/good/n.png", "gear/OK/x.png", "masks/x.png"});
  folder.add("all.jsonl", row("gear/good/n.png", 0) + row("gear/OK/x.png", 1));
  CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"), Contains("line 2") && Contains("'OK'"));
  for (const int label : {0, 1}) {
    folder.add("all.jsonl", row("gear/good/n.png", 0) + row("masks/x.png", label));
    CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"), Contains("line 2") && Contains("'masks'"));
  }
}

TEST_CASE("the folder nearest to a file decides, and those above the list do not count", "[issues][lists]") {
  const DataFolder folder({"NG/list/anomaly/good/n.png", "NG/list/mask/train/good/n.png", "NG/list/good/x/NG/x.png"});
  folder.add("NG/list/all.jsonl",
             row("anomaly/good/n.png", 0) + row("mask/train/good/n.png", 0) + row("good/x/NG/x.png", 1));
  CHECK(read_dataset(folder / "NG/list/all.jsonl").samples.size() == 3);
}

TEST_CASE("a link or an absolute name into a folder of defects is one of a defect", "[issues][lists]") {
  const DataFolder elsewhere({"NG/2024/x.png"}), folder({"img/n.png"});
  fs::create_symlink(elsewhere / "NG/2024/x.png", folder / "img/x.png");
  folder.add("train.jsonl", row("img/n.png", 0) + row("img/x.png", 0));
  CHECK_THROWS_WITH(read_dataset(folder / "train.jsonl"), Contains("line 2") && Contains("'NG'"));
  folder.add("train.jsonl", row("img/n.png", 0) + row((elsewhere / "NG/2024/x.png").string(), 0));
  CHECK_THROWS_WITH(read_dataset(folder / "train.jsonl"), Contains("line 2") && Contains("'NG'"));
}

TEST_CASE("a normal image has a mask that the list does not name", "[issues][lists]") {
  const std::string mask = GENERATE(as<std::string>(), "masks/x.png", "masks/x_mask.png", "ground_truth/img/x.png",
                                    "img/x_mask.png", "img/GT/x.png", "masks/x.bmp", "masks/x.tif");
  INFO(mask);
  const auto read = [&](Drawn drawn, const std::string& more) {
    const DataFolder folder({"img/n.png", "img/x.png"});
    folder.add_masks({mask}, drawn);
    folder.add("train.jsonl", row("img/n.png", 0) + row("img/x.png", 0, more));
    return read_dataset(folder / "train.jsonl").samples.size();
  };
  CHECK_THROWS_WITH(read(Drawn::mask, ""), Contains("/img/x.png: normal by the list") && Contains(mask));
  CHECK(read(Drawn::mask, "\"checked\": true") == 2);
  CHECK(read(Drawn::empty_mask, "") == 2);
  const DataFolder visa({"gear/Data/Images/Normal/x.png", "gear/Data/Images/other/x7.png"});
  visa.add_masks({"gear/Data/Masks/Anomaly/x.png", "gear/Data/Masks/x7.png"});
  visa.add("split_csv/1cls.csv", head() + "gear,train,normal,gear/Data/Images/Normal/x.png,\n");
  CHECK(read_dataset(visa.path()).samples.size() == 1);  // the mask is that of another image, of kind Anomaly
  visa.add("split_csv/1cls.csv", head() + "gear,train,normal,gear/Data/Images/other/x7.png,\n");
  CHECK_THROWS_WITH(read_dataset(visa.path()), Contains("x7.png: normal by the list"));
}

TEST_CASE("rows that say so are left out", "[issues][lists]") {
  const std::string key = GENERATE(as<std::string>(), "\"exclude\": true", "\"ignore\": 1", "\"Skip\": \"yes\"",
                                   "\"use\": false", "\"is_valid\": 0", "\"do_not_use\": \"x\"");
  INFO(key);
  const DataFolder folder({"n.png", "x.png"});
  folder.add("train.jsonl", row("n.png", 0) + row("x.png", 0, key));
  const Dataset data = read_dataset(folder / "train.jsonl");
  CHECK(data.samples.size() == 1);
  CHECK_THAT(left_out_beside(data), Contains("1 row of train.jsonl") && Contains("line 2"));
  folder.add("train.jsonl", row("n.png", 0) + row("x.png", 0, "\"exclude\": \"perhaps\""));
  CHECK_THROWS_WITH(read_dataset(folder / "train.jsonl"), Contains("line 2: 'exclude' must be true or false"));
  folder.add("train.jsonl", row("n.png", 0, "\"exclude\": false") + row("x.png", 0, "\"use\": true"));
  CHECK(read_dataset(folder / "train.jsonl").samples.size() == 2);
  folder.add("split_csv/1cls.csv", head(",exclude") + "gear,train,normal,n.png,,0\ngear,train,normal,x.png,,1\n");
  fs::remove(folder / "train.jsonl");
  CHECK(read_dataset(folder.path()).samples.size() == 1);
  CHECK_THAT(left_out_beside(read_dataset(folder.path())), Contains("1 row of 1cls.csv"));
}

TEST_CASE("what a row says of the part agrees with its label", "[issues][lists]") {
  const auto [label, key] = GENERATE(table<int, std::string>({{0, "\"anomaly\": 1"},
                                                              {0, "\"is_anomaly\": true"},
                                                              {0, "\"defect\": \"crack\""},
                                                              {0, "\"defects\": [\"crack\"]"},
                                                              {0, "\"ok\": false"},
                                                              {0, "\"status\": \"NG\""},
                                                              {0, "\"defect_type\": \"scratch\""},
                                                              {1, "\"anomaly\": 0"},
                                                              {1, "\"isGood\": true"}}));
  INFO(key);
  const DataFolder folder({"n.png", "x.png"});
  folder.add("all.jsonl", row("n.png", 0) + row("x.png", label, key));
  CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"),
                    Contains("line 2: the label says") && Contains(key.substr(1, key.find('"', 1) - 1)));
  folder.add("all.jsonl", row("n.png", 0) + row("x.png", 1 - label, key));
  CHECK(read_dataset(folder / "all.jsonl").samples.size() == 2);
}

TEST_CASE("columns agree with the label, too", "[issues][lists]") {
  const DataFolder folder({"n.png", "x.png"});
  folder.add("split_csv/1cls.csv", head(",is_defect") + "gear,train,normal,n.png,,\ngear,train,normal,x.png,,1\n");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("line 3: the label says normal") && Contains("'is_defect'"));
  folder.add("split_csv/1cls.csv", head(",label") + "gear,train,normal,n.png,,normal\n");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("line 1") && Contains("'label' is there twice"));
  folder.add("split_csv/1cls.csv", head(",Label") + "gear,train,normal,n.png,,normal\n");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("'Label'"));
}

TEST_CASE("a list for all says by split what is for training", "[issues][lists]") {
  const std::string key = GENERATE(as<std::string>(), "split", "subset", "Phase");
  const DataFolder folder({"n.png", "t.png", "x.png"});
  const auto part = [&](const std::string& name) { return "\"" + key + "\": \"" + name + "\""; };
  folder.add("all.jsonl",
             row("n.png", 0, part("train")) + row("t.png", 0, part("test")) + row("x.png", 1, part("val")));
  CHECK(lines_of(read_dataset(folder / "all.jsonl"), folder) ==
        Lines{"gear train good n.png", "gear test good t.png", "gear test defect x.png"});
  folder.add("all.jsonl", row("n.png", 0, part("train")) + row("t.png", 0));
  CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"), Contains("line 2: does not say"));
  folder.add("all.jsonl", row("x.png", 1, part("train")));
  CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"), Contains("line 1: a training image must be normal"));
  folder.add("train.jsonl", row("n.png", 0, part("test")));
  CHECK_THROWS_WITH(read_dataset(folder / "train.jsonl"), Contains("line 1: the list is for training"));
  folder.add("all.jsonl", row("n.png", 0, "\"split\": \"A\""));
  CHECK_THROWS_WITH(read_dataset(folder / "all.jsonl"), Contains("'split' must be train or test"));
}

TEST_CASE("keys that are not used are said once for each list", "[issues][lists]") {
  const DataFolder folder({"n.png", "m.png", "x.png"});
  folder.add("train.jsonl",
             row("n.png", 0, R"("remark": "NG, do not use", "camera": 2)") + row("m.png", 0, R"("remark": "new")"));
  folder.add("test.jsonl", row("x.png", 1, R"("mask": "gt/x.png")"));
  const std::string said = left_out_beside(read_dataset(folder.path()));
  CHECK_THAT(said, Contains("train.jsonl says by keys that are not used: camera (1 row), remark (2 rows)"));
  CHECK_THAT(said, Contains("test.jsonl says by keys that are not used: mask (1 row)"));
  const DataFolder csv({"n.png"});
  csv.add("split_csv/1cls.csv", head(",remark") + "gear,train,normal,n.png,,NG\n");
  CHECK_THAT(left_out_beside(read_dataset(csv.path())), Contains("not used: remark (1 row)"));
  for (const std::string key : {"Label", "label-name", "CLSNAME"}) {
    folder.add("train.jsonl", row("n.png", 0, "\"" + key + "\": 1"));
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("line 1") && Contains("'" + key + "'"));
  }
}

TEST_CASE("a key that is there twice is an error", "[issues][lists]") {
  const DataFolder folder({"n.png", "x.png"});
  for (const std::string key : {"label", "filename", "clsname", "remark"}) {
    const std::string twice = row("x.png", 1, "\"" + key + "\": 0, \"" + key + "\": 0");
    folder.add("test.jsonl", row("n.png", 0) + twice);
    CHECK_THROWS_WITH(read_dataset(folder / "test.jsonl"),
                      Contains("line 2") && Contains("\"" + key + "\" is there twice"));
    folder.add("test.jsonl", "[" + row("n.png", 0) + "," + twice + "]");
    CHECK_THROWS_WITH(read_dataset(folder / "test.jsonl"),
                      Contains("entry 2") && Contains("\"" + key + "\" is there twice"));
  }
  CHECK_THROWS_WITH(parse_json(R"({"a": {"b": 1, "b": 2}})", "file.json"), Contains("file.json: the key \"b\""));
  CHECK(parse_json(R"([{"a": 1}, {"a": {"a": 2}}])", "x").size() == 2);
}

TEST_CASE("other lists and files beside a list are said", "[issues][lists]") {
  const DataFolder folder({"img/n.png", "img/x.png"});
  for (const std::string other : {"train_corrected.jsonl", "train.json.bak", "second.csv"}) folder.add(other, "x\n");
  folder.add("img/annotations.xml", "x\n");
  folder.add("labels.txt");
  folder.add("train.jsonl", row("img/n.png", 0));
  for (const fs::path& data : {folder.path(), folder / "train.jsonl"}) {
    const std::string said = left_out_beside(read_dataset(data));
    CHECK_THAT(said,
               Contains("lists and tables that are not read (second.csv, train.json.bak, train_corrected.jsonl)"));
    CHECK_THAT(said, Contains("2 files that are no images"));
    CHECK_THAT(said, Contains("1 image beside those of train.jsonl (x.png)"));
  }
  fs::remove(folder / "train.jsonl");
  folder.add("split_csv/1cls.csv", head() + "gear,train,normal,img/n.png,\n");
  folder.add("split_csv/2cls_fewshot.csv", head());
  CHECK_THAT(left_out_beside(read_dataset(folder.path())), Contains("2cls_fewshot.csv") && Contains("second.csv"));
}
