// Masks of which only the outlines were drawn made the inside of defects count as normal.
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/checks/description.h"
#include "iuf/checks/mask_outlines.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

enum class Form { disc, box };

// Of the distance from the middle, of a disc or a box, the marked part.
Image mask_of(Form form, double from, double to, int size = 64) {
  Image mask = blank_image(size, size, 1);
  const double middle = size / 2.0;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) {
      const double dx = x + 0.5 - middle, dy = y + 0.5 - middle;
      const double distance = form == Form::disc ? std::hypot(dx, dy) : std::max(std::abs(dx), std::abs(dy));
      if (distance >= from && distance < to) mask.row(y)[x] = 255;
    }
  return mask;
}

std::string said_of_outlines(int outlines, int filled) {
  const DataFolder folder({"nut/train/good/0.png", "nut/test/good/0.png"});
  for (int i = 0; i < outlines + filled; ++i) {
    const std::string name = std::to_string(i + 10);
    folder.add("nut/test/dent/" + name + ".png");
    folder.add("nut/ground_truth/dent/" + name + "_mask.png",
               png_text(mask_of(i % 2 ? Form::disc : Form::box, i < outlines ? 9 : 0, 12)));
  }
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("a mask of closed lines is an outline", "[issues][masks][outlines]") {
  for (const Form form : {Form::disc, Form::box})
    for (const int width : {1, 2, 3, 5}) {
      INFO(width);
      CHECK(is_outline(mask_of(form, 20 - width, 20)));
    }
  CHECK(is_outline(mask_of(Form::box, 31, 32)));  // along the border
  for (const Form form : {Form::disc, Form::box}) {
    CHECK_FALSE(is_outline(mask_of(form, 0, 15)));
    CHECK_FALSE(is_outline(mask_of(form, 10, 20)));
    CHECK_FALSE(is_outline(mask_of(form, 1, 6)));  // a hole within
  }
  CHECK_FALSE(is_outline(blank_image(64, 64, 1)));
  Image line = blank_image(64, 64, 1);
  for (int i = 5; i < 60; ++i) line.row(i)[i] = 255;
  CHECK_FALSE(is_outline(line));
}

TEST_CASE("masks that are mostly outlines are told", "[issues][masks][outlines]") {
  CHECK_THAT(said_of_outlines(8, 0),
             Contains("8 of 8 masks are outlines (first: dent/10_mask.png)") && Contains("fill them"));
  CHECK_THAT(said_of_outlines(5, 3), Contains("5 of 8 masks are outlines"));
  CHECK_THAT(said_of_outlines(1, 7), !Contains("outlines"));  // a defect may be a ring
  CHECK_THAT(said_of_outlines(4, 4), !Contains("outlines"));
  CHECK_THAT(said_of_outlines(0, 8), !Contains("outlines"));
}
