#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "iuf/learn/object_record.h"
#include "iuf/run/run_files.h"
#include "iuf/run/step_result.h"

// Whether the model in a run's folder is the one that the run's figures are of: backups are restored to wrong places.
namespace iuf {

/// Of the photographs that each object was learned from, whatever its threshold is by now.
std::map<std::string, uint64_t> learned_hashes(const std::vector<ObjectRecord>& objects);

/// What sets a model's objects apart from those that a step's figures are of, one sentence each: an object that it does
/// not know, or learned from other photographs, or whose threshold is another by now. Empty where nothing does.
std::vector<std::string> model_differences(const std::vector<ObjectRecord>& now, const StepResult& measured);

/// The same of a run's folder, as far as its model and its last step can be read; a model that cannot is a sentence.
std::vector<std::string> model_differences(const RunFiles& files);

/// Of a model in the folder of a run that has more steps than it has learned: what it does not know yet, in a sentence.
/// Empty otherwise, and where the run's description cannot be read.
std::string unlearned_note(const std::filesystem::path& model_file, int64_t steps_learned);

/// Throws Error unless the model's objects are the stream's, as far as both go, in the order of learning, and learned
/// from the photographs that the run's last figures are of.
void require_own_model(const RunFiles& files, const std::vector<ObjectRecord>& objects,
                       const std::vector<std::string>& stream);

}  // namespace iuf
