#include "iuf/run/drift_notes.h"

#include "iuf/stats/drift.h"
#include "tensor/text.h"

namespace iuf {

std::vector<std::string> drift_notes(const std::vector<ObjectRecord>& objects,
                                     const std::vector<Prediction>& predictions) {
  std::vector<std::string> notes;
  for (const ObjectRecord& object : objects) {
    std::vector<double> usual;
    size_t alarms = 0, unknown = 0;
    for (const Prediction& p : predictions) {
      if (p.object != object.name) continue;
      const Verdict verdict = p.decision();
      if (verdict == Verdict::ok) usual.push_back(p.score);
      alarms += is_alarm(verdict);
      unknown += verdict == Verdict::unknown;
    }
    const std::string
        name = "'" + plain_text(object.name) + "': ",
        advice =
            ": did a lamp, the camera or the batch change? If the parts are good, `iuf calibrate "
            "MODEL FOLDER --object NAME` takes their scores for the threshold, and `iuf update` learns them";
    const Drift drift = score_drift(object.scores, usual);
    if (drift != Drift::none)
      notes.push_back(name + "the " + std::to_string(usual.size()) + " images without a defect score clearly " +
                      (drift == Drift::up ? "higher" : "lower") + " than the normal ones that were learned" + advice);
    else if (unknown >= kLeastForDrift && 2 * unknown >= alarms + usual.size())
      notes.push_back(name + std::to_string(unknown) + " of " + std::to_string(alarms + usual.size()) +
                      " images are unlike all that it was learned from: another product, lamp or camera? No threshold "
                      "changes that: look at them, and learn what is new as an object of its own (`iuf add`)");
    else if (alarms >= kLeastForDrift && 10 * alarms >= 9 * (alarms + usual.size()))
      notes.push_back(name + std::to_string(alarms) + " of " + std::to_string(alarms + usual.size()) +
                      " images are alarms" + advice);
  }
  return notes;
}

}  // namespace iuf
