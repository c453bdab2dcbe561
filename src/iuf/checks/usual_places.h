#pragma once

#include <cstddef>
#include <vector>

#include "iuf/checks/median.h"

namespace iuf {

/// What pictures usually have at each of their places, such as the light there.
class UsualPlaces {
 public:
  /// The values of the places of each picture, all above 0; at least one picture.
  explicit UsualPlaces(const std::vector<std::vector<double>>& pictures) {
    for (size_t place = 0; place < pictures.front().size(); ++place) {
      std::vector<double> values;
      for (const std::vector<double>& own : pictures) values.push_back(own[place]);
      usual_.push_back(median(values));
    }
    if (!usual_.empty()) middle_ = median(usual_);
  }
  /// The median of each place.
  const std::vector<double>& values() const { return usual_; }
  /// By what factor the values of a picture are above the usual ones: the median over the half of the places where
  /// these are highest. So a defect counts for nothing as long as it covers less than half of them.
  double factor(const std::vector<double>& values) const {
    std::vector<double> factors;
    for (size_t i = 0; i < usual_.size(); ++i)
      if (usual_[i] >= middle_) factors.push_back(values[i] / usual_[i]);
    return factors.empty() ? 1 : median(factors);
  }

 private:
  std::vector<double> usual_ = {};
  double middle_ = 0;
};

}  // namespace iuf
