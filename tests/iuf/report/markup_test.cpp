#include "iuf/report/markup.h"

#include <catch2/catch.hpp>
#include <string>

using namespace iuf::report;
using namespace std::string_literals;

TEST_CASE("markup, quotes, control characters and broken UTF-8 are escaped", "[report][markup]") {
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

TEST_CASE("base64 equals the examples of RFC 4648", "[report][markup]") {
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
