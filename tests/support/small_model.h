#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "iuf/learn/model.h"
#include "support/temporary_folder.h"

namespace iuf {

/// A model of this method that learned two objects, biscuit and gear, in a step each, in a moment.
struct SmallModel {
  TemporaryFolder folder;
  std::unique_ptr<Model> model;

  /// `settings`: by name.
  explicit SmallModel(const std::string& method, const nlohmann::json& settings = nlohmann::json::object());
  /// Files of an object's normal images.
  std::vector<std::string> images(const std::string& object) const;
  ImageFeatures features(const std::string& object) const;  // of the first
};

}  // namespace iuf
