#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iuf/settings/settings.h"

namespace iuf {

/// A row of the comparison: a method, or a method under other settings.
struct Variant {
  std::string name;   // in --methods and of its folder
  std::string label;  // in tables
  std::string method;
  bool paper = false;        // a row of the paper's tables: part of the group `paper`
  std::string profile = {};  // that the adjustment makes; empty: the comparison's
  std::function<void(Settings&)> adjust = [](Settings&) {};
  bool joint = false;  // all objects in one step
};

/// Every row, in the order of the table.
const std::vector<Variant>& known_variants();
std::vector<std::string> variant_names();
/// "all", "paper", or names separated by commas. Throws Error listing the known names.
std::vector<Variant> parse_variants(const std::string& list);

}  // namespace iuf
