#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/run/prediction.h"
#include "nn/row_file.h"

namespace iuf {

/// A log of predictions, which is appended to: every row tells when and by what it was judged, so that it explains
/// itself years later.
class VerdictLog {
 public:
  /// CSV where the name ends with .csv, JSON lines where it ends with .jsonl; another ending is an Error (check_name).
  /// The file is opened or made (RowFile). `links`: whether the user named this very file. A last row that lacks
  /// nothing but the end of its line is completed, another one is cut off and kept aside; that, and rows with too few
  /// or too many columns among the last ones, is a note.
  explicit VerdictLog(const std::filesystem::path& path, Links links = Links::follow, const Progress& progress = {});
  static void check_name(const std::filesystem::path& path);

  /// A row with its end: time, model, settings, what was expected, then the columns of predictions.csv or the keys of
  /// predictions.jsonl.
  std::string line(const Prediction& prediction, const JudgedBy& by) const;
  static std::string json_line(const Prediction& prediction, const JudgedBy& by);
  void add(std::string_view lines);
  /// Those of the lines that are not among its last ones: a call that was killed while it wrote ends that way. A last
  /// row that is the beginning of one of them is replaced.
  void add_missing(const std::vector<std::string>& lines);
  void sync() { file_.sync(); }
  /// The last `count` rows at most, the newest last, of its last `bytes`.
  std::vector<std::string> last(size_t count, size_t bytes);
  /// Of these last rows, those that this model judged: what its thresholds and drift depend on, the object, the score,
  /// the threshold, the novelty and the error. Rows of another form are left out.
  std::vector<Prediction> judged(const std::string& model, size_t count, size_t bytes);

 private:
  bool is_row(std::string_view line) const;
  void tell_other_rows(const std::filesystem::path& path, const Progress& progress);

  bool csv_;
  RowFile file_;
};

/// "2026-03-01T08:15:02.125Z", of milliseconds since 1970.
std::string utc_text(int64_t milliseconds);
/// Now.
int64_t utc_milliseconds();

/// `content`: hash_bytes() of the model's file. `changes`: what the call asked for, "false-alarms=0.005".
JudgedBy judged_by(const Model& model, uint64_t content, const std::string& changes = {});

}  // namespace iuf
