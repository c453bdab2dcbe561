// Folders without pictures, and files that may say which images are defective, are named.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/roles.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

TEST_CASE("folders without pictures beside the objects are named", "[issues][folders]") {
  DataFolder folder({"gear/good/0.png", "gear/good/1.png"});
  for (const char* name : {"0", "1", "2"})
    folder.add("labels/train/" + std::string(name) + ".txt", "0 0.5 0.5 .1 .1\n");
  folder.add("Annotations/0.xml", "<annotation/>");
  make_folder(folder / "washer/good");
  folder.add("plate/good/.0.png.icloud", "x");
  folder.add("plate/good/1.jpg.part", "x");
  folder.add("nut/notes.txt", "x");
  const std::string text = left_out_beside(read_dataset(folder.path()));
  CHECK_THAT(text, Contains("5 folders without pictures (Annotations, labels, nut, plate, washer)"));
  CHECK_THAT(text, Contains("4 files that may say which images are defective, not read (0.xml, ...)"));
  CHECK_THAT(text, Contains("2 images that are not there yet (placeholders or half downloads) (.0.png.icloud, ...)"));
  CHECK_THAT(text, Contains("1 file that is no image (notes.txt)"));
  for (int i = 0; i < 9; ++i) make_folder(folder / ("zz" + std::to_string(i)));
  CHECK_THAT(left_out_beside(read_dataset(folder.path())),
             Contains("14 folders without pictures (") && Contains(", ...)"));
}

TEST_CASE("folders without pictures in an object are named", "[issues][folders]") {
  const DataFolder folder({"gear/train/good/0.png", "gear/test/good/0.png", "gear/test/crack/0.png"});
  make_folder(folder / "gear/test/hole/day2");
  folder.add("gear/test/dent/.0.png.icloud", "x");
  folder.add("gear/ground_truth/crack/.0_mask.png.icloud", "x");
  folder.add("gear/train/labels/0.txt", "");
  for (const fs::path& root : {folder.path(), folder / "gear"}) {
    const std::string text = description(read_dataset(root), "gear");
    CHECK_THAT(text, Contains("4 folders without pictures (ground_truth, test/dent, test/hole, train/labels)"));
    CHECK_THAT(text, Contains("1 file that may say which images are defective, not read (0.txt)"));
    CHECK_THAT(text, Contains("2 images that are not there yet"));
  }
  const DataFolder whole({"gear/train/good/0.png", "gear/test/good/0.png", "gear/test/crack/0.png"});
  CHECK_THAT(description(read_dataset(whole.path()), "gear"), !Contains("left out"));
}

TEST_CASE("tables and annotations are told from other files, tables first", "[issues][folders]") {
  struct Case {
    std::string file;
    bool says;
  };
  const Case at = GENERATE(values<Case>({{"labels.csv", true},
                                         {"zz.tsv", true},
                                         {"Book 1.XLSX", true},
                                         {"annotations.xml", true},
                                         {"_annotations.coco.json", true},
                                         {"0.txt", true},
                                         {"0.png.json", true},
                                         {"0.xml", true},
                                         {"defects.txt", true},
                                         {"classes.txt", true},
                                         {"README.txt", false},
                                         {"notes.txt", false},
                                         {"Thumbs.db", false},
                                         {"0.md5", false}}));
  INFO(at.file);
  const DataFolder folder({"gear/0.png", "gear/1.png"});
  folder.add("gear/" + at.file, "0 0.5\n");
  const std::string text = description(read_dataset(folder / "gear"), "gear");
  CHECK_THAT(text, Contains(at.file));
  CHECK((text.find("may say which images are defective") != std::string::npos) == at.says);
  folder.add("gear/00.json", "[]");
  folder.add("gear/train.csv", "a,b\n");
  folder.add("gear/sample_submission.csv", "a,b\n");
  CHECK_THAT(description(read_dataset(folder / "gear"), "gear"),
             Contains("sample_submission.csv, ") && Contains("train.csv, "));
  fs::remove(folder / "gear/sample_submission.csv");
  const bool table = at.file.ends_with("csv") || at.file.ends_with("tsv") || at.file.ends_with("XLSX");
  const std::string tables = !table ? "train.csv" : at.file == "zz.tsv" ? "train.csv, zz.tsv" : at.file + ", train.csv";
  CHECK_THAT(description(read_dataset(folder / "gear"), "gear"), Contains("not read (" + tables + ", ...)"));
}

TEST_CASE("more words and folders of systems", "[issues][folders]") {
  for (const char* name : {"Nonconform", "nonconforming", "non_conform", "non-conforming", "not conforming",
                           "Reklamation", "Reklamationen_2024", "Ausschuss", "B-Ware", "rejected", "nonconformities"}) {
    INFO(name);
    CHECK(role_of(name) == FolderRole::defect);
  }
  for (const char* name : {"Conform", "conforming_parts", "A-Ware", "accepted"}) {
    INFO(name);
    CHECK(role_of(name) == FolderRole::normal);
  }
  for (const char* name : {"quarantine", "Quarantined"}) CHECK(is_sorted_out(name, Weak::ignored));
  for (const char* name :
       {"#recycle", "#snapshot", "~snapshot", "@Recycle", "$RECYCLE.BIN", "System Volume Information"}) {
    INFO(name);
    const DataFolder folder({"gear/train/good/0.png", "gear/train/good/" + std::string(name) + "/7.png",
                             std::string(name) + "/good/0.png"});
    const Dataset data = read_dataset(folder.path());
    CHECK(data.samples.size() == 1);
    CHECK_THAT(description(data, "gear"), Contains(name));
  }
}
