#include "iuf/report/page.h"

#include <string_view>
#include <utility>

#include "iuf/report/markup.h"

namespace iuf::report {
namespace {

constexpr std::string_view style =
#include "iuf/report/style.inc"
    ;
constexpr std::string_view script =
#include "iuf/report/script.inc"
    ;

// Whatever stands in the data, the content security policy lets the page ask nobody for anything but pictures beside
// it.
constexpr std::string_view head =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content=")"
    R"(default-src 'none'; img-src data: 'self' file:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<link rel="icon" href="data:,">
)";

constexpr std::string_view enlarged = R"(<dialog aria-label="Enlarged images"><div class="top"><b></b><span>
<button type="button" data-by="-1">Previous</button> <button type="button" data-by="1">Next</button>
<button type="button" class="close">Close</button></span></div><div class="view"></div></dialog>
)";

}  // namespace

std::string page(const std::string& title, const std::string& body, const std::string& version) {
  return join(head, "<title>", title, "</title>\n<style>", style, "</style>\n</head>\n<body>\n", body,
              "<footer><div class='inner'>Made by iuf ", escape(version), "</div></footer>\n", enlarged, "<script>",
              script, "</script>\n</body>\n</html>\n");
}

std::string navigation(std::string_view body) {
  constexpr std::pair<std::string_view, std::string_view> sections[] = {
      {"verdicts", "Verdicts"},     {"matrix", "Matrix"},
      {"forgetting", "Forgetting"}, {"comparison", "Comparison"},
      {"objects", "Objects"},       {"thresholds", "Thresholds"},
      {"training", "Training"},     {"settings", "Settings"},
      {"unread", "Not judged"},     {"terms", "Terms"}};
  std::string links;
  for (const auto& [id, name] : sections)
    if (body.find(join("<section id='", id, "'")) != body.npos)
      links += join("<li><a href='#", id, "'>", name, "</a></li>\n");
  return join("<nav aria-label='Sections'><div class='inner'><ul>\n", links, "</ul></div></nav>\n");
}

}  // namespace iuf::report
