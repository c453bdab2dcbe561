#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/features/progress.h"
#include "iuf/learn/model_change.h"
#include "iuf/learn/object_record.h"
#include "iuf/settings/settings.h"
#include "nn/tensor_file.h"

namespace iuf {

/// AUROC of every object after one step, as measured then; a value is absent where it was not measured.
struct StepRecord {
  std::vector<std::optional<double>> image_auroc, pixel_auroc;  // by object index

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("image_auroc", self.image_auroc, kFraction);
    field("pixel_auroc", self.pixel_auroc, kFraction);
  }
};

/// What a model file says of itself, besides its tensors: the metadata `iuf_model`. docs/formats.md tells which formats
/// are read.
struct ModelDescription {
  static constexpr const char* key = "iuf_model";  // the metadata that hold it
  static constexpr int format = 2;
  static constexpr int ignoring_format = 3;  // of a model that ignores regions, which an older program would judge

  std::string profile = {}, method = {}, version = {};  // version: of the program that wrote it
  int64_t steps = 0;
  nlohmann::json settings = {};
  std::vector<ObjectRecord> objects = {};
  std::vector<StepRecord> history = {};
  std::vector<ModelChange> changes = {};  // the first ones first; those of kMostChanges
  nlohmann::json method_state = {};       // what the method keeps besides tensors

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(format);
    field("profile", self.profile);
    field("method", self.method);
    field("version", self.version, kMayLack);
    field("steps", self.steps);
    field("settings", self.settings);
    field("objects", self.objects, kUnlessEmpty);
    field("history", self.history, kUnlessEmpty);
    field("changes", self.changes, kUnlessEmpty);
    field("method_state", self.method_state);
  }
};
constexpr size_t kMostChanges = 100;  // that a model remembers

/// Whether a file of tensors is a model of this program.
bool is_model(const TensorFile& file);
/// The description that a model file holds, as one of the current format. Throws Error naming the file for a format
/// that is not read, for what makes no sense, and for a model without the checksum that its format has; models before
/// format 2 have none, which a remark says.
ModelDescription model_description(const TensorFile& file, const Progress& progress = {});
/// Of a model file with these changes: that of the last one. Without any, as older programs wrote it, 1 where it has
/// learned something, else 0.
int64_t version_of(const std::vector<ModelChange>& changes, int64_t steps);
/// The settings of a description, which may be older than some of them. Throws Error naming the file (`where`).
Settings described_settings(const ModelDescription& description, const std::string& where);

}  // namespace iuf
