#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "iuf/settings/setting.h"
#include "tensor/error.h"

// What values of flags may be. A wrong one ends with exit code 2, on the command line and in a configuration file.
namespace iuf {

/// Something else that is wrong with the command line; the exit code is 2, too.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Every flag whose type in the help is N (also N,N) or X takes whole numbers or numbers in decimal digits, or says so.
void require_numbers(CLI::App& app);

/// A check of numbers that names the rule.
CLI::Validator within(const Rule& rule);

/// A check of texts by a function that throws Error for a wrong one.
CLI::Validator accepted_by(std::function<void(const std::string&)> accept);

/// A check of paths that are written whole: a regular file or nothing yet, and not where the results are printed.
CLI::Validator writable_file();

/// What is wrong with a text as the value of this flag, or nothing.
std::string fault_of(CLI::Option& option, std::string text);

/// Runs what judges flags together; its Error is a UsageError.
template <class Judge>
auto judged(const Judge& judge) {
  try {
    return judge();
  } catch (const Error& e) {
    throw UsageError(e.what());
  }
}

}  // namespace iuf
