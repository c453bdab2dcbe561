#include "iuf/run/drift_notes.h"

#include <algorithm>

#include "iuf/data/roles.h"
#include "iuf/run/lanes.h"
#include "iuf/stats/drift.h"
#include "iuf/stats/tails.h"
#include "tensor/text.h"

namespace iuf {
namespace {

// Of many lanes some differ by chance.
constexpr double kChanceOfLane = kChanceOfDrift / 10;

const char* const kDriftAdvice =
    ": did a lamp, the camera or the batch change? If the parts are good, `iuf calibrate MODEL FOLDER --object NAME` "
    "takes their scores for the threshold, and `iuf update` learns them";

// Whether those with the verdict `ok` score unlike the object's normal images; `lane` says which they are, among others
// of it.
std::string score_note(const ObjectRecord& object, const std::vector<const Prediction*>& images,
                       const std::string& lane, double chance) {
  std::vector<double> usual;
  for (const Prediction* p : images)
    if (p->decision() == Verdict::ok) usual.push_back(p->score);
  const Drift drift = score_drift(object.scores, usual, chance);
  if (drift == Drift::none) return "";
  return "'" + plain_text(object.name) + "': the " + std::to_string(usual.size()) + " images without a defect" + lane +
         " score clearly " + (drift == Drift::up ? "higher" : "lower") + " than the normal ones that were learned" +
         (lane.empty() ? "" : ", which all together do not show") + kDriftAdvice;
}

// Whether most are unknown, or nearly all have an alarm.
std::string alarm_note(const ObjectRecord& object, const std::vector<const Prediction*>& images) {
  size_t judged = 0, alarms = 0, unknown = 0;
  for (const Prediction* p : images) {
    const Verdict verdict = p->decision();
    judged += verdict == Verdict::ok || is_alarm(verdict);
    alarms += is_alarm(verdict);
    unknown += verdict == Verdict::unknown;
  }
  const std::string name = "'" + plain_text(object.name) + "': ",
                    all = " of " + std::to_string(judged) + " images are ";
  if (unknown >= kLeastForDrift && 2 * unknown >= judged)
    return name + std::to_string(unknown) + all +
           "unlike all that it was learned from: another product, lamp or camera? No threshold changes that: look at "
           "them, and learn what is new as an object of its own (`iuf add`)";
  if (alarms >= kLeastForDrift && 10 * alarms >= 9 * judged)
    return name + std::to_string(alarms) + all + "alarms" + kDriftAdvice;
  return "";
}

// Folders of a data set that is sorted by what images show.
bool is_sorted(const std::vector<Lane>& lanes) {
  return std::ranges::any_of(lanes, [](const Lane& lane) {
    return lane.folder && (role_of(lane.folder->filename().string()) != FolderRole::none ||
                           hinted_role(lane.folder->filename().string()) != FolderRole::none);
  });
}

// Of the lanes of the first way to divide the images that tells something: other scores, or many of the alarms.
std::vector<std::string> lane_notes(const ObjectRecord& object, const std::vector<const Prediction*>& images) {
  std::vector<std::string> files;
  size_t alarms = 0;
  for (const Prediction* p : images) {
    files.push_back(p->file);
    alarms += is_alarm(p->decision());
  }
  const std::vector<std::vector<Lane>> ways = lanes_of(files);
  const bool sorted = std::ranges::any_of(ways, is_sorted);
  for (const std::vector<Lane>& lanes : ways) {
    std::vector<std::string> notes;
    for (const Lane& lane : lanes) {
      std::vector<const Prediction*> own;
      size_t found = 0;
      for (const size_t i : lane.images) {
        own.push_back(images[i]);
        found += is_alarm(images[i]->decision());
      }
      if (std::string note = score_note(object, own, " " + lane.name, kChanceOfLane); !note.empty())
        notes.push_back(std::move(note));
      else if (found > 0 && !sorted && hypergeometric_tail(found, own.size(), alarms, images.size()) < kChanceOfLane)
        notes.push_back("'" + plain_text(object.name) + "': " + std::to_string(found) + " of the " +
                        std::to_string(own.size()) + " images " + lane.name + " are alarms, and " +
                        std::to_string(alarms - found) + " of the " + std::to_string(images.size() - own.size()) +
                        " others: another lamp, camera, tool or cavity there?");
    }
    if (!notes.empty()) return notes;
  }
  return {};
}

}  // namespace

std::vector<std::string> drift_notes(const std::vector<ObjectRecord>& objects,
                                     const std::vector<Prediction>& predictions) {
  std::vector<std::string> notes;
  for (const ObjectRecord& object : objects) {
    std::vector<const Prediction*> images;
    for (const Prediction& p : predictions)
      if (p.object == object.name) images.push_back(&p);
    std::string note = score_note(object, images, "", kChanceOfDrift);
    if (note.empty()) note = alarm_note(object, images);
    if (!note.empty())
      notes.push_back(std::move(note));
    else
      for (std::string& of_lane : lane_notes(object, images)) notes.push_back(std::move(of_lane));
  }
  return notes;
}

}  // namespace iuf
