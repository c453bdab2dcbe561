#pragma once

#include <cmath>
#include <optional>

namespace iuf {

/// What is said about an image.
enum class Verdict {
  ok,
  defect,        // the score is above the object's threshold
  unknown,       // whatever the score: the image as a whole is unlike every normal image, such as another product
  no_threshold,  // the object has none
  error          // the image could not be judged
};

/// What a score says, for an object with this threshold. `novelty` is absent where the model keeps nothing to tell it
/// by; above 1 the image is unlike the normal ones (Judgement). Fails closed: whatever is not finite is an error.
inline Verdict verdict(double score, std::optional<double> threshold, std::optional<double> novelty = std::nullopt) {
  if (!std::isfinite(score) || (threshold && !std::isfinite(*threshold)) || (novelty && !std::isfinite(*novelty)))
    return Verdict::error;
  if (novelty && *novelty > 1) return Verdict::unknown;
  if (threshold && score > *threshold) return Verdict::defect;
  return threshold ? Verdict::ok : Verdict::no_threshold;
}

/// As tables have it: "ok", "defect", "unknown", "no threshold", "error".
inline const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::defect:
      return "defect";
    case Verdict::unknown:
      return "unknown";
    case Verdict::no_threshold:
      return "no threshold";
    case Verdict::error:
      break;
  }
  return "error";
}

/// Whether a part with this verdict is taken out of the line: an alarm, right or false.
inline bool is_alarm(Verdict verdict) {
  return verdict == Verdict::defect || verdict == Verdict::unknown;
}

}  // namespace iuf
