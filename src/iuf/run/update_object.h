#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "iuf/data/dataset.h"
#include "iuf/features/cache_bound.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_versions.h"
#include "iuf/learn/recalibration.h"

namespace iuf {

struct UpdateOptions {
  std::filesystem::path model, folder;       // folder: more normal images of the object
  std::string object = {};                   // that they are of
  std::optional<std::filesystem::path> out;  // default: replaces the model
  CachePlace cache = {};                     // default: beside the model
  double checkpoint_seconds = 10;
  Trust trust = Trust::names;
  LaterImages later = LaterImages::add;
  std::optional<std::filesystem::path> ignore;  // as of AddOptions; must be that of the model
  VersionLimits versions = {};                  // of the model's predecessors
};

/// What the object was before, and is now.
struct Updated {
  ObjectRecord before, now;
  bool learned = false;  // false: it was learned from all of these photographs already, and nothing was done
};

/// Learns more normal images of a known object (Model::update). The model is replaced as a whole at the end
/// (save_version); the state of an unfinished call stands beside it and is continued. Photographs that another object
/// was learned from are noted, and an Error where there are no others. So is it where most of the images are defects by
/// the present threshold, and where images were taken from the folder by their verdicts (sorted_out), unless the caller
/// says that they are normal.
Updated update_object(const UpdateOptions& options, const Progress& progress);

struct EditOptions {
  std::filesystem::path model;               // a file
  std::optional<std::filesystem::path> out;  // default: replaces the model
  VersionLimits versions = {};               // of the model's predecessors
};
/// Has a model forget an object (Model::remove), or call it otherwise (Model::rename).
void remove_object(const EditOptions& options, const std::string& object, const Progress& progress);
void rename_object(const EditOptions& options, const std::string& object, const std::string& to,
                   const Progress& progress);

}  // namespace iuf
