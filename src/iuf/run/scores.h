#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/learn/model.h"
#include "iuf/run/csv.h"

namespace iuf {

/// scores.csv: a line for each test image as the model saw it.
struct ScoredImage {
  std::string object = {}, file = {}, label_name = {};
  bool defect = false;  // whether it shows one
  double score = 0;
  std::optional<double> threshold = {};  // of the predicted object; absent where that has none
  std::string predicted_object = {};
  double confidence = 0;
  std::optional<double> novelty = {};
  std::string error = {};       // why the image could not be judged; empty: it was
  std::string mask_error = {};  // why its mask could not be used: it counts in no pixel figure

  Verdict decision() const { return error.empty() ? verdict(score, threshold, novelty) : Verdict::error; }
  bool flagged() const { return is_alarm(decision()); }

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("object", self.object);
    field("file", self.file);
    field("label", self.defect);
    field("label_name", self.label_name);
    field("score", self.score);
    field("threshold", self.threshold);
    field.derived("verdict", name_of(self.decision()));
    field("predicted_object", self.predicted_object);
    field("confidence", self.confidence);
    field("novelty", self.novelty, kMayLack);
    field("error", self.error, kMayLack);
    field("mask_error", self.mask_error, kMayLack);
  }
};

/// Throws Error naming the line and the column, and where the file has another checksum than the one that is given.
std::vector<ScoredImage> read_scores(const std::filesystem::path& path, const std::string& checksum = "");

}  // namespace iuf
