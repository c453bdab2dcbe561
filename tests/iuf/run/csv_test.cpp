#include "iuf/run/csv.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/run/scores.h"

using namespace iuf;

TEST_CASE("scores are read back as they were written, whatever their names hold", "[run][csv]") {
  const std::vector<ScoredImage> scores = {{.object = "a, \"b\"",
                                            .file = "x\r\ny.png",
                                            .label_name = "cut",
                                            .defect = true,
                                            .score = 0.5,
                                            .threshold = 0.25,
                                            .predicted_object = "c",
                                            .confidence = 1},
                                           {.object = "d", .file = "z.png", .score = 1.0 / 3}};
  const std::string text = to_csv(scores);
  CHECK(text ==
        "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence,novelty,error,mask_error\n"
        "\"a, \"\"b\"\"\",\"x\r\ny.png\",1,cut,0.5,0.25,defect,c,1,,,\n"
        "d,z.png,0,,0.333333333,,no threshold,,0,,,\n");
  const std::vector<ScoredImage> read = from_csv<ScoredImage>(text, "text");
  REQUIRE(read.size() == 2);
  CHECK(read[0].object == scores[0].object);
  CHECK(read[0].file == scores[0].file);
  CHECK(read[0].threshold == 0.25);
  CHECK(read[0].flagged());
  CHECK_FALSE(read[1].threshold);
  CHECK_FALSE(read[1].flagged());
  CHECK(to_csv(read) == text);
}

TEST_CASE("numbers of a CSV have nine digits, and none where there is no value", "[run][csv]") {
  CHECK(csv_number(1234567890.0) == "1.23456789e+09");
  CHECK(csv_number(0.0000123) == "1.23e-05");
  CHECK(csv_number(2) == "2");
  CHECK(csv_number(NAN).empty());
  CHECK(csv_number(std::nullopt).empty());
}
