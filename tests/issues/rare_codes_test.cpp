// Codes of errors in the names of some normal images, where the others have the code for none.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* kRareCodes = "codes of errors";

std::string two_digits(size_t i) {
  return (i < 10 ? "0" : "") + std::to_string(i);
}

// In the names, # stands for a running number, $ for the code and ~ for a serial number without order.
std::string said_of_codes(const std::string& form, const Lines& codes, const Lines& others = {}) {
  Lines files = others;
  for (size_t i = 0; i < codes.size(); ++i) {
    std::string name;
    for (const char c : form)
      name += c == '#' ? two_digits(i) : c == '$' ? codes[i] : c == '~' ? two_digits(i * 37 % 97) : std::string(1, c);
    files.push_back("nut/train/good/" + name + ".png");
  }
  const DataFolder folder(files);
  return description(read_dataset(folder / "nut"), "nut");
}

// Twelve of one code, others within.
Lines mixed(const std::string& usual, const Lines& others) {
  Lines codes(12, usual);
  for (size_t i = 0; i < others.size(); ++i)
    codes.insert(codes.begin() + static_cast<std::ptrdiff_t>(2 + 4 * i), others[i]);
  return codes;
}

}  // namespace

TEST_CASE("rare codes of errors in names of normal images are said", "[issues][folders][rare_codes]") {
  for (const char* form : {"20240501_10#07_SN47#_$", "$_#", "#_$_camA", "part#-$", "SN~_$"}) {
    INFO(form);
    CHECK_THAT(said_of_codes(form, mixed("EC000", {"EC017", "EC203"})),
               Contains("2 of 14 names of normal images have 'ec017', 'ec203' where the others have 'ec000'") &&
                   Contains("if these are codes of errors, move them out"));
  }
  CHECK_THAT(said_of_codes("#_$", mixed("E00", {"E17"})), Contains(kRareCodes));
  CHECK_THAT(said_of_codes("#_$", mixed("err0", {"err1", "err2", "err1"})), Contains(kRareCodes));
  CHECK_THAT(said_of_codes("#_$", mixed("AOI00", {"AOI17"})), Contains(kRareCodes));
  CHECK_THAT(said_of_codes("s#_$", mixed("000", {"017", "203"})), Contains(kRareCodes));
  CHECK_THAT(said_of_codes("#_$", mixed("EC000", {"EC017"}), {"nut/test/crack/99_EC017.png"}), Contains(kRareCodes));
}

TEST_CASE("other fields of names hold no codes of errors", "[issues][folders][rare_codes]") {
  for (const auto& [usual, others] : std::vector<std::pair<std::string, Lines>>{{"cam0", {"cam7", "cam3"}},
                                                                                {"line0", {"line5"}},
                                                                                {"LOT0417", {"LOT0418"}},
                                                                                {"20240501", {"20240502", "20240601"}},
                                                                                {"00", {"17", "42"}},
                                                                                {"AB123", {"AB457"}},
                                                                                {"L0", {"L9"}},
                                                                                {"ms000", {"ms001"}},
                                                                                {"front", {"back"}},
                                                                                {"EC000", {}}}) {
    INFO(usual);
    CHECK_THAT(said_of_codes("#_$", mixed(usual, others)), !Contains(kRareCodes));
    CHECK_THAT(said_of_codes("SN~_$_x", mixed(usual, others)), !Contains(kRareCodes));
  }
  CHECK_THAT(said_of_codes("IMG_00#", Lines(14)), !Contains(kRareCodes));
  Lines later(12, "err0");
  later.insert(later.end(), {"err1", "err1"});
  CHECK_THAT(said_of_codes("#_$", later), !Contains(kRareCodes));  // since a change
  CHECK_THAT(said_of_codes("#_$", {"EC000", "EC017", "EC000", "EC203", "EC000", "EC000"}),
             !Contains(kRareCodes));  // too few
  CHECK_THAT(said_of_codes("#_$", mixed("EC000", {"EC017"}), {"nut/test/crack/99_EC000.png"}), !Contains(kRareCodes));
}

TEST_CASE("the letter at the end of a random identifier is no code", "[issues][folders][names]") {
  CHECK_THAT(said_of_names({"good/f5059285", "good/1c5ab203", "good/90ee7712", "good/3377210b", "good/5f60a1d4"}),
             !Contains("if that is a verdict"));
  CHECK_THAT(said_of_names({"good/5059285f", "good/1055203", "good/9067712", "good/3377210", "good/5602144"}),
             Contains("if that is a verdict"));
}
