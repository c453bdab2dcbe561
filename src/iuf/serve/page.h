#pragma once

#include <string_view>

namespace iuf {

/// The web page of `iuf serve`, its style and its script. It asks for nothing but this server.
std::string_view page_html();
std::string_view page_style();
std::string_view page_script();

}  // namespace iuf
