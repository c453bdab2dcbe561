#pragma once

#include <filesystem>

#include "iuf/features/features.h"

namespace iuf {

/// A cache of features of 32 x 32 pixels: quick, where what images hold is checked and nothing is learned.
struct SmallCache {
  Backbone backbone = Backbone::embedded();
  FeatureExtractor extractor;
  FeatureCache cache;

  explicit SmallCache(const std::filesystem::path& folder)
      : extractor(backbone, settings()), cache(folder, extractor) {}

 private:
  static Settings settings() {
    Settings settings;
    settings.image_size = 32;
    settings.grid = 4;
    return settings;
  }
};

}  // namespace iuf
