#pragma once

#include <string>
#include <vector>

#include "iuf/features/progress.h"

namespace iuf {

/// What a call remarks, line by line.
struct Notes {
  std::vector<std::string> notes = {};

  Progress progress() {
    return Progress(Progress::Stage(), [this](const std::string& text) { notes.push_back(text); });
  }
};

}  // namespace iuf
