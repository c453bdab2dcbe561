#include "apps/flag_values.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

namespace iuf {
namespace {

// The digits after a leading plus sign, which from_chars does not know.
std::string_view unsigned_part(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

template <class Number>
std::errc read(std::string_view text, Number& value) {
  text = unsigned_part(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error != std::errc() || end == text.data() + text.size() ? error : std::errc::invalid_argument;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  if (read(text, value) != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// In plain decimal digits, because the parser would read 010 as octal and saturate what does not fit.
std::string whole_number(std::string& text) {
  int64_t value = 0;
  const std::errc error = read(text, value);
  if (error == std::errc::result_out_of_range)
    return "needs a whole number from " + std::to_string(std::numeric_limits<int64_t>::min()) + " to " +
           std::to_string(std::numeric_limits<int64_t>::max()) + ", not " + text;
  if (error != std::errc()) return "needs a whole number, not '" + text + "'";
  text = std::to_string(value);
  return "";
}

// Shares may be given in percent; where they may not, the flag's own check refuses the sign.
std::string number(std::string& text) {
  const std::string_view digits(text.data(), text.size() - (text.ends_with('%') ? 1 : 0));
  return number_of(digits) ? "" : "needs a number, not '" + text + "'";
}

}  // namespace

void require_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    // transform() puts these before all other checks.
    if (type == "N" || type == "N,N") option->transform(CLI::Validator(whole_number, ""));
    if (type == "X") option->transform(CLI::Validator(number, ""));
  }
}

CLI::Validator within(const Rule& rule) {
  return CLI::Validator(
      [rule](std::string& text) -> std::string {
        const std::optional<double> value = number_of(text);
        if (!value) return "needs a number, not '" + text + "'";
        return !rule.holds || rule.holds(*value) ? "" : rule.text + ", not " + text;
      },
      "");
}

CLI::Validator accepted_by(std::function<void(const std::string&)> accept) {
  return CLI::Validator(
      [accept = std::move(accept)](std::string& text) -> std::string {
        try {
          accept(text);
          return "";
        } catch (const Error& e) {
          return e.what();
        }
      },
      "");
}

CLI::Validator writable_file() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        struct stat file {
        }, output{};
        if (::stat(text.c_str(), &file) != 0) return "";  // what stands in the way is told when it is written
        if (::fstat(STDOUT_FILENO, &output) == 0 && file.st_dev == output.st_dev && file.st_ino == output.st_ino)
          return "'" + text + "' is standard output, where the results are printed; name a file";
        return S_ISREG(file.st_mode) ? "" : "'" + text + "' is not a regular file; name another one";
      },
      "");
}

std::string fault_of(CLI::Option& option, std::string text) {
  for (int i = 0;; ++i) {
    CLI::Validator* validator = nullptr;
    try {
      validator = option.get_validator(i);
    } catch (const CLI::OptionNotFound&) {
      return "";
    }
    if (std::string fault = (*validator)(text); !fault.empty()) return fault;
  }
}

}  // namespace iuf
