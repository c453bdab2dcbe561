// Good parts that were rejected by mistake counted as defects without a word, or as defects among normal images.
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kFalseRejects = "rejected by mistake";

std::string said_of_rejects(const std::vector<std::string>& names) {
  std::vector<std::string> all = {"train/good/0", "test/good/0"};
  all.insert(all.end(), names.begin(), names.end());
  return said_of_names(all);
}

}  // namespace

TEST_CASE("kinds called as false rejects are said", "[issues][folders][false_rejects]") {
  for (const char* kind : {"false_reject", "falseRejects", "False NG", "overkill", "pseudo", "pseudo_defect",
                           "false-alarm", "over_reject", "Pseudofehler", "NG/false_call"}) {
    INFO(kind);
    CHECK_THAT(said_of_rejects({std::string("test/") + kind + "/1", std::string("test/") + kind + "/2"}),
               Contains("2 images that count as defects are called as good parts that were rejected by mistake"));
  }
  CHECK_THAT(said_of_rejects({"test/crack/1", "test/crack/2_overkill"}),
             Contains("1 image that counts as a defect is called") && Contains("first: crack/2_overkill.png"));
}

TEST_CASE("other names say nothing of false rejects", "[issues][folders][false_rejects]") {
  for (const char* kind : {"reject", "false", "ng", "falsework", "underkill", "scratch"}) {
    INFO(kind);
    CHECK_THAT(said_of_rejects({std::string("test/") + kind + "/1"}), !Contains(kFalseRejects));
  }
}

TEST_CASE("normal images may be called false rejects", "[issues][folders][false_rejects]") {
  CHECK_THAT(said_of_rejects({"train/good/7_false_reject", "train/good/8_pseudo_defect", "train/good/9_false_ng"}),
             Contains("4 normal to learn from"));
  CHECK_THROWS_WITH(said_of_rejects({"train/good/7_reject"}), Contains("7_reject"));
}
