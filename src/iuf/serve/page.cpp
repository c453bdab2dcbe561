#include "iuf/serve/page.h"

#include "iuf/serve/http_server.h"

namespace iuf {
namespace {

constexpr std::string_view html =
#include "iuf/serve/page.inc"
    ;
constexpr std::string_view style =
#include "iuf/serve/page_style.inc"
    ;
constexpr std::string_view script =
#include "iuf/serve/page_script.inc"
    ;
constexpr std::string_view openapi =
#include "iuf/serve/openapi.inc"
#include "iuf/serve/openapi_components.inc"
    ;

}  // namespace

std::string_view page_html() {
  return html;
}

std::string_view page_style() {
  return style;
}

std::string_view page_script() {
  return script;
}

std::string openapi_text() {
  return std::string(openapi);
}

}  // namespace iuf
