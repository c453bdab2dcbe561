#include "iuf/features/published_weights.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/error.h"

namespace iuf {
namespace {

/// The backbone's and neck's keys of IUF and UniAD stay.
void strip_wrappers(std::vector<std::string>& names) {
  const auto strip_shared = [&](std::string_view prefix, const auto& applies) {
    const auto has = [&](const std::string& name) { return !applies(name) || name.starts_with(prefix); };
    if (std::none_of(names.begin(), names.end(), applies) || !std::all_of(names.begin(), names.end(), has))
      return false;
    for (std::string& name : names) {
      if (applies(name)) name.erase(0, prefix.size());
    }
    return true;
  };
  while (strip_shared("module.", [](const std::string&) { return true; })) {
  }
  constexpr std::string_view kReconstruction = "reconstruction.";
  for (std::string& name : names) {
    if (name.starts_with(kReconstruction)) name.erase(0, kReconstruction.size());
  }
  strip_shared("net.",
               [](const std::string& name) { return !name.starts_with("backbone.") && !name.starts_with("neck."); });
}

}  // namespace

WeightsFile read_published_weights(const std::filesystem::path& path) {
  WeightsFile read = read_weights(path, {.beside = {kTokenMeans}});
  const auto stored = std::make_shared<const TensorFile>(std::move(read.tensors));
  TensorFile renamed(stored->path());
  renamed.keep(stored);
  const auto add = [&](const TensorFile& from, const std::string& prefix) {
    std::vector<std::string> names = from.names();
    strip_wrappers(names);
    for (size_t i = 0; i < names.size(); ++i) renamed.add(prefix + names[i], from.at(from.names()[i]));
  };
  add(*stored, "");
  if (const auto means = read.beside.find(kTokenMeans); means != read.beside.end()) {
    const auto kept = std::make_shared<const TensorFile>(std::move(means->second));
    renamed.keep(kept);
    add(*kept, std::string(kTokenMeans) + ".");
  }
  for (const auto& [key, value] : stored->metadata()) renamed.set_metadata(key, value);
  read.tensors = std::move(renamed);
  read.beside.clear();
  return read;
}

Backbone load_backbone(const std::string& name, const std::optional<std::filesystem::path>& weights) {
  const BackboneInfo& info = backbone_info(name);
  if (weights) return Backbone::load(name, read_published_weights(*weights).tensors);
  if (name == "efficientnet_lite0") return Backbone::embedded();
  fail("backbone ", name, ": its weights are not part of the program; give a file: ", info.weights_hint);
}

}  // namespace iuf
