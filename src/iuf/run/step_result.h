#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/learn/log_entry.h"
#include "iuf/learn/model.h"
#include "iuf/paper/metrics.h"

namespace iuf {

/// Whole images, or their pixels.
enum class Level { image, pixel };

/// How well an object's test images are judged. Fractions, but for the threshold and the numbers of images.
struct ObjectResult {
  std::string object = {};
  RankMetrics image = {}, pixel = {};
  std::optional<double> aupro = {};
  int64_t test_normal = 0, test_defect = 0;                      // images that were judged
  std::optional<int64_t> false_alarms = {}, defects_found = {};  // of these
  int64_t unknown_normal = 0, unknown_defect = 0;                // of those, by novelty alone
  std::optional<double> recognised = {};                         // share of test images taken for this object
  std::optional<double> threshold = {};                          // of the object
  int64_t pixel_images = 0;                                      // that the pixel figures are from
  int64_t without_mask = 0;                                      // defective images that these leave out
  int64_t errors = 0;                                            // images and masks that could not be used
  std::vector<std::string> error_texts = {};                     // each names its file; the first kErrorTexts
  std::map<std::string, std::string> reasons = {};               // why a figure is n/a, by its key
  std::vector<std::string> notes = {};                           // what else to know of the figures

  static constexpr size_t kErrorTexts = 20;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("object", self.object);
    field("image_auroc", self.image.auroc, kFraction);
    field("image_ap", self.image.average_precision, kFraction);
    field("image_f1_max", self.image.f1_max, kFraction);
    field("pixel_auroc", self.pixel.auroc, kFraction);
    field("pixel_ap", self.pixel.average_precision, kFraction);
    field("pixel_f1_max", self.pixel.f1_max, kFraction);
    field("aupro", self.aupro, kFraction);
    field("test_normal", self.test_normal, kCount);
    field("test_defect", self.test_defect, kCount);
    field("false_alarms", self.false_alarms, kMayLack, kCount);
    field("defects_found", self.defects_found, kMayLack, kCount);
    field("unknown_normal", self.unknown_normal, kMayLack, kCount);
    field("unknown_defect", self.unknown_defect, kMayLack, kCount);
    field("recognised", self.recognised, kFraction);
    field("threshold", self.threshold);
    field("pixel_images", self.pixel_images, kMayLack, kCount);
    field("without_mask", self.without_mask, kMayLack, kCount);
    field("errors", self.errors, kMayLack, kCount);
    field("error_texts", self.error_texts, kUnlessEmpty);
    field("reasons", self.reasons, kUnlessEmpty);
    field("notes", self.notes, kUnlessEmpty);
  }
};

/// A remark on objects, one line: "gear, screw: pixel AUROC, AUPRO n/a: the method draws no map".
std::vector<std::string> remarks_on(const std::vector<ObjectResult>& objects);
/// The images and masks of all objects that could not be used.
int64_t errors_in(const std::vector<ObjectResult>& objects);

/// steps/log.json: how the step was learned that was learned last.
struct StepLog {
  int64_t step = 0;
  std::vector<LogEntry> log = {};
  double seconds = 0;             // over all calls that learned it
  int64_t peak_memory_bytes = 0;  // of the process that ended it

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("step", self.step, kCount);
    field("log", self.log);
    field("seconds", self.seconds);
    field("peak_memory_bytes", self.peak_memory_bytes, kCount);
  }
};

/// steps/NN.json: what a step came to.
struct StepResult {
  StepLog learning = {};
  std::vector<ObjectResult> per_object = {};     // all objects so far, in the order of learning
  std::map<std::string, uint64_t> testing = {};  // of these: what was measured (testing_hashes)
  std::map<std::string, uint64_t> learned = {};  // of these: by what (learned_hash)
  std::string scores = {};                       // the checksum of the scores.csv that belongs to it

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("per_object", self.per_object);
    field("testing", self.testing, kUnlessEmpty);
    field("learned", self.learned, kUnlessEmpty);
    field("scores", self.scores, kUnlessEmpty);
    StepLog::visit(self.learning, field);
  }
};

/// What the model remembers of it.
StepRecord record_of(const std::vector<ObjectResult>& per_object);

/// A[step][object] of the first steps of a stream, from a model's history.
StepMatrix matrix_of(const Stream& stream, const std::vector<StepRecord>& history, Level level);
/// The same of all that the model has learned.
StepMatrix history_matrix(const Model& model, Level level);

}  // namespace iuf
