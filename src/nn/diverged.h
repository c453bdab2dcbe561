#pragma once

#include <string>

#include "tensor/error.h"

namespace iuf {

/// Training that has left what numbers can hold: NaN or infinity. "training: REASON; lower the learning rate".
class Diverged : public Error {
 public:
  explicit Diverged(const std::string& reason)
      : Error("training: " + reason + "; lower the learning rate"), reason_(reason) {}
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

}  // namespace iuf
