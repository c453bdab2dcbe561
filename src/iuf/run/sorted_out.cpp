#include "iuf/run/sorted_out.h"

#include <algorithm>
#include <map>

#include "iuf/checks/number_gaps.h"
#include "iuf/learn/verdict.h"
#include "iuf/run/csv.h"
#include "iuf/run/run_files.h"
#include "iuf/run/text.h"
#include "iuf/stats/conformal.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

// The path of a folder's file as others name it, from that folder on; empty of another folder's.
fs::path inside(const fs::path& file, const fs::path& folder) {
  if (!file.has_parent_path() || file.parent_path() == ".") return file.filename();
  fs::path found;
  for (auto part = file.begin(); part != file.end(); ++part) {
    if (*part != folder.filename()) continue;
    found.clear();
    for (auto rest = std::next(part); rest != file.end(); ++rest) found /= *rest;
  }
  return found;
}

// Whether the last verdict of each file of the folder was an alarm.
std::map<fs::path, bool> alarms_in(const fs::path& table, const fs::path& folder) {
  const std::vector<CsvRecord> records = parse_csv(read_text(table), table.string());
  const std::vector<std::string>& head = records.at(0).fields;
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::ranges::find(head, name) - head.begin());
  };
  const size_t file = place("file"), verdict = place("verdict");
  std::map<fs::path, bool> alarms;
  for (size_t i = 1; i < records.size(); ++i) {
    const std::vector<std::string>& fields = records[i].fields;
    if (std::max(file, verdict) >= fields.size()) continue;
    const bool is_alarm = fields[verdict] == name_of(Verdict::defect) || fields[verdict] == name_of(Verdict::unknown);
    if (!is_alarm && fields[verdict] != name_of(Verdict::ok)) continue;
    if (const fs::path name = inside(unescaped(csv_text(fields[file])), folder); !name.empty()) alarms[name] = is_alarm;
  }
  return alarms;
}

std::string sorted_by(const fs::path& table, const fs::path& folder, size_t images) {
  const std::map<fs::path, bool> alarms = alarms_in(table, folder);
  size_t gone = 0, left = 0;
  std::string first;
  for (const auto& [name, is_alarm] : alarms) {
    const bool is_there = fs::exists(folder / name);
    if (is_there && is_alarm) return "";
    left += is_there;
    if (!is_there && is_alarm && gone++ == 0) first = escaped(name.string());
  }
  if (gone == 0 || left == 0 || 2 * left < images) return "";
  return plain_text(table.string()) + ": " + std::to_string(gone) + " of " + std::to_string(gone + left) +
         " images of this folder had an alarm and are no longer there (first: " + first +
         "), all that are left were ok. A threshold from what is left is too low; put the good parts among the others "
         "back";
}

std::string sorted_by_any_table(const fs::path& folder, const std::vector<std::string>& images) {
  fs::path place = fs::weakly_canonical(folder);
  if (!place.has_filename()) place = place.parent_path();
  const fs::path verdicts = place.string() + ".verdicts";
  for (const fs::path& beside : {verdicts, place, place.parent_path()})
    for (const fs::path& table : {beside / "log.csv", PredictionFiles{beside}.csv()}) {
      try {
        if (!fs::is_regular_file(table)) continue;
        if (std::string said = sorted_by(table, place, images.size()); !said.empty()) return said;
      } catch (const std::exception&) {  // someone else's table
      }
    }
  return "";
}

constexpr double kTooRare = 0.025;  // one end of the interval of 95 % that alarms_as_expected() asks for
constexpr const char* kTakenOut =
    ": were those above it taken out, as `iuf watch --move-rejects` does? A threshold from what is left is too low";

std::string chance_text(double chance) {
  return (chance < 0.0005 ? "less than 0.1" : percent_text(chance)) + " %";
}

// Scores that came later, and what the threshold came from before them.
struct Lot {
  const Calibration& before;
  std::vector<double> scores;
};

// Those since the object was learned, of `earlier`.
std::vector<Lot> lots_of(const ObjectRecord& object) {
  std::vector<Lot> lots;
  for (size_t i = 0; i < object.earlier.size(); ++i) {
    const Calibration& before = object.earlier[i];
    const Calibration& after = i + 1 < object.earlier.size() ? object.earlier[i + 1] : object;
    std::vector<double> later;
    std::ranges::set_difference(after.scores, before.scores, std::back_inserter(later));
    if (!later.empty()) lots.push_back({before, std::move(later)});
  }
  return lots;
}

size_t above(const Lot& lot) {
  const std::optional<double>& threshold = lot.before.threshold;
  return static_cast<size_t>(
      std::ranges::count_if(lot.scores, [&](double score) { return threshold && score > *threshold; }));
}

// That none of a lot is above the threshold; 1 where one is. Beyond all scores it is extrapolated, and nothing says how
// many are above. For lots one after another the product is the chance of all: where the later ones join the scores,
// the ranks among these are independent of one another (Renyi 1962); where they replace them, a lot without the highest
// scores lowers the threshold, and makes none above it less likely.
double chance_of_none(const Lot& lot) {
  const Calibration& c = lot.before;
  if (!c.threshold || c.scores.empty() || lot.scores.empty() || *c.threshold > c.scores.back()) return 1;
  if (above(lot) > 0) return 1;
  return chance_of_alarms(c.scores, *c.threshold, 0, lot.scores.size());
}

}  // namespace

void refuse_sorted_out(const fs::path& folder, const std::vector<std::string>& images, Trust trust,
                       const std::string& object, const Progress& progress) {
  const std::string said = sorted_by_any_table(folder, images);
  if (said.empty()) return;
  if (trust != Trust::caller) fail(said, ", or insist (`--normal`)");
  progress.note(object + ": " + said);
}

void note_taken_out(const std::string& object, const std::vector<std::string>& images, const Progress& progress) {
  const std::string missing = missing_numbers({images.begin(), images.end()});
  if (!missing.empty())
    progress.note(object + ": " + missing +
                  ": if these are parts that scored high, the threshold is too low, and they belong among the others");
}

std::string none_above(const ObjectRecord& object, const std::vector<double>& later) {
  std::vector<Lot> lots = lots_of(object);
  lots.push_back({object, later});
  const Lot& last = lots.back();
  const double chance = chance_of_none(last);
  if (chance < kTooRare)
    return "none of " + std::to_string(later.size()) + " images is above the present threshold, and " +
           percent_text(alarm_rate(last.before.scores, *last.before.threshold).expected) +
           " % of normal ones are (chance alone: " + chance_text(chance) + ")" + std::string(kTakenOut);
  double together = 1;
  size_t images = 0;
  for (const Lot& lot : lots) {
    if (above(lot) > 0) return "";
    together *= chance_of_none(lot);
    images += lot.scores.size();
  }
  if (chance >= 1 || together >= kTooRare) return "";
  return "none of " + std::to_string(images) + " images, of these and of " + plural(lots.size() - 1, "lot", "lots") +
         " before, was above the threshold that there was then (chance alone: " + chance_text(together) + ")" +
         std::string(kTakenOut);
}

std::string agreeing_labels(const Calibration& c, size_t normal, double highest_normal, double lowest_defect) {
  if (!c.threshold || !c.false_alarms || c.scores.empty() || normal == 0) return "";
  const double none = chance_of_none({c, std::vector<double>(normal, highest_normal)});
  const double between = chance_between(c.scores, *c.false_alarms, highest_normal, lowest_defect);
  if (none >= kTooRare && between >= kTooRare) return "";
  const std::string why = none < kTooRare
                              ? "none of " + std::to_string(normal) + " normal ones is above the threshold, and " +
                                    percent_text(alarm_rate(c.scores, *c.threshold).expected) +
                                    " % are (chance alone: " + chance_text(none) + ")"
                              : "the scores of both reach the threshold so closely (" +
                                    trimmed_text(highest_normal, 6) + " and " + trimmed_text(lowest_defect, 6) +
                                    ") that one from other normal images would part them as well in " +
                                    chance_text(between) + " of all cases at most";
  return "all labels agree with the verdicts, and " + why +
         ": were these images sorted by this model? Then no figure says anything";
}

}  // namespace iuf
