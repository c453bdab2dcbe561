#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/learn/object_record.h"
#include "iuf/run/prediction.h"

// What the images of a call tell together, beside their scores (drift_notes.h).
namespace iuf {

/// A sentence for each object that was learned from some of these photographs, or calibrated by them: what it has seen
/// is usual, whatever it shows.
std::vector<std::string> learned_notes(const std::vector<ObjectRecord>& objects,
                                       const std::vector<Prediction>& predictions);

/// A sentence for each two objects of which images lie in a folder that is called as one (the innermost such) and were
/// judged as the other, without being expected: a part of which something is missing may look like a sibling.
std::vector<std::string> folder_notes(const std::vector<ObjectRecord>& objects,
                                      const std::vector<Prediction>& predictions);

/// A sentence where at least three quarters of the images that were compared with the one behind them, at most
/// kCompared spread over the call and at least kFewestCompared, differ from it by no more than noise (still_part.h):
/// one part, photographed again and again. Copies are told elsewhere. `views`: coarse_view() of each, or nothing;
/// images are read where three quarters are near the one behind them. `read` gives an image; one that can no longer be
/// read is left out.
std::string still_part_note(const std::vector<Prediction>& predictions, const std::vector<std::vector<float>>& views,
                            const std::function<Image(const Prediction&)>& read);
constexpr size_t kCompared = 16, kFewestCompared = 6;

/// A sentence for each object of which at least kSamePlace images in a row are defects whose highest places are within
/// kPlaceApart of each other, as shares of the sides: dirt on a lens lies still, defects of parts do not.
std::vector<std::string> place_notes(const std::vector<ObjectRecord>& objects,
                                     const std::vector<Prediction>& predictions);
constexpr size_t kSamePlace = 6;
constexpr double kPlaceApart = 0.03;

}  // namespace iuf
