// Words for defects at any place of a name, parts that were sorted out, links and folders further up: nothing that says
// it is a defect is learned for normal; negations are normal.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

TEST_CASE("a word for a defect anywhere in a file's name", "[issues][folders][defect_words]") {
  const std::string name =
      GENERATE(as<std::string>(), "20240501_NG.png", "gear_NG_003.png", "7NG.png", "part_nok_3.png", "x-defect.png",
               "cam 2 bad.png", "gearNG_003.png", "Teil n.i.O. 3.png", "part_not_ok_3.png", "3_Kratzer.png",
               "img_rework_2.png", "NG_001.png", "part_kein_gut_3.png", "n.g. 4.png", "5 N-OK.png", "产品不良_3.png",
               "6个缺陷.png", "2024-05-01T10.11.12_NG(2).png", "7_NG品.png", "7_afgekeurd.png", "7_hibás.png",
               "7_selejt.png", "hurda_7.png", "7_wybrakowane.png", "7_pęknięty.png", "7_kasserad.png",
               "7_rechazado.png", "7_çatlak.png", "7_odrzut_2.png", "7_reprovado.png", "7 不適合品.png");
  INFO(name);
  const DataFolder folder(
      {"loose/0.png", "loose/" + name, "nut/train/good/0.png", "nut/test/good/0.png", "nut/test/dent/1.png"});
  CHECK_THROWS_WITH(read_object(folder / "loose"), Contains(name) && Contains("--normal"));
  CHECK(read_object(folder / "loose", "part", Trust::caller).samples.size() == 2);
  for (const char* place : {"nut/train/good", "nut/test/good"}) {
    folder.add(std::string(place) + "/" + name);
    CHECK_THROWS_WITH(read_dataset(folder / "nut"), Contains(std::string(place) + "/" + name));
    fs::remove(folder / place / name);
  }
  CHECK_NOTHROW(read_dataset(folder / "nut"));
}

TEST_CASE("names that only look so", "[issues][folders][defect_words]") {
  const DataFolder folder({"nut/no_defect_1.png", "nut/part_defect_free_2.png", "nut/zero-defects.png",
                           "nut/badge_1.png", "nut/fehlerfrei_7.png", "nut/ohne Fehler.png", "nut/kratzerfrei.png",
                           "nut/NGK_1.png", "nut/not_NG_3.png", "nut/undamaged.png", "nut/a1bad2c3f4e5d6.png",
                           "nut/xn_ok_1.png", "nut/1b9d6bcd-bbfd-4b2d-1bad-ab8dfbbd4bed.png", "nut/无缺陷_2.png",
                           "nut/sans_defaut.png", "nut/EyNG4U.png", "nut/tmp.k2NGxYz.png"});
  CHECK(read_dataset(folder / "nut").samples.size() == 17);
  // A product's own name.
  const DataFolder gasket({"bad_gasket/train/good/bad_gasket_1.png", "bad_gasket/test/good/cam2-bad_gasket-2.png",
                           "bad_gasket/test/dent/bad_gasket_3.png"});
  CHECK(read_dataset(gasket / "bad_gasket").samples.size() == 3);
  gasket.add("bad_gasket/train/good/bad_gasket_1_NG.png");
  CHECK_THROWS_WITH(read_dataset(gasket / "bad_gasket"), Contains("bad_gasket_1_NG.png"));
  // A word of all names says nothing, and that is said.
  const DataFolder sensor({"nut/train/good/fault_cam_1.png", "nut/train/good/fault_cam_2.png",
                           "nut/test/good/fault_cam_3.png", "nut/test/dent/fault_cam_4.png"});
  CHECK_THAT(description(read_dataset(sensor / "nut"), "nut"), Contains("'fault'"));
  sensor.add("nut/train/good/fault_cam_5_NG.png");
  CHECK_THROWS_WITH(read_dataset(sensor / "nut"), Contains("fault_cam_5_NG.png") && Contains("'ng'"));
  fs::remove(sensor / "nut/train/good/fault_cam_5_NG.png");
  sensor.add("nut/test/good/cam_6.png");  // now it is not of all
  CHECK_THROWS_WITH(read_dataset(sensor / "nut"), Contains("fault_cam_1.png") && Contains("more names do"));
}

TEST_CASE("sub-folders of good that were sorted out are refused, others are named", "[issues][folders][defect_words]") {
  const std::string sub =
      GENERATE(as<std::string>(), "scratched", "rework", "do_not_use", "trash", "deleted", "old", "kratzer",
               "Schicht2_NG", "aussortiert", "Papierkorb", "old_2", "line2/rebut", "gelöscht", "basura", "part_cracked",
               "返工", "第2批报废", "scarti", "nicht verwenden");
  INFO(sub);
  for (const std::string place : {"nut/train/good/", "nut/test/good/", "cap/good/", "hex/Data/Images/Normal/"}) {
    const DataFolder folder({place + "0.png", place + sub + "/1.png", "nut/train/good/9.png", "nut/test/dent/0.png"});
    const std::string object = place.substr(0, place.find('/'));
    CHECK_THROWS_WITH(read_dataset(folder / object), Contains(sub) && Contains("move it out"));
  }
  CHECK_FALSE(says_sorted_out("old_camera"));
  CHECK_FALSE(says_sorted_out("no_scratches"));
}

TEST_CASE("the line of a product names sub-folders of good, and kinds", "[issues][folders][defect_words]") {
  const DataFolder folder({"nut/train/good/0.png", "nut/train/good/line2/1.png", "nut/train/good/line2/2.png",
                           "nut/train/good/old_camera/a/3.png", "nut/test/good/day/4.png", "nut/test/Goood/5.png",
                           "nut/test/dent/6.png", "nut/test/dent/7.png"});
  CHECK_THAT(description(read_dataset(folder.path()), "nut"),
             Contains("test/good/day 1, train/good/line2 2, train/good/old_camera/a 1") &&
                 Contains("2 kinds: Goood 1, dent 2; no masks"));
  Lines many = {"nut/train/good/0.png", "nut/test/good/0.png"};
  for (int i = 0; i < 40; ++i) many.push_back("nut/test/kind" + std::to_string(100 + i) + "/0.png");
  const DataFolder large(many);
  CHECK_THAT(description(read_dataset(large.path()), "nut"), Contains("40 kinds: kind100 1") && Contains("28 more"));
}

TEST_CASE("a link is judged by what it leads to", "[issues][folders][defect_words]") {
  const DataFolder folder({"NG_store/x/0.png", "store/NG/0.png", "store/Ausschuss/0.png", "store/NG/2024/05/1.png",
                           "store/pool/part_NG.png", "store/ok/2.png", "store/masks/3.png", "store/pool/4.png",
                           "nut/good/0.png", "cap/train/good/0.png", "cap/test/good/1.png", "cap/test/dent/2.png"});
  fs::create_directory_symlink("NG", folder / "store/x1");
  const auto learns = [&](const std::string& target, const std::string& link) {
    const fs::path at = folder / link;
    fs::create_symlink(target, at);
    bool learned = true;
    try {
      read_dataset(folder / link.substr(0, link.find('/')));
    } catch (const Error& e) {
      learned = false;
      CHECK_THAT(e.what(), Contains(link));
    }
    fs::remove(at);
    return learned;
  };
  CHECK_FALSE(learns("../../store/NG", "nut/good/line2"));
  CHECK_FALSE(learns((folder / "store/NG/2024/05").string(), "nut/good/line2"));
  CHECK_FALSE(learns("../../store/x1", "nut/good/line2"));
  CHECK_FALSE(learns("../../NG_store/x", "nut/good/line2"));
  CHECK_FALSE(learns("../../store/masks", "nut/good/line2"));
  CHECK_FALSE(learns("../../store/pool/part_NG.png", "nut/good/5.png"));
  CHECK_FALSE(learns("../../store/NG/0.png", "nut/good/5.png"));
  CHECK_FALSE(learns("../../../store/ok", "cap/test/scuff"));
  CHECK(learns("../../store/pool/4.png", "nut/good/5.png"));
  CHECK(learns("../../store/ok", "nut/good/line2"));
  // The folder for normal images, a product, and what is given to `iuf add`.
  fs::create_directories(folder / "hex");
  CHECK_FALSE(learns("../store/NG", "hex/good"));
  fs::create_directory_symlink("../store/Ausschuss", folder / "hex/gear");
  CHECK_THROWS_WITH(read_dataset(folder / "hex"), Contains("Ausschuss"));
  CHECK_THROWS_WITH(read_object(folder / "hex/gear"), Contains("Ausschuss") && Contains("--normal"));
  CHECK(read_object(folder / "hex/gear", "gear", Trust::caller).samples.size() == 1);
}

TEST_CASE("names further up say what images show", "[issues][folders][defect_words]") {
  const DataFolder folder({"NG/2024/05/0.png", "nut/defects/day3/cam2/0.png", "nut/good/0.png", "reject/a/b/c/0.png",
                           "cap/test/dent/x/y/0.png", "cap/train/good/0.png", "defects_project/a/b/0.png",
                           "anomaly/data/line_a/nut/0.png", "home/ng/a/b/0.png", "trash/nut/0.png", "rework/0.png",
                           "old/0.png", "scratched/0.png", "scratch_card/0.png"});
  for (const char* name : {"NG/2024/05", "nut/defects/day3/cam2", "reject/a/b/c", "cap/test/dent/x/y", "trash/nut",
                           "rework", "old", "scratched"}) {
    INFO(name);
    CHECK_THROWS_WITH(read_object(folder / name), Contains(name) && Contains("--normal"));
    CHECK(read_object(folder / name, "part", Trust::caller).samples.size() == 1);
  }
  for (const char* name : {"defects_project/a/b", "anomaly/data/line_a/nut", "home/ng/a/b", "scratch_card"}) {
    INFO(name);
    CHECK(read_object(folder / name).samples.size() == 1);
  }
  const fs::path before = fs::current_path();
  fs::current_path(folder / "NG/2024");
  CHECK_THROWS_WITH(read_object("05"), Contains("'NG'"));
  fs::current_path(before);
  const DataFolder products({"gear/0.png", "scratched/0.png"});
  CHECK_THROWS_WITH(read_dataset(products.path()), Contains("scratched"));
}

TEST_CASE("negations say that images are normal", "[issues][folders][defect_words]") {
  const std::string name = GENERATE(
      as<std::string>(), "keine_Defekte", "kein_Fehler", "zero_defect", "zero_defects", "no_defects", "without_defect",
      "sans_defaut", "golden", "golden_samples", "fehlerfrei", "defect-free", "not NG", "sin_defectos", "senza difetti",
      "noDefects", "free_of_defects", "без дефектов", "non_crack", "无缺陷", "ohne Kratzer", "Fehlerlos");
  INFO(name);
  CHECK(role_of(name) == FolderRole::normal);
  CHECK(hinted_role("line2 " + name) != FolderRole::defect);
  CHECK(defect_label(name) == false);
  const DataFolder folder({"nut/train/good/0.png", "nut/test/" + name + "/0.png", "nut/test/dent/0.png"});
  CHECK_THAT(description(read_dataset(folder / "nut"), "nut"), Contains("1 normal and 1 defective to test"));
  const DataFolder plain({"cap/" + name + "/0.png", "cap/NG/1.png"});
  CHECK(read_dataset(plain / "cap").select("cap", Part::train).size() == 1);
  for (const char* bad : {"not_good", "nicht gut", "non buono", "nicht in Ordnung", "notok", "unaccepted", "no_good"})
    CHECK(role_of(bad) == FolderRole::defect);
}

TEST_CASE("pictures made from photographs are left out and said", "[issues][folders][defect_words]") {
  const std::string name = GENERATE(as<std::string>(), "thumbs", "Thumbnails", "overlay", "overlays", "previews",
                                    "heatmaps", "results", "anomaly_maps", "result_images", "thumbs_256");
  INFO(name);
  for (const std::string place : {"nut/", "nut/good/", "nut/dent/", ""}) {
    const DataFolder folder({"nut/good/0.png", "nut/dent/1.png", place + name + "/0.png", place + name + "/a/1.png"});
    const Dataset data = read_dataset(folder.path());
    CHECK(data.objects == Lines{"nut"});
    CHECK(data.samples.size() == 2);
    const std::string said = description(data, "nut") + left_out_beside(data);
    CHECK_THAT(said, Contains(name + " (2 pictures, by its name made from photographs)"));
    std::string note;
    CHECK(list_images(folder.path(), {}, [&](const std::string& text) { note += text; }).size() == 2);
    CHECK_THAT(note, Contains(name + " (2 pictures"));
  }
  const DataFolder own({name + "/train/good/0.png", name + "/test/good/0.png"});  // a product of that name
  CHECK(read_dataset(own.path()).objects == Lines{name});
  const DataFolder alone({name + "/0.png"});
  CHECK_THROWS_WITH(read_dataset(alone.path()), Contains(name + " (1 picture"));
}

TEST_CASE("pictures made from a photograph beside them are left out and said", "[issues][folders][defect_words]") {
  const DataFolder folder({"nut/good/7.png", "nut/good/7_overlay.png", "nut/good/7-annotated.jpg", "nut/good/8.png",
                           "nut/good/9_preview.png", "nut/dent/1.png", "nut/dent/1_heatmap.png"});
  const Dataset data = read_dataset(folder / "nut");
  CHECK(data.samples.size() == 4);  // no photograph 9 is there
  CHECK_THAT(description(data, "nut"), Contains("3 pictures made from photographs beside them (7-annotated.jpg, ...)"));
  std::string note;
  CHECK(list_images(folder / "nut", {}, [&](const std::string& text) { note += text; }).size() == 4);
  CHECK_THAT(note, Contains("3 pictures made from photographs beside them"));
}

TEST_CASE("a hidden folder is called a folder", "[issues][folders][defect_words]") {
  const DataFolder folder({"nut/0.png", "nut/.thumbs/0.png", "nut/.x.png", "nut/notes.txt"});
  const char* said = "2 files that are no images (.x.png, ...), 1 hidden folder (.thumbs)";
  CHECK_THAT(description(read_dataset(folder / "nut"), "nut"), Contains(said));
  std::string note;
  list_images(folder / "nut", {}, [&](const std::string& text) { note += text; });
  CHECK_THAT(note, Contains(said));
}
