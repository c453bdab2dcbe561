#pragma once

#include <string>
#include <vector>

#include "iuf/learn/object_record.h"
#include "iuf/run/prediction.h"

namespace iuf {

/// A sentence for each object whose images of this call score unlike its normal ones: those with the verdict `ok` by
/// their scores (score_drift), or nearly all get an alarm. A lamp, a camera or a batch may have changed. Where all
/// images together do not, the same is asked of those of each lane (lanes_of), of which one may have another lamp, and
/// whether one of them has the alarms, beyond chance.
std::vector<std::string> drift_notes(const std::vector<ObjectRecord>& objects,
                                     const std::vector<Prediction>& predictions);

}  // namespace iuf
