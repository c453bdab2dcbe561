#include "iuf/settings/features.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "tensor/error.h"

namespace iuf {
namespace {

std::optional<int64_t> number_of(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string text_of(const ValueWindow& window) {
  return std::to_string(window.low) + ":" + std::to_string(window.high);
}

std::optional<ValueWindow> ImageSettings::known_window() const {
  if (window == "auto") return std::nullopt;
  const std::string_view text = window;
  const size_t colon = text.find(':');
  const auto low = number_of(text.substr(0, colon)),
             high = colon == text.npos ? std::nullopt : number_of(text.substr(colon + 1));
  if (!low || !high || *low < 0 || *low >= *high || *high > ValueWindow{}.high)
    fail("setting 'window': auto, or LOW:HIGH with 0 <= LOW < HIGH <= 65535, not '", window, "'");
  return ValueWindow{*low, *high};
}

void ImageSettings::check(const Settings&) const {
  static_cast<void>(known_window());
}

std::vector<View> ViewSettings::chosen_views() const {
  static const std::vector<std::pair<std::string, View>> known = {
      {"coarse", View::coarse}, {"fine", View::fine}, {"deep", View::deep}, {"whole", View::whole}};
  if (views == "auto") return {View::coarse, View::fine, View::deep, View::whole};
  std::vector<View> chosen;
  std::istringstream text(views);
  for (std::string name; std::getline(text, name, ',');) {
    const auto found = std::ranges::find(known, name, &std::pair<std::string, View>::first);
    if (found == known.end() || std::ranges::find(chosen, found->second) != chosen.end())
      fail("setting 'views': some of coarse, fine, deep and whole, each once, separated by commas, not '", views, "'");
    chosen.push_back(found->second);
  }
  if (chosen.empty()) fail("setting 'views': at least one of coarse, fine, deep and whole");
  return chosen;
}

void ViewSettings::check(const Settings&) const {
  static_cast<void>(chosen_views());
}

}  // namespace iuf
