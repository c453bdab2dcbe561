#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"

// A defect that takes a feature away makes a part of one object look like a sibling that is learned, too. Judged
// without an expected object it is the sibling, and ok.
namespace iuf {

/// Whether so many images of an object among so many of another one are the few that may be this one's: at most a
/// fifth of both, which are at least ten.
bool are_few_among(size_t few, size_t usual);

/// Whether an image that was judged as one object has an alarm by a sibling of it (Model::are_siblings). False of an
/// object that the model cannot judge against.
bool has_alarm_by(const Model& model, const std::string& sibling, const std::string& object, const Image& image);

/// A line for each two objects of which few images of a call were judged as one and most as the other, without being
/// expected, where some of the few are ok, and have an alarm by the other (has_alarm_by). At most kMostAsked images are
/// looked at again, which `read` gives; one that can no longer be read is none.
constexpr size_t kMostAsked = 64;
std::vector<std::string> sibling_notes(const Model& model, const std::vector<Prediction>& predictions,
                                       const std::function<Image(const Prediction&)>& read);

}  // namespace iuf
