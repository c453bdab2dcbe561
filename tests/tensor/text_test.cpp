#include "tensor/text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/dice.h"

using namespace iuf;

TEST_CASE("ordinary text is shown as it is", "[text]") {
  for (const std::string text : {"", "part 7.png",
                                 "Stra\xc3\x9f"
                                 "e",
                                 "\xe9\x83\xa8\xe5\x93\x81", "\xf0\x9f\x94\xa9"}) {
    CHECK(escaped(text) == text);
    CHECK(plain_text(text) == text);
  }
}

TEST_CASE("bytes that are no UTF-8 and characters that change a line are escaped", "[text]") {
  CHECK(escaped("caf\xe9.png") == "caf\\xe9.png");
  CHECK(escaped("a\nb\tc\x1b[31m\x7f") == "a\\x0ab\\x09c\\x1b[31m\\x7f");
  CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(escaped("end\xe2\x82") == "end\\xe2\\x82");                   // cut
  CHECK(escaped("gpj\xe2\x80\xae.exe") == "gpj\\xe2\\x80\\xae.exe");  // turns the direction of writing
  CHECK(escaped("\xc2\x85") == "\\xc2\\x85");                         // next line
  CHECK(escaped(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("a back-slash is doubled in names and left in messages", "[text]") {
  CHECK(escaped("a\\b") == "a\\\\b");
  CHECK(plain_text("a\\b") == "a\\b");
  CHECK(plain_text(escaped("a\xff")) == escaped("a\xff"));
  CHECK(unescaped("a\\b\\x4") == "a\\b\\x4");
}

TEST_CASE("any bytes become valid UTF-8 that gives them back", "[text]") {
  Dice dice(5);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (int64_t n = dice.below(12); n > 0; --n) {
      constexpr std::string_view likely = "\\x09af\xe2\x80\xc3";
      bytes += dice.below(2) ? static_cast<char>(dice.below(256)) : likely[static_cast<size_t>(dice.below(9))];
    }
    const std::string text = escaped(bytes);
    CHECK(unescaped(text) == bytes);
    CHECK_NOTHROW(nlohmann::json(text).dump());
  }
}
