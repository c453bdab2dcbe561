#pragma once

#include <string>

#include "tensor/error.h"

namespace iuf {

/// What the Error says that the action throws; "no error" where it throws none.
std::string message_of(const auto& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace iuf
