#include "iuf/data/dataset.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

using Folder = DataFolder;
using Lines = std::vector<std::string>;

const std::string json_good =
    R"({"filename": "cup/train/good/0.png", "label": 0, "label_name": "good", "clsname": "cup"})";
const std::string json_bad = R"({"filename": "cup/test/dent/0.png", "label": 1, "label_name": "dent", )"
                             R"("maskname": "cup/m.png", "clsname": "cup"})";

}  // namespace

TEST_CASE("an MVTec-AD folder is read with kinds and masks, sorted", "[data][dataset][mvtec]") {
  const Folder folder({"nut/train/good/b.png", "nut/train/good/a.PNG", "nut/test/good/0.png", "nut/test/crack/1.png",
                       "nut/test/crack/0.jpg", "nut/test/cut/0.jpeg", "nut/test/cut/1.png",
                       "nut/ground_truth/crack/0_mask.png", "nut/ground_truth/crack/1_mask.png",
                       "nut/ground_truth/cut/1.png", "bolt/train/good/0.png", "bolt/test/good/0.png", "readme.txt",
                       "nut/license.txt", ".hidden/train/good/0.png", "nut/train/good/.b.png", "empty.bmp"});
  const Dataset data = read_dataset(folder.path());
  CHECK(data.objects == Lines{"bolt", "nut"});
  CHECK(lines_of(data, folder) == Lines{"bolt train good bolt/train/good/0.png", "bolt test good bolt/test/good/0.png",
                                        "nut train good nut/train/good/a.PNG", "nut train good nut/train/good/b.png",
                                        "nut test crack nut/test/crack/0.jpg nut/ground_truth/crack/0_mask.png",
                                        "nut test crack nut/test/crack/1.png nut/ground_truth/crack/1_mask.png",
                                        "nut test cut nut/test/cut/0.jpeg",
                                        "nut test cut nut/test/cut/1.png nut/ground_truth/cut/1.png",
                                        "nut test good nut/test/good/0.png"});
  CHECK(data.select("nut", Part::train).size() == 2);
  CHECK(data.select("nut", Part::test).size() == 5);
  CHECK_THROWS_WITH(data.select("cup", Part::train), Contains("'cup'") && Contains("bolt, nut"));

  const Dataset one = read_dataset(folder / "nut/");
  CHECK(one.objects == Lines{"nut"});
  CHECK(one.samples.size() == 7);
  CHECK(read_object(folder / "nut").samples.size() == 7);
  CHECK(read_object(folder / "nut", "acorn").objects == Lines{"acorn"});
}

TEST_CASE("training images that are not normal and test images without a kind are errors", "[data][dataset][mvtec]") {
  const Folder folder({"nut/train/good/0.png", "nut/test/good/0.png", "nut/train/crack/0.png"});
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("train/crack") && Contains("must be normal"));
  const Folder flat({"nut/train/0.png", "nut/test/1.png"});
  CHECK_THROWS_WITH(read_dataset(flat.path()), Contains("test/1.png") && Contains("test/good"));
}

TEST_CASE("masks that fit no image are an error, a missing one is not", "[data][dataset][mvtec]") {
  const Folder folder({"nut/test/good/0.png", "nut/test/crack/0.png", "nut/ground_truth/crack/x.png"});
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains("ground_truth/crack") && Contains("0_mask.png"));
  folder.add("nut/test/crack/x.png");
  const Dataset data = read_dataset(folder.path());
  CHECK(data.samples[0].masks.empty());
  CHECK(data.samples[1].masks.size() == 1);
}

TEST_CASE("VisA's own split file is read", "[data][dataset][visa]") {
  const Folder folder({"pcb/Data/Images/Normal/0.JPG", "pcb/Data/Images/Normal/1.JPG", "pcb/Data/Images/Anomaly/0.JPG",
                       "pcb/Data/Masks/Anomaly/0.png", "nut, big/Data/Images/Normal/0.JPG"});
  const std::string header = "object,split,label,image,mask\r\n";
  const std::string good = "pcb,train,normal,pcb/Data/Images/Normal/0.JPG,\r\n";
  const auto csv = [&](const std::string& content) {
    folder.add("split_csv/1cls.csv", content);
    return read_dataset(folder.path());
  };
  const Dataset data = csv("\xef\xbb\xbf" + header + good + "pcb,test,normal,pcb/Data/Images/Normal/1.JPG,\n\n" +
                           "\"nut, big\",train,normal,\"nut, big/Data/Images/Normal/0.JPG\",\n" +
                           "pcb,test,anomaly,pcb/Data/Images/Anomaly/0.JPG,pcb/Data/Masks/Anomaly/0.png");
  CHECK(data.objects == Lines{"nut, big", "pcb"});
  CHECK(lines_of(data, folder) == Lines{"nut, big train good nut, big/Data/Images/Normal/0.JPG",
                                        "pcb train good pcb/Data/Images/Normal/0.JPG",
                                        "pcb test anomaly pcb/Data/Images/Anomaly/0.JPG pcb/Data/Masks/Anomaly/0.png",
                                        "pcb test good pcb/Data/Images/Normal/1.JPG"});

  CHECK_THROWS_WITH(csv(""), Contains("1cls.csv") && Contains("lists no images"));
  CHECK_THROWS_WITH(csv("object,split,label,image\n"), Contains("1cls.csv: line 1") && Contains("mask"));
  CHECK_THROWS_WITH(csv(header + good + "pcb,train\n"), Contains("line 3: 2 fields, the header has 5"));
  CHECK_THROWS_WITH(csv(header + "pcb,valid,normal,x.png,\n"), Contains("line 2") && Contains("'valid'"));
  CHECK_THROWS_WITH(csv(header + "pcb,test,ugly,x.png,\n"), Contains("line 2") && Contains("'ugly'"));
  CHECK_THROWS_WITH(csv(header + "pcb,train,anomaly,x.png,\n"), Contains("line 2") && Contains("must be normal"));
  CHECK_THROWS_WITH(csv(header + "pcb,train,normal,x.png,\n"), Contains("line 2") && Contains("'x.png'"));
  CHECK_THROWS_WITH(csv(header + "pcb,train,\"normal,x.png,\n"), Contains("line 2") && Contains("quote"));
  CHECK_THROWS_WITH(csv(header + "a/b,train,normal,pcb/Data/Images/Normal/0.JPG,\n"), Contains("line 2: 'a/b'"));
}

TEST_CASE("VisA's folders without a split file give every tenth normal image to the test", "[data][dataset][visa]") {
  Folder folder({"pcb/Data/Images/Anomaly/0.JPG", "pcb/Data/Masks/Anomaly/0.png"});
  for (int i = 10; i < 30; ++i) folder.add("pcb/Data/Images/Normal/" + std::to_string(i) + ".JPG");
  const Dataset data = read_dataset(folder.path());
  CHECK(data.select("pcb", Part::train).size() == 18);
  const std::vector<Sample> test = data.select("pcb", Part::test);
  REQUIRE(test.size() == 3);
  CHECK((test[0].defect && !test[0].masks.empty() && test[0].label_name == "anomaly"));
  CHECK((test[1].file.filename() == "19.JPG" && test[2].file.filename() == "29.JPG"));
}

TEST_CASE("JSON lines are read from a folder or a file", "[data][dataset][json]") {
  const Folder folder({"cup/train/good/0.png", "cup/test/dent/0.png", "cup/m.png"});
  folder.add("train.json", json_good + "\r\n\n");
  folder.add("test.jsonl", json_bad);
  const Lines expected = {"cup train good cup/train/good/0.png", "cup test dent cup/test/dent/0.png cup/m.png"};
  CHECK(lines_of(read_dataset(folder.path()), folder) == expected);
  CHECK(lines_of(read_dataset(folder / "train.json"), folder) == Lines{expected[0]});
  folder.add("all.jsonl", json_bad + "\n" + json_good + "\n");
  CHECK(lines_of(read_dataset(folder / "all.jsonl"), folder) == expected);

  folder.add("short.json", R"({"filename": "cup/train/good/0.png", "label": 0})"
                           "\n"
                           R"({"filename": "cup/test/dent/0.png", "label": 1, "maskname": null})");
  CHECK(lines_of(read_dataset(folder / "short.json"), folder) ==
        Lines{expected[0], "cup test defect cup/test/dent/0.png"});
}

TEST_CASE("JSON lines may name files relative to a sub-folder", "[data][dataset][json]") {
  const Folder folder({"images/cup/train/good/0.png", "other/x.png"});
  folder.add("train.json", json_good);
  CHECK(lines_of(read_dataset(folder.path()), folder) == Lines{"cup train good images/cup/train/good/0.png"});
}

TEST_CASE("a malformed line of JSON is named by its number", "[data][dataset][json][error]") {
  const Folder folder({"cup/train/good/0.png", "cup/test/dent/0.png"});
  const auto read = [&](const std::string& line, const std::string& name = "test.json") {
    folder.add(name, json_good + "\n" + line + "\n");
    read_dataset(folder / name);
  };
  const std::string file = R"("filename": "cup/train/good/0.png")";
  CHECK_THROWS_WITH(read("{"), Contains("test.json: line 2") && Contains("JSON object"));
  CHECK_THROWS_WITH(read("[1]"), Contains("line 2"));
  CHECK_THROWS_WITH(read(std::string(40000, '[')), Contains("line 2"));
  CHECK_THROWS_WITH(read(std::string(100000, ' ')), Contains("line 2: longer than 65536"));
  CHECK_THROWS_WITH(read(R"({"label": 0})"), Contains("line 2: \"filename\""));
  CHECK_THROWS_WITH(read(R"({"filename": 3, "label": 0})"), Contains("line 2: \"filename\" must be a string"));
  CHECK_THROWS_WITH(read("{" + file + "}"), Contains("line 2: \"label\""));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": 2})"), Contains("line 2: \"label\""));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": "crack"})"), Contains("line 2: \"label\""));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": 99999999999999999999})"), Contains("line 2: \"label\""));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": 0, "clsname": ".."})"), Contains("line 2: '..'"));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": 1, "label_name": "a\nb"})"), Contains("line 2: (3 bytes"));
  CHECK_THROWS_WITH(read(R"({"filename": "no.png", "label": 0})"), Contains("line 2: no such file: 'no.png'"));
  CHECK_THROWS_WITH(read(R"({"filename": "cup", "label": 0})"), Contains("line 2: no such file"));
  CHECK_THROWS_WITH(read(R"({"filename": "cup/train/good/0.png\u0000x", "label": 0})"), Contains("line 2: no such"));
  CHECK_THROWS_WITH(read("{" + file + ", \"label\": 0, \"clsname\": \"\xff\"}"), Contains("line 2"));
  CHECK_THROWS_WITH(read(json_bad), Contains("line 2: no such file: 'cup/m.png'"));
  CHECK_THROWS_WITH(read("{" + file + R"(, "label": 1})", "train.json"), Contains("line 2: a training image"));
  folder.add("none.json", "\n\n");
  CHECK_THROWS_WITH(read_dataset(folder / "none.json"), Contains("none.json") && Contains("lists no images"));
}

TEST_CASE("a plain folder of good images is one object", "[data][dataset][plain]") {
  const Folder folder({"cap/b.png", "cap/a.jpg", "cap/notes.txt"});
  CHECK(lines_of(read_dataset(folder / "cap"), folder) ==
        Lines{"cap train good cap/a.jpg", "cap train good cap/b.png"});
  CHECK(read_object(folder / "cap", "lid").objects == Lines{"lid"});

  folder.add("cap/good/c.png");
  folder.add("cap/dent/0.png");
  folder.add("cap/ground_truth/dent/0.png");
  const Lines expected = {"cap train good cap/a.jpg", "cap train good cap/b.png", "cap train good cap/good/c.png",
                          "cap test dent cap/dent/0.png cap/ground_truth/dent/0.png"};
  CHECK(lines_of(read_object(folder / "cap"), folder) == expected);
  CHECK(lines_of(read_dataset(folder.path()), folder) == expected);

  folder.add("box/0.png");
  CHECK(read_dataset(folder.path()).objects == Lines{"box", "cap"});
  CHECK_THROWS_WITH(read_object(folder.path()), Contains("box, cap") && Contains("one of them"));
}

TEST_CASE("the folder's name is found behind a dot or a link", "[data][dataset][plain]") {
  const Folder folder({"cap/0.png", "cap/good/1.png"});
  fs::create_directory_symlink(folder / "cap", folder / "link");
  CHECK(read_object(folder / "cap/good/..").objects == Lines{"cap"});
  CHECK(read_object(folder / "link").objects == Lines{"cap"});
  CHECK(read_dataset(folder.path()).objects == Lines{"cap", "link"});
}

TEST_CASE("what cannot be a data set is refused with the reason", "[data][dataset][error]") {
  const Folder folder;
  const std::string path = folder.path().string();
  CHECK_THROWS_WITH(read_dataset(folder / "none"), Contains(path + "/none: no such file or folder"));
  CHECK_THROWS_WITH(read_object(folder / "none"), Contains(path + "/none: no such file or folder"));
  CHECK_THROWS_WITH(list_images(folder / "none"), Contains(path + "/none: no such file or folder"));
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(path + ": the folder is empty"));
  CHECK_THROWS_WITH(read_object(folder.path()), Contains(path + ": the folder is empty"));
  CHECK_THROWS_WITH(list_images(folder.path()), Contains(path) && Contains("no PNG, JPEG"));

  folder.add("notes.txt");
  folder.add("sub/more.txt");
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(path + ": no images found"));
  CHECK_THROWS_WITH(read_object(folder.path()), Contains(path + ": no images found"));
  CHECK_THROWS_WITH(read_dataset(folder / "notes.txt"), Contains("notes.txt") && Contains("JSON lines"));
  CHECK_THROWS_WITH(read_object(folder / "notes.txt"), Contains("notes.txt") && Contains("folder"));

  make_folder(folder / "sub/good");
  CHECK_THROWS_WITH(read_object(folder / "sub"), Contains("no images of the object sub"));
  folder.add("sub/good/0.png");
  folder.add("sub/good/1.bmp");
  folder.add("sub/good/2.TIF");
  CHECK_THROWS_WITH(read_object(folder / "sub"), Contains("good/1.bmp: not a PNG, JPEG") && Contains("1 more"));
  CHECK_THROWS_WITH(list_images(folder.path()), Contains("good/1.bmp: not a PNG, JPEG"));
}

TEST_CASE("an image that cannot be reached is named", "[data][dataset][error]") {
  const Folder folder({"cap/0.png"});
  fs::create_symlink(folder / "cap/none.png", folder / "cap/1.png");
  CHECK_THROWS_WITH(read_object(folder / "cap"), Contains("cap/1.png: the link leads nowhere"));
  fs::remove(folder / "cap/1.png");
  fs::create_symlink(folder / "cap/1.png", folder / "cap/1.png");  // a link to itself
  CHECK_THROWS_WITH(read_object(folder / "cap"), Contains("cap/1.png: cannot be read"));
  fs::remove(folder / "cap/1.png");
  folder.add("cap/\xff.png");  // any name will do
  CHECK(read_object(folder / "cap").samples.size() == 2);
}

TEST_CASE("a folder that may not be listed is named", "[data][dataset][error]") {
  if (::geteuid() == 0) return;  // root may list every folder
  const Folder folder({"cap/good/0.png", "cap/dent/0.png"});
  fs::permissions(folder / "cap/dent", fs::perms::none);
  CHECK_THROWS_WITH(read_object(folder / "cap"), Contains("cap/dent: the folder cannot be listed"));
  fs::permissions(folder / "cap/dent", fs::perms::owner_all);
}

TEST_CASE("images are listed through sub-folders and links, each folder once", "[data][dataset]") {
  const Folder folder({"b/2.png", "b/c/3.JPEG", "1.jpg", "b/.hidden.png", "b/text.txt"});
  fs::create_directory_symlink(folder.path(), folder / "b/loop");
  CHECK(list_images(folder.path()) ==
        std::vector<fs::path>{folder / "1.jpg", folder / "b/2.png", folder / "b/c/3.JPEG"});
  CHECK(list_images(folder / "b/text.txt") == std::vector<fs::path>{folder / "b/text.txt"});
}
