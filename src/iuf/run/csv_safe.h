#pragma once

namespace iuf {

/// Whether csv_field() (iuf/run/csv.h) defuses text that a spreadsheet would take for a formula, because it begins with
/// =, +, -, @, a tab or a carriage return: an apostrophe goes before it. Of the whole process, and off at first.
void set_csv_safe(bool safe);
bool csv_safe();

}  // namespace iuf
