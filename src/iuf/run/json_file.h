#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "iuf/paper/metrics.h"
#include "iuf/run/evaluation.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

/// What `read` makes of a JSON file. A file that is none, or lacks what is read, is an Error that names it.
template <class Read>
auto read_json(const std::filesystem::path& path, Read&& read) {
  try {
    return read(nlohmann::json::parse(read_text(path)));
  } catch (const nlohmann::json::exception& e) {
    fail(path.string(), ": damaged JSON: ", e.what());
  }
}

/// null stands for no value.
nlohmann::json optional_json(const std::optional<double>& value);
/// steps x objects
nlohmann::json matrix_json(const StepMatrix& matrix);
/// ACC, FM and BWT after the last step.
nlohmann::json summary_json(const StepMatrix& image, const StepMatrix& pixel);
nlohmann::json object_json(const ObjectEvaluation& object);

}  // namespace iuf
