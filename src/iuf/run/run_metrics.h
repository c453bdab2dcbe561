#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/run/step_result.h"

namespace iuf {

/// ACC, FM and BWT after the last step: fractions (Eq. 14).
struct Summary {
  std::optional<double> image_acc = {}, pixel_acc = {}, image_fm = {}, pixel_fm = {}, image_bwt = {}, pixel_bwt = {};
  std::map<std::string, std::string> reasons = {};  // why one is n/a, by its key

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("image_acc", self.image_acc, kFraction);
    field("pixel_acc", self.pixel_acc, kFraction);
    field("image_fm", self.image_fm, kChange);
    field("pixel_fm", self.pixel_fm, kChange);
    field("image_bwt", self.image_bwt, kMayLack, kChange);
    field("pixel_bwt", self.pixel_bwt, kMayLack, kChange);
    field("reasons", self.reasons, kUnlessEmpty);
  }
};

/// What was measured: a part of metrics.json, and of what `iuf eval --json` prints.
struct Measured {
  std::vector<std::string> objects = {};                                               // in the order of learning
  std::vector<std::vector<std::optional<double>>> image_auroc = {}, pixel_auroc = {};  // [step][object]
  Summary summary = {};
  std::vector<ObjectResult> per_object = {};  // after the last step; those of `objects` that were measured

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("objects", self.objects);
    field("image_auroc", self.image_auroc, kFraction);
    field("pixel_auroc", self.pixel_auroc, kFraction);
    field("summary", self.summary);
    field("per_object", self.per_object);
  }
};
Measured measured(const StepMatrix& image, const StepMatrix& pixel, const std::vector<ObjectResult>& per_object);

/// metrics.json: what the steps so far came to.
struct RunMetrics : Measured {
  std::string method, profile, version, backbone, cpu;
  std::vector<std::vector<std::string>> steps;  // the objects of each
  std::optional<int64_t> seed, peak_memory_bytes, threads;
  std::optional<double> seconds;  // to learn all steps
  std::string scores;             // the checksum of the scores.csv that belongs to it; empty: nobody says

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(1);
    field("method", self.method);
    field("profile", self.profile, kMayLack);
    field("version", self.version, kMayLack);
    field("seed", self.seed, kMayLack);
    field("backbone", self.backbone, kMayLack);
    field("steps", self.steps);
    Measured::visit(self, field);
    field("seconds", self.seconds, kMayLack);
    field("peak_memory_bytes", self.peak_memory_bytes, kMayLack);
    field("threads", self.threads, kMayLack);
    field("cpu", self.cpu, kMayLack);
    field("scores", self.scores, kUnlessEmpty);
  }
};

/// Throws Error naming the key when the file is damaged or contradicts itself.
RunMetrics read_metrics(const std::filesystem::path& path);
/// Why a figure of the summary or of per_object, by its key there, has no value over all objects; empty: nobody says.
std::string reason_for(const Measured& metrics, const std::string& key);
/// AUROC of every object after every step.
StepMatrix step_matrix(const RunMetrics& metrics, Level level);

}  // namespace iuf
