#pragma once

#include <string>

#include "tensor/error.h"

namespace iuf {

/// A request that is not done, with the status of HTTP that says why: 400 the request makes no sense, 404 there is no
/// such thing, 409 not now, 413 too large, 422 the image or the model does not allow it.
class Refusal : public Error {
 public:
  Refusal(int code, const std::string& text) : Error(text), status(code) {}
  const int status;
};

}  // namespace iuf
