#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/paper/protocol.h"
#include "iuf/run/evaluation.h"
#include "nn/file.h"

namespace iuf {

using Progress = std::function<void(const std::string& stage, int64_t done, int64_t total)>;

/// Everything that defines a run; equal options and data give an equal model.
struct RunOptions {
  std::filesystem::path data, out;
  std::optional<std::filesystem::path> backbone_weights;
  std::optional<std::filesystem::path> cache;  // default: out/cache
  std::string profile = "fast", method = "iuf";
  Stream stream;
  Settings settings;
  double checkpoint_seconds = 10;
  std::string config_text = {};  // the effective configuration, stored as out/config.toml
};

/// Of all images of these objects, by name: equal for equal content. Progress counts images.
std::map<std::string, uint64_t> image_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                             const Progress& progress);

/// Throws Error unless the description that a folder holds (run.json, compare.json) is the one of now: it may be of
/// another version of the program, or of another run or comparison (`what`), whose differences are named.
void require_same(const std::filesystem::path& folder, const std::string& what, const nlohmann::json& found,
                  const nlohmann::json& now);

/// Keeps a model file that is going to be replaced, and the run whose folder it lies in, for this process (see
/// FileLock).
class ModelLock {
 public:
  explicit ModelLock(const std::filesystem::path& model);

 private:
  std::optional<FileLock> run_ = {}, model_ = {};
};

/// Trains a stream step by step and evaluates after each. The run folder:
///   run.json            what was asked for, and of which images and weights; another run in the same folder is refused
///   config.toml         the effective configuration
///   model.safetensors   after the last complete step
///   state.safetensors   of an unfinished step
///   steps/NN.json       results of step NN: metrics, log, seconds
///   metrics.json, log.jsonl, scores.csv, gallery/   what the report shows
/// Every file is written whole; called again, it goes on after the last complete state and ends with the same model.
/// Returns the folder's metrics.json as text.
std::string train_run(const RunOptions& options, const Progress& progress);

/// The step x object matrix that a finished or unfinished run folder holds, as read back from steps/.
struct RunResults {
  StepMatrix image, pixel;
};
RunResults read_results(const std::filesystem::path& out);

/// Learns one new object into a model file from its normal images alone. The model is replaced as a whole at the end;
/// the state of an unfinished call stands beside it and is continued. Calling again when the object was learned from
/// the same images does nothing. Returns false then.
struct AddOptions {
  std::filesystem::path model, folder;
  std::optional<std::filesystem::path> out;    // default: replaces the model
  std::optional<std::string> name;             // default: the folder's
  std::optional<std::filesystem::path> cache;  // default: beside the model
  double checkpoint_seconds = 10;
};
bool add_object(const AddOptions& options, const Progress& progress);

/// Eq. 14 after each step from a model's history.
StepMatrix history_matrix(const Model& model, bool pixel);

}  // namespace iuf
