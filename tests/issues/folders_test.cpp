// Folders that mislead: what they hold is read as meant, or refused with both places named; nothing is taken for what
// it is not, and nothing is left out without a word.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"
#include "tensor/text.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

// "train 3, test 1 normal, 2 crack" and so on, kinds in alphabetical order.
std::string counts(const Dataset& data, const std::string& object) {
  std::map<std::string, int> kinds;
  for (const Sample& sample : data.samples)
    if (sample.object == object) ++kinds[sample.train ? " train" : sample.label_name];
  std::string text;
  for (const auto& [kind, count] : kinds) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + kind;
  return text;
}

std::string left_out(const Dataset& data, const std::string& object) {
  return description(data, object);
}

}  // namespace

TEST_CASE("images in sub-folders belong to the folder above", "[issues][folders]") {
  const DataFolder folder({"nut/train/good/0.png", "nut/train/good/day2/0.png", "nut/train/good/day2/late/1.png",
                           "nut/test/good/a/b/0.png", "nut/test/crack/0.png", "nut/test/crack/day2/0.png",
                           "cap/good/0.png", "cap/good/new/1.png", "cap/dent/x/y/0.png"});
  const Dataset data = read_dataset(folder.path());
  CHECK(data.objects == Lines{"cap", "nut"});
  CHECK(counts(data, "nut") == "3  train, 2 crack, 1 good");
  CHECK(counts(data, "cap") == "2  train, 1 dent");
}

TEST_CASE("a folder that contradicts the one above is refused", "[issues][folders]") {
  const std::string inside = GENERATE(as<std::string>(), "train/good/NG/0.png", "train/good/test/0.png",
                                      "train/good/with_defects/0.png", "test/good/bad/0.png", "test/crack/good/0.png",
                                      "test/crack/train/0.png", "train/crack/0.png", "train/NG/0.png");
  const DataFolder folder({"nut/train/good/0.png", "nut/test/good/0.png", "nut/test/crack/0.png", "nut/" + inside});
  INFO(inside);
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(fs::path("nut/" + inside).parent_path().string()));
}

TEST_CASE("every usual word for normal and for defects is known, in any case", "[issues][folders]") {
  const std::string good =
      GENERATE(as<std::string>(), "good", "Good", "OK", "ok", "normal", "NORMAL", "pass", "i.O", "gut", "bon", "buono",
               "bueno", "Good Parts", "ok_images", "defect_free", "no_defect");
  INFO(good);
  const DataFolder mvtec({"nut/train/" + good + "/0.png", "nut/test/" + good + "/0.png", "nut/test/crack/0.png"});
  CHECK(counts(read_dataset(mvtec.path()), "nut") == "1  train, 1 crack, 1 good");
  const DataFolder plain({"nut/" + good + "/0.png", "nut/crack/0.png"});
  CHECK(counts(read_dataset(plain.path()), "nut") == "1  train, 1 crack");
  CHECK(read_dataset(plain / "nut").objects == Lines{"nut"});
}

TEST_CASE("folders of normal images, defects and masks are one object", "[issues][folders]") {
  const std::vector<std::string> names = GENERATE(values<std::vector<std::string>>({{"OK", "NG", "MASK"},
                                                                                    {"normal", "abnormal", "mask"},
                                                                                    {"good", "bad", "ground_truth"},
                                                                                    {"i.O", "n.i.O", "Masken"},
                                                                                    {"bon", "mauvais", "masques"},
                                                                                    {"buono", "difettoso", "gt"}}));
  const DataFolder folder({names[0] + "/0.png", names[0] + "/1.png", names[1] + "/0.png", names[1] + "/scratch/7.png"});
  folder.add_masks({names[2] + "/0.png", names[2] + "/7_mask.png"});
  const Dataset data = read_dataset(folder.path());
  REQUIRE(data.objects.size() == 1);
  CHECK(counts(data, data.objects[0]) == "2  train, 1 " + escaped(names[1]) + ", 1 scratch");
  CHECK_THAT(description(data, data.objects[0]), Contains("all with masks") && Contains("false alarms"));
}

TEST_CASE("a folder whose name speaks of normal images or defects is no product", "[issues][folders]") {
  const DataFolder front({"ok_front/0.png", "def_front/0.png"});
  CHECK_THROWS_WITH(read_dataset(front.path()), Contains("ok_front"));
  const DataFolder broken({"broken_large/0.png", "contamination/0.png"});
  CHECK_THROWS_WITH(read_dataset(broken.path()), Contains("broken_large"));
  const DataFolder defects({"NG/0.png", "scratch/0.png"});
  CHECK_THROWS_WITH(read_dataset(defects.path()), Contains("good"));
  const DataFolder classes({"0/0.png", "1/0.png"});
  CHECK_THROWS_WITH(read_dataset(classes.path()), Contains("'0' and '1'"));
  const DataFolder by_part({"good/bottle/0.png", "good/cap/0.png", "bad/bottle/0.png"});
  CHECK_THROWS_WITH(read_dataset(by_part.path()), Contains("good/bottle and ") && Contains("bad/bottle"));
  const DataFolder kind_masks({"good/0.png", "NG/0.png", "NG_mask/0.png"});
  CHECK_THROWS_WITH(read_dataset(kind_masks.path()), Contains("NG_mask"));
  const DataFolder masks({"images/0.png", "masks/0.png"});
  CHECK_THROWS_WITH(read_dataset(masks.path()), Contains("images") && Contains("good"));
  const DataFolder kind({"nut/train/good/0.png", "nut/test/ok_front/0.png"});
  CHECK_THROWS_WITH(read_dataset(kind.path()), Contains("test/ok_front"));
  const DataFolder objects({"nut/train/good/0.png", "cap/train/good/0.png", "test/0.png"});
  CHECK_THROWS_WITH(read_dataset(objects.path()), Contains("cap") && Contains("an object"));
}

TEST_CASE("several folders for testing, and names in any case", "[issues][folders]") {
  const DataFolder folder({"can/train/good/0.png", "can/validation/good/0.png", "can/test_public/good/0.png",
                           "can/test_public/bad/0.png", "can/test_private/0.png", "can/test_private_mixed/0.png",
                           "can/backup/0.png", "pin/Train/Good/0.png", "pin/TEST/Ok/0.png", "pin/TEST/NG/dent/0.png",
                           "pin/TEST/NG/0.png", "box/good/0.png", "box/test/good/1.png", "box/test/dent/2.png"});
  folder.add_masks({"can/test_public/ground_truth/bad/0_mask.png"});
  const Dataset data = read_dataset(folder.path());
  CHECK(counts(data, "can") == "1  train, 1 bad, 2 good");
  CHECK_THAT(left_out(data, "can"), Contains("test_private (1 image, without labels)") && Contains("backup (1 image") &&
                                        Contains("all with masks"));
  CHECK(counts(data, "pin") == "1  train, 1 NG, 1 dent, 1 good");
  CHECK(counts(data, "box") == "1  train, 1 dent, 1 good");
}

TEST_CASE("two places that say different things are both named", "[issues][folders]") {
  struct Case {
    std::vector<std::string> files;
    std::string one, other;
  };
  const Case at = GENERATE(values<Case>({
      {{"n/good/0.png", "n/ok/0.png"}, "n/good", "n/ok"},
      {{"n/train/0.png", "n/training/0.png"}, "n/train", "n/training"},
      {{"n/train/good/0.png", "n/train/OK/0.png"}, "train/OK", "train/good"},
      {{"n/train/good/0.png", "n/test/good/0.png", "n/test/normal/0.png"}, "test/good", "test/normal"},
      {{"n/train/good/0.png", "n/ok/0.png"}, "n/train", "n/ok"},
      {{"n/0.png", "n/day2/0.png"}, "n/0.png", "n/day2"},
      {{"n/Data/Images/Normal/0.png", "n/train/good/0.png"}, "Data/Images", "n/train"},
      {{"n/train/good/0.png", "n/old/train/good/0.png"}, "n/old", "n"},
      {{"n/Cap/good/0.png", "n/cap/good/0.png"}, "n/Cap", "n/cap"},
      {{"n/good/0.png", "n/good/new/Ridge/1.png", "n/ridge/0.png"}, "good/new/Ridge", "n/ridge"},
      {{"n/train/good/ridge/0.png", "n/test/ridge/0.png"}, "good/ridge", "test/ridge"},
  }));
  const DataFolder folder(at.files);
  INFO(at.one);
  CHECK_THROWS_WITH(read_dataset(folder / "n"), Contains(at.one) && Contains(at.other));
}

TEST_CASE("defects are not learned for normal by an oversight", "[issues][folders]") {
  const DataFolder folder({"bottle/train/good/0.png", "bottle/test/broken_large/0.png", "bottle/test/good/0.png",
                           "bottle/ground_truth/broken_large/0.png", "NOK/0.png", "valve/reject/dent/0.png"});
  for (const char* name :
       {"bottle/test/broken_large", "NOK", "valve/reject/dent", "bottle/ground_truth/broken_large"}) {
    INFO(name);
    CHECK_THROWS_WITH(read_object(folder / name), Contains("--normal") && Contains(name));
    CHECK_THROWS_AS(read_dataset(folder / name), Error);
    CHECK(read_object(folder / name, "part", Trust::caller).samples.size() == 1);
  }
  CHECK_THROWS_AS(read_dataset(folder / "bottle/ground_truth"), Error);
  CHECK(read_object(folder / "bottle/train/good").objects == Lines{"bottle"});  // not "good"
}

TEST_CASE("what a product's line says of its images", "[issues][folders]") {
  const DataFolder folder({"cap/overview.png", "cap/good/0.png", "cap/good/1.png", "cap/dent/0.png", "box/0.png"});
  const Dataset data = read_dataset(folder.path());
  CHECK_THAT(description(data, "cap"),
             Contains("cap: 3 normal to learn from, 1 of them (overview.png) beside the folder of normal images") &&
                 Contains("0 normal and 1 defective to test (kind dent, no masks)") &&
                 Contains("(in test/good) false alarms cannot be measured"));
  CHECK_THAT(description(data, "box"), Contains("box: 1 normal to learn from, none to test; without"));
}

TEST_CASE("content decides what is an image", "[issues][folders]") {
  const DataFolder folder(
      {"cap/0.jfif", "cap/1.jpe", "cap/2", "cap/3.dat", "cap/notes.txt", "cap/Thumbs.db.txt", "cap/.hidden.png"});
  const Dataset data = read_dataset(folder / "cap");
  CHECK(data.samples.size() == 4);
  CHECK_THAT(description(data, "cap"), Contains("left out: 3 files that are no images (.hidden.png, ...)"));
  CHECK(list_images(folder / "cap").size() == 4);
  struct Case {
    std::string file, content, reason;
  };
  const Case at = GENERATE(values<Case>({{"x.png", "GIF89a....", "GIF by its content; only PNG, JPEG"},
                                         {"x", "GIF89a....", "only PNG, JPEG"},
                                         {"x.dat", "8BPS....", "only PNG, JPEG"},
                                         {"x.tif", "....ftypavif", "AVIF by its content"},
                                         {"x.jpeg", "", "empty"},
                                         {"x.png", "not an image", "not a PNG, JPEG"},
                                         {"x.tiff", "", "empty"}}));
  folder.add("cap/" + at.file, at.content);
  CHECK_THROWS_WITH(read_dataset(folder / "cap"), Contains("cap/" + at.file) && Contains(at.reason));
  Lines problems;
  CHECK(list_images(folder / "cap", [&](const fs::path& file, const std::string& reason) {
          problems.push_back(file.filename().string() + "|" + reason);
        }).size() == 4);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], Contains(at.file + "|") && Contains(at.reason));
}

TEST_CASE("file names may hold any byte", "[issues][folders][names]") {
  const DataFolder folder({"caf\xe9/train/good/\xff\xfe.png",
                           "caf\xe9/test/gr\xfc"
                           "n/new\nline.png",
                           "b/good/0.png"});
  const Dataset data = read_dataset(folder.path());
  CHECK(data.objects == Lines{"b", R"(caf\xe9)"});
  CHECK(data.samples.size() == 3);
  CHECK(data.select(R"(caf\xe9)", Part::test).at(0).label_name == R"(gr\xfcn)");
  CHECK(plain_text(description(data, R"(caf\xe9)")) == description(data, R"(caf\xe9)"));
  CHECK(list_images(folder.path()).size() == 3);
}

TEST_CASE("what predict leaves out of a folder is said", "[issues][folders]") {
  const DataFolder folder({"in/0.png", "in/sub/1.png", "in/notes.txt", "in/sub/2.png", "in/found/predictions.csv",
                           "in/found/heatmaps/0.png", "in/run/run.json", "in/run/config.toml", "in/run/gallery/0.png"});
  folder.add("in/found/predictions.csv", "file\n");
  folder.add("in/run/run.json", "{}");
  folder.add("in/run/config.toml", "");
  folder.add_masks({"in/masks/0.png", "in/GT/0.png", "in/sub/1_mask.png", "in/sub/2.bmp.png"});
  fs::remove(folder / "in/sub/2.bmp.png");
  std::string note;
  const auto images = list_images(folder / "in", {}, [&](const std::string& text) { note += text + "\n"; });
  CHECK(images == std::vector<fs::path>{folder / "in/0.png", folder / "in/sub/1.png", folder / "in/sub/2.png"});
  CHECK_THAT(note, Contains("masks (1 image, masks)") && Contains("GT (1 image, masks)") && Contains("1_mask.png") &&
                       Contains("notes.txt") && Contains("heatmaps (written by a program)") &&
                       Contains("run (written by a program)"));
  CHECK(std::ranges::count(note, '\n') == 1);
}

TEST_CASE("what a program wrote beside the images is not learned", "[issues][folders]") {
  const DataFolder folder({"nut/good/0.png", "nut/dent/0.png", "nut/dent/heatmaps/0.png", "nut/run/gallery/0.png",
                           "nut/good/@eaDir/0.png"});
  folder.add("nut/dent/predictions.jsonl", "{}\n");
  folder.add("nut/run/run.json", "{}");
  folder.add("nut/run/config.toml", "");
  const Dataset data = read_dataset(folder.path());
  CHECK(counts(data, "nut") == "1  train, 1 dent");
  CHECK_THAT(description(data, "nut"),
             Contains("heatmaps (written") && Contains("run (written") && Contains("@eaDir (written"));
}

TEST_CASE("a folder that several links lead to is read once in an object", "[issues][folders]") {
  const DataFolder folder({"nut/train/good/0.png", "nut/test/good/1.png", "nut/test/crack/2.png"});
  fs::create_directory_symlink(folder / "nut/test/crack", folder / "nut/test/a_link");
  fs::create_directory_symlink(folder / "nut", folder / "nut/test/crack/loop");
  const Dataset data = read_dataset(folder.path());
  CHECK(counts(data, "nut") == "1  train, 1 crack, 1 good");
  CHECK_THAT(description(data, "nut"), Contains("a_link (leads to") && Contains("loop (leads to"));
}

TEST_CASE("a link that leads nowhere is an error, whatever its name", "[issues][folders]") {
  for (const char* link : {"nut/train/good/session2", "nut/test/rust", "cap", "nut/notes"}) {
    INFO(link);
    const DataFolder folder({"nut/train/good/0.png", "nut/test/good/0.png", "nut/test/crack/0.png"});
    fs::create_symlink("/mnt/no such disk/session2", folder / link);
    CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(std::string(link) + ": the link leads nowhere"));
    Lines problems;
    CHECK(list_images(folder.path(), [&](const fs::path& file, const std::string&) {
            problems.push_back(file.lexically_relative(folder.path()).string());
          }).size() == 3);
    CHECK(problems == Lines{link});
  }
}

TEST_CASE("a folder itself comes before links to it", "[issues][folders]") {
  const DataFolder folder({"nut/train/good/0.png", "nut/train/good/1.png", "nut/test/crack/2.png"});
  fs::create_directory_symlink("../train/good", folder / "nut/test/good");
  for (const fs::path& root : {folder.path(), folder / "nut"}) {
    const Dataset data = read_dataset(root);
    CHECK(counts(data, "nut") == "2  train, 1 crack");
    CHECK_THAT(description(data, "nut"), Contains("nut/test/good (leads to"));
  }
  const DataFolder store({"nut/.store/a/0.png", "nut/dent/1.png"});  // what is hidden is read by its link
  fs::create_directory_symlink(".store/a", store / "nut/good");
  CHECK(counts(read_dataset(store / "nut"), "nut") == "1  train, 1 dent");
}

TEST_CASE("more words for normal, defect and the parts", "[issues][folders]") {
  const auto [train, test, good, bad] = GENERATE(
      table<std::string, std::string, std::string, std::string>({{"Lernen", "Prüfen", "in Ordnung", "nicht in Ordnung"},
                                                                 {"LERNEN", "PRÜFEN", "freigegeben", "Ausschuß"},
                                                                 {"apprentissage", "essai", "bon", "mauvais"},
                                                                 {"train", "test", "Годные", "БРАК"},
                                                                 {"train", "test", "通过", "失败"},
                                                                 {"train", "test", "合格", "不合格"},
                                                                 {"train", "test", "Hyvä", "huono"},
                                                                 {"train", "test", "without defect", "aussortiert"}}));
  INFO(good);
  const DataFolder folder({"nut/" + train + "/" + good + "/0.png", "nut/" + test + "/" + good + "/0.png",
                           "nut/" + test + "/" + bad + "/0.png"});
  CHECK_THAT(counts(read_dataset(folder.path()), "nut"),
             Contains("1  train") && Contains("1 " + bad) && Contains("1 good"));
  CHECK(hinted_role("x_" + bad) != FolderRole::normal);
}

TEST_CASE("folders that are hardly products", "[issues][folders]") {
  struct Case {
    Lines files;
    std::string message;
  };
  const Case at = GENERATE(values<Case>({
      {{"gear_train/0.png", "gear_test/0.png"}, "gear_test"},
      {{"train_gear/good/0.png", "nut/good/0.png"}, "train_gear"},
      {{"class_0/0.png", "class_1/0.png"}, "'class_0' and 'class_1'"},
      {{"P/0.png", "F/0.png"}, "'P' and 'F'"},
      {{"2024-05-01/0.png", "2024-05-02/0.png"}, "'2024-05-01'"},
      {{"20240501/good/0.png", "20240502/good/0.png"}, "sessions"},
      {{"01.05.2024/0.png", "13.05.2024/0.png"}, "sessions"},
      {{"Gear_OK/0.png", "Gear_NG/0.png"}, "/Gear_NG: a product"},
      {{"gear/0.png", "gear /0.png"}, "gear "},
      {{"nut/train/good/0.png", "nut/test/0/0.png", "nut/test/1/0.png"}, "test/0"},
  }));
  const DataFolder folder(at.files);
  INFO(at.message);
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(at.message));
}

TEST_CASE("names of parts and numbers are products", "[issues][folders]") {
  const DataFolder folder({"P/0.png", "20249999/0.png", "1234567/0.png", "toy_train/train/good/0.png",
                           "nut/train/good/0.png", "nut/test/good/0.png", "nut/test/0/0.png"});
  CHECK(read_dataset(folder.path()).objects == Lines{"1234567", "20249999", "P", "nut", "toy_train"});
}

TEST_CASE("images called as defects are not learned as normal ones", "[issues][folders]") {
  const DataFolder folder({"a/OK_001.png", "a/NG_001.png", "a/NG_002.png", "b/train/good/DEFECT_1.png",
                           "b/train/good/0.png", "c/fehler12.png", "c/0.png"});
  CHECK_THROWS_WITH(read_dataset(folder / "a"),
                    Contains("a/NG_001.png: the name says that this is a defect") && Contains("1 more name does"));
  CHECK_THROWS_WITH(read_object(folder / "b"), Contains("good/DEFECT_1.png"));
  CHECK_THROWS_WITH(read_object(folder / "c"), Contains("fehler12.png"));
  CHECK(read_object(folder / "a", "a", Trust::caller).samples.size() == 3);
  const DataFolder fine({"a/defect_free_1.png", "a/NGK_1.png", "a/n_1.png", "a/cam_NGK.png", "a/no_defect_2.png"});
  CHECK(read_dataset(fine / "a").samples.size() == 5);
}
