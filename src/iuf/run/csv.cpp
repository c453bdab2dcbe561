#include "iuf/run/csv.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>

#include "iuf/run/csv_safe.h"
#include "tensor/error.h"

namespace iuf {

namespace {

std::atomic<bool> safe_fields = false;

// Apostrophes at its begin, -1 where no formula would follow them.
int apostrophes(std::string_view text) {
  const size_t first = text.find_first_not_of('\'');
  const bool formula = first != std::string_view::npos && std::string_view("=+-@\t\r").find(text[first]) != text.npos;
  return formula ? static_cast<int>(first) : -1;
}

}  // namespace

void set_csv_safe(bool safe) {
  safe_fields = safe;
}

bool csv_safe() {
  return safe_fields;
}

std::string_view csv_text(std::string_view field) {
  return apostrophes(field) > 0 ? field.substr(1) : field;
}

std::string csv_field(const std::string& raw) {
  const std::string text = apostrophes(raw) >= (csv_safe() ? 0 : 1) ? "'" + raw : raw;
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_number(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return "";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, *value, std::chars_format::general, 9).ptr};
}

std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& place, char separator) {
  std::vector<CsvRecord> records;
  size_t line = 1;
  for (size_t i = 0; i < text.size();) {
    CsvRecord record{line, {}};
    for (bool more = true; more;) {
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i == text.size()) fail(place, ": line ", record.line, ": a quote is not closed");
          if (text[i] == '"' && (++i == text.size() || text[i] != '"')) break;
          line += text[i] == '\n';
          field += text[i];
        }
        if (i < text.size() && text[i] != separator && text[i] != '\r' && text[i] != '\n')
          fail(place, ": line ", line, ": text after a closing quote");
      } else {
        while (i < text.size() && text[i] != separator && text[i] != '\n' && text[i] != '\r') field += text[i++];
      }
      record.fields.push_back(std::move(field));
      more = i < text.size() && text[i] == separator;
      if (more) ++i;
    }
    if (i < text.size() && text[i] == '\r') ++i;
    if (i < text.size() && text[i] == '\n')
      ++i, ++line;
    else if (i < text.size())
      fail(place, ": line ", line, ": a carriage return inside a line");
    if (record.fields.size() > 1 || !record.fields[0].empty()) records.push_back(std::move(record));
  }
  if (records.empty()) fail(place, ": the header line is missing");
  return records;
}

namespace csv {

RowReader::RowReader(const CsvRecord& head, const CsvRecord& row, std::string place)
    : head_(head), row_(row), place_(std::move(place)), line_(place_ + ": line " + std::to_string(row.line)) {
  if (row.fields.size() != head.fields.size())
    fail(line_, ": has ", row.fields.size(), " fields, the header ", head.fields.size());
}

bool RowReader::has(const char* name) const {
  return std::ranges::find(head_.fields, name) != head_.fields.end();
}

const std::string& RowReader::field(const char* name) const {
  const auto found = std::ranges::find(head_.fields, name);
  if (found == head_.fields.end()) fail(place_, ": column '", name, "' is missing");
  return row_.fields[static_cast<size_t>(found - head_.fields.begin())];
}

double RowReader::number(const char* name) const {
  const std::string& digits = field(name);
  if (digits.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value))
    fail(line_, ": ", name, " '", digits, "' is no finite number");
  return value;
}

bool RowReader::label(const char* name) const {
  const double value = number(name);
  if (value != 0 && value != 1) fail(line_, ": ", name, " '", field(name), "' must be 0 or 1");
  return value == 1;
}

}  // namespace csv

}  // namespace iuf
