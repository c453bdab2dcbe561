#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "iuf/data/field_rules.h"

// CSV (RFC 4180). A row is a struct whose static visit() names every column once, as for JSON (iuf/data/json_fields.h);
// `field.derived(name, text)` is a column that is written and not read; a column with kMayLack may be absent.
namespace iuf {

/// A field, in quotes where it needs them, and defused where that is asked for (iuf/run/csv_safe.h). Text that looks as
/// if it were defused already gets an apostrophe more.
std::string csv_field(const std::string& text);
/// The text of a field of parse_csv(), without the apostrophe of csv_field().
std::string_view csv_text(std::string_view field);
/// Nine significant digits; no value, NaN and infinities are empty.
std::string csv_number(std::optional<double> value);

/// A line of a CSV file.
struct CsvRecord {
  size_t line;  // where it starts, counted from 1
  std::vector<std::string> fields;
};
/// Quoted fields may hold commas, line ends and doubled quotes. Lines end with CRLF or LF; empty ones are left out.
/// Errors name the place and the line. Fields end at `separator`.
std::vector<CsvRecord> parse_csv(std::string_view text, const std::string& place, char separator = ',');

namespace csv {

/// The visitors that write the column's names, and a row.
struct HeadWriter {
  std::string text = {};

  template <class... Parts>
  void operator()(const char* name, const Parts&...) {
    text += (text.empty() ? "" : ",") + std::string(name);
  }
  void derived(const char* name, const std::string&) { (*this)(name); }
};
struct RowWriter {
  std::string text = {};
  bool first = true;

  template <class T, class... Rules>
  void operator()(const char*, const T& value, const Rules&...) {
    if constexpr (std::is_same_v<T, std::string>)
      add(csv_field(value));
    else if constexpr (std::is_same_v<T, bool>)
      add(value ? "1" : "0");
    else
      add(csv_number(value));
  }
  void derived(const char*, const std::string& value) { add(csv_field(value)); }
  void add(const std::string& field) {
    text += (first ? "" : ",") + field;
    first = false;
  }
};

/// The visitor that reads a row.
class RowReader {
 public:
  RowReader(const CsvRecord& head, const CsvRecord& row, std::string place);

  template <class T, class... Rules>
  void operator()(const char* name, T& value, const Rules&...) {
    if ((std::is_same_v<MayLack, Rules> || ...) && !has(name)) return;
    if constexpr (std::is_same_v<T, std::string>)
      value = csv_text(field(name));
    else if constexpr (std::is_same_v<T, bool>)
      value = label(name);
    else if constexpr (std::is_same_v<T, double>)
      value = number(name);
    else
      value = field(name).empty() ? T() : T(number(name));
  }
  void derived(const char*, const std::string&) {}

 private:
  bool has(const char* name) const;
  const std::string& field(const char* name) const;
  double number(const char* name) const;  // NaN for an empty field
  bool label(const char* name) const;

  const CsvRecord &head_, &row_;
  std::string place_, line_;
};

}  // namespace csv

/// The head and a line for each row.
template <class Row>
std::string to_csv(const std::vector<Row>& rows) {
  csv::HeadWriter head;
  const Row none = {};
  Row::visit(none, head);
  std::string text = head.text + "\n";
  for (const Row& row : rows) {
    csv::RowWriter writer;
    Row::visit(row, writer);
    text += writer.text + "\n";
  }
  return text;
}

/// The opposite; columns may stand in another order and among others. Throws Error naming the place, line and column.
template <class Row>
std::vector<Row> from_csv(std::string_view text, const std::string& place) {
  const std::vector<CsvRecord> records = parse_csv(text, place);
  std::vector<Row> rows;
  for (size_t i = 1; i < records.size(); ++i) {
    csv::RowReader reader(records[0], records[i], place);
    Row::visit(rows.emplace_back(), reader);
  }
  return rows;
}

}  // namespace iuf
