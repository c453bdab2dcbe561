#include "iuf/run/comparison_tables.h"

#include <algorithm>
#include <utility>

#include "iuf/run/csv.h"
#include "iuf/run/text.h"

namespace iuf {
namespace {

std::string figure_text(const Figure& figure, std::optional<double> value) {
  if (!value) return "n/a";
  switch (figure.kind) {
    case Figure::Kind::percent:
      return percent_text(value);
    case Figure::Kind::seconds:
      return fixed_text(value, 0) + " s";
    case Figure::Kind::bytes:
      return fixed_text(*value / (1 << 20), 1) + " MiB";
  }
  return "";
}

std::string markdown_cell(const std::string& text) {
  std::string escaped;
  for (char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

}  // namespace

std::vector<std::vector<std::string>> comparison_cells(const std::vector<ComparisonRow>& rows) {
  std::vector<std::vector<std::string>> cells = {{"method"}};
  for (const Figure& figure : comparison_figures()) cells[0].push_back(figure.title);
  for (const ComparisonRow& row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(row.name + (row.failed ? " (failed: " + *row.failed + ")" : ""));
    for (const Figure& figure : comparison_figures()) {
      std::string text = figure_text(figure, value_of(row.figures, figure.key));
      if (const auto spread = value_of(row.spread, figure.key); spread && figure.kind == Figure::Kind::percent)
        text += " \u00B1" + figure_text(figure, spread);
      line.push_back(text);
    }
  }
  return cells;
}

std::vector<std::string> comparison_remarks(const std::vector<ComparisonRow>& rows) {
  std::vector<std::pair<std::string, std::string>> remarks;  // each with its rows
  const auto add = [&](const std::string& row, const std::string& text) {
    const auto same = std::ranges::find(remarks, text, [](const auto& remark) { return remark.first; });
    if (same == remarks.end()) {
      remarks.emplace_back(text, row);
    } else {
      same->second += ", " + row;
    }
  };
  for (const ComparisonRow& row : rows) {
    std::map<std::string, std::string> figures;  // by reason
    for (const Figure& figure : comparison_figures())
      if (const auto reason = row.reasons.find(figure.key); reason != row.reasons.end()) {
        std::string& titles = figures[reason->second];
        titles += (titles.empty() ? "" : ", ") + std::string(figure.title);
      }
    for (const auto& [reason, titles] : figures) add(row.name, titles + " n/a: " + reason);
    for (const std::string& note : row.notes) add(row.name, note);
  }
  std::vector<std::string> lines;
  for (const auto& [text, names] : remarks) lines.push_back(names + ": " + text);
  return lines;
}

std::string comparison_markdown(const std::vector<ComparisonRow>& rows) {
  std::string text;
  for (const std::vector<std::string>& line : comparison_cells(rows)) {
    const bool head = text.empty();
    text += "|";
    for (const std::string& cell : line) text += " " + markdown_cell(cell) + " |";
    text += "\n";
    if (!head) continue;
    text += "| --- |";
    for (size_t i = 1; i < line.size(); ++i) text += " ---: |";
    text += "\n";
  }
  return text;
}

std::string comparison_csv(const std::vector<ComparisonRow>& rows) {
  const std::vector<Figure>& figures = comparison_figures();
  std::string text = "name,label,seed,failed";
  for (const Figure& figure : figures) text += std::string(",") + figure.key;
  text += "\n";
  for (const ComparisonRow& row : rows) {
    const std::string head = csv_field(row.id) + "," + csv_field(row.name) + ",";
    for (size_t s = 0; s < row.seeds.size(); ++s) {
      text += head + std::to_string(row.seeds[s]) + ",";
      for (const Figure& figure : figures) {
        const auto value = row.by_seed[s].find(figure.key);
        text += "," + (value == row.by_seed[s].end() ? "" : csv_number(value->second));
      }
      text += "\n";
    }
    if (row.failed) text += head + "," + csv_field(*row.failed) + std::string(figures.size(), ',') + "\n";
  }
  return text;
}

}  // namespace iuf
