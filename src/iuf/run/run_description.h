#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/json_fields.h"
#include "iuf/features/progress.h"

// What a run or a comparison is defined by, so that another one is not mixed into its folder.
namespace iuf {

/// run.json: everything that what was learned depends on. Test images are not among it: what they measured says so
/// itself (StepResult).
struct RunDescription {
  std::string data = {};                        // as absolute_text() has it: a note, content decides
  std::map<std::string, uint64_t> images = {};  // hash of the training images by object
  std::string profile = {}, method = {};
  std::vector<std::vector<std::string>> steps = {};
  uint64_t weights = 0;                         // hash of the backbone's
  std::map<std::string, uint64_t> ignore = {};  // IgnoredRegion::hash() by object; nothing: none ignores any
  nlohmann::json settings = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    // 2: with the images and the weights; 3: log entries name their parts; 4: training images alone, wherever they lie
    field.format(5);
    field("data", self.data);
    field("images", self.images);
    field("profile", self.profile);
    field("method", self.method);
    field("steps", self.steps);
    field("weights", self.weights);
    field("ignore", self.ignore, kUnlessEmpty);
    field("settings", self.settings);
  }
};

/// The folder or file that a data set is read from, as descriptions have it.
std::string absolute_text(const std::filesystem::path& data);

/// Files of an object's normal training images. Throws Error where there is none.
std::vector<std::string> normal_images(const Dataset& data, const std::string& object);

/// hash_bytes() of a file; 0 of one that cannot be read.
uint64_t readable_hash(const std::filesystem::path& file);

/// Hashes of the training images of these objects by name: equal for equal content, whatever the files are called,
/// wherever they lie and in which order, copies counted once. Throws Error for an image that cannot be read.
std::map<std::string, uint64_t> training_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                                const Progress& progress);
/// The same of the test images, with their labels and masks, copies included. A file that cannot be read counts as one
/// that holds nothing.
std::map<std::string, uint64_t> testing_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                               const Progress& progress);

/// Throws Error unless the description that a folder holds is the one of now, but for the note where the data lie: it
/// may be of another version of the program, or of another run or comparison (`what`), whose differences are named.
void require_same(const std::filesystem::path& folder, const std::string& what, nlohmann::json found,
                  nlohmann::json now);

}  // namespace iuf
