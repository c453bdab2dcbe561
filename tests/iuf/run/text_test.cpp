#include "iuf/run/text.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

using namespace iuf::report;
using namespace std::string_literals;

TEST_CASE("markup, quotes, control characters and broken UTF-8 are escaped", "[report][text]") {
  CHECK(escape("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  CHECK(escape("cr\u00E8me \u6F22 \U0001F600\n\t") == "cr\u00E8me \u6F22 \U0001F600\n\t");
  CHECK(escape("\0\x1B[1m\r\x7F"s) == "\uFFFD\uFFFD[1m\uFFFD\uFFFD");
  // Latin-1, a cut-off sequence, an overlong slash, a surrogate, a value above U+10FFFF.
  CHECK(escape("cr\xE8me") == "cr\uFFFDme");
  CHECK(escape("\xE2\x82") == "\uFFFD\uFFFD");
  CHECK(escape("\xC0\xAF") == "\uFFFD\uFFFD");
  CHECK(escape("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(escape("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("numbers are short, without a locale, and n/a where there is none", "[report][text]") {
  CHECK(percent(0.97126) == "97.1");
  CHECK(percent(1) == "100.0");
  CHECK(percent(-0.0312) == "\u22123.1");
  CHECK(percent(-0.00001) == "0.0");
  CHECK(percent(NAN) == "n/a");
  CHECK(number(0) == "0.0000");
  CHECK(number(0.012345) == "0.0123");
  CHECK(number(1.23456) == "1.235");
  CHECK(number(12.3456) == "12.35");
  CHECK(number(12345.6) == "12346");
  CHECK(number(-1234567) == "\u22121.23e+06");
  CHECK(number(0.0000123) == "1.23e-05");
  CHECK(number(INFINITY) == "\u221E");
  CHECK(trimmed(2.5, 3) == "2.5");
  CHECK(trimmed(200, 3) == "200");
  CHECK(trimmed(200, 0) == "200");
  CHECK(trimmed(0, 2) == "0");
  CHECK(fixed(1e300, 1).size() == 303);
}

TEST_CASE("durations and sizes read as people say them", "[report][text]") {
  CHECK(duration(0.04) == "0.0 s");
  CHECK(duration(59.96) == "1 min 00 s");
  CHECK(duration(125.4) == "2 min 05 s");
  CHECK(duration(3599.7) == "1 h 00 min");
  CHECK(duration(7380) == "2 h 03 min");
  CHECK(duration(NAN) == "n/a");
  CHECK(duration(-1) == "n/a");
  CHECK(memory(850 * 1048576.0) == "850 MiB");
  CHECK(memory(1.5 * 1073741824) == "1.50 GiB");
}

TEST_CASE("base64 equals the examples of RFC 4648", "[report][text]") {
  const auto encode = [](const std::string& text) { return base64(std::as_bytes(std::span(text))); };
  CHECK(encode("") == "");
  CHECK(encode("f") == "Zg==");
  CHECK(encode("fo") == "Zm8=");
  CHECK(encode("foo") == "Zm9v");
  CHECK(encode("foob") == "Zm9vYg==");
  CHECK(encode("fooba") == "Zm9vYmE=");
  CHECK(encode("foobar") == "Zm9vYmFy");
  CHECK(encode("\xFF\xFE\xFB") == "//77");
}
