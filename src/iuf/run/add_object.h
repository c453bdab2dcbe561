#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "iuf/data/dataset.h"
#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_versions.h"

namespace iuf {

/// Images that mostly look like a known object, while some are defects by it.
enum class Alike { refused, accepted };

struct AddOptions {
  std::filesystem::path model, folder;       // folder: normal images of the object
  std::optional<std::filesystem::path> out;  // default: replaces the model
  std::optional<std::string> name;           // of the object; default: the folder's
  CachePlace cache = {};                     // default: beside the model
  double checkpoint_seconds = 10;
  Trust trust = Trust::names;
  Alike alike = Alike::refused;
  std::optional<std::filesystem::path> ignore;  // a mask of what to ignore, or a folder of such (read_ignore_mask)
  VersionLimits versions = {};                  // of the model's predecessors
};

/// Learns one new object into a model file from its normal images alone. The model is replaced as a whole at the end
/// (save_version); the state of an unfinished call stands beside it and is continued. Where the object was learned from
/// the same images already, nothing is done but that the model is copied to `out`. Photographs that another object was
/// learned from are noted, and an Error where there are no others. An Error as well, unless accepted, where more than
/// half of the images look like a known object as a whole (kAlikeNovelty) while some are defects by its threshold: its
/// defects would be learned as normal. Returns whether it was learned now.
bool add_object(const AddOptions& options, const Progress& progress);

}  // namespace iuf
