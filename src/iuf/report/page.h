#pragma once

#include <string>
#include <string_view>

namespace iuf::report {

/// A report: one HTML file with its style and script. The title is escaped already, the version as it is.
std::string page(const std::string& title, const std::string& body, const std::string& version);

/// Links to those sections that the body has.
std::string navigation(std::string_view body);

}  // namespace iuf::report
