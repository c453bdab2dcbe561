#include "apps/table.h"

#include <algorithm>
#include <numeric>

#include "iuf/run/comparison_tables.h"
#include "iuf/run/text.h"

namespace iuf {
namespace {

// Characters of a UTF-8 text.
size_t length(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The places of a comparison's columns, those first that matter most.
std::vector<size_t> ranked_columns() {
  static const std::vector<std::string> first = {"image_acc", "pixel_acc", "image_fm",          "pixel_fm",  "aupro",
                                                 "image_ap",  "seconds",   "peak_memory_bytes", "kept_bytes"};
  const std::vector<Figure>& figures = comparison_figures();
  std::vector<size_t> columns(figures.size());
  std::iota(columns.begin(), columns.end(), size_t{1});  // the first one names the method
  std::ranges::stable_sort(columns, {},
                           [&](size_t column) { return std::ranges::find(first, figures[column - 1].key); });
  return columns;
}

// Those of the ranked columns that a table of this width holds, in their order.
std::vector<size_t> fitting_columns(const std::vector<std::vector<std::string>>& cells, size_t width) {
  const auto width_of = [&](size_t column) {
    size_t most = 0;
    for (const auto& row : cells) most = std::max(most, length(row[column]));
    return most;
  };
  std::vector<size_t> chosen = {0};
  size_t used = width_of(0);
  for (const size_t column : ranked_columns()) {
    used += 2 + width_of(column);
    if (used > width) break;
    chosen.push_back(column);
  }
  std::ranges::sort(chosen);
  return chosen;
}

// Which of the last means leave objects out.
std::string means_text(const StepMatrix& image, const StepMatrix& pixel) {
  std::string text;
  const auto say = [&](const char* name, const ObjectMean& mean) {
    if (mean.used > 0 && mean.left_out > 0)
      text += std::string(name) + ": the mean of " + std::to_string(mean.used) + " of " +
              std::to_string(mean.used + mean.left_out) + " objects, the others have none\n";
  };
  if (image.steps() == 0) return text;
  const size_t last = image.steps() - 1;
  say("image ACC", acc(image, last));
  say("pixel ACC", acc(pixel, last));
  say("image FM", fm(image, last));
  say("pixel FM", fm(pixel, last));
  return text;
}

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> width;
  for (const auto& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], length(row[i]));
  }
  std::vector<bool> numbers(width.size(), rows.size() > 1);  // by column, the first row aside
  for (size_t r = 1; r < rows.size(); ++r)
    for (size_t i = 0; i < rows[r].size(); ++i)
      numbers[i] = numbers[i] && (rows[r][i] == "n/a" || rows[r][i].find_first_of("-0123456789") == 0);
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string space(width[i] - length(row[i]), ' ');
      line += (i ? "  " : "") + (numbers[i] ? space + row[i] : row[i] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string comparison_text(const std::vector<ComparisonRow>& rows, Columns columns) {
  std::vector<ComparisonRow> shown = rows;
  std::string below;
  for (ComparisonRow& row : shown) {
    if (!row.failed) continue;
    below += row.name + " (failed: " + *row.failed + ")\n";
    row.failed.reset();
    row.name += " (failed)";
  }
  std::vector<std::vector<std::string>> cells = comparison_cells(shown);
  if (columns == Columns::fitting) {
    constexpr size_t kWidth = 100;
    const std::vector<size_t> chosen = fitting_columns(cells, kWidth);
    const size_t more = cells[0].size() - chosen.size();
    for (std::vector<std::string>& row : cells) {
      std::vector<std::string> some;
      for (const size_t column : chosen) some.push_back(row[column]);
      row = some;
    }
    if (more > 0) below += std::to_string(more) + " more figures: comparison.csv, and `iuf compare --wide`\n";
  }
  return text_table(cells) + below;
}

std::string matrix_text(const StepMatrix& image, const StepMatrix& pixel) {
  const auto pair = [](const std::optional<double>& i, const std::optional<double>& p) {
    return i || p ? percent_text(i) + "/" + percent_text(p) : std::string("n/a");
  };
  std::vector<std::vector<std::string>> rows(image.objects.size() + 3);
  auto& head = rows.front();
  auto& acc_row = *(rows.end() - 2);
  auto& fm_row = rows.back();
  head = {"AUROC image/pixel"};
  acc_row = {"ACC"};
  fm_row = {"FM"};
  for (size_t o = 0; o < image.objects.size(); ++o) rows[o + 1] = {image.objects[o]};
  for (size_t s = 0; s < image.steps(); ++s) {
    head.push_back("step " + std::to_string(s + 1));
    for (size_t o = 0; o < image.objects.size(); ++o)
      rows[o + 1].push_back(s < image.learned[o] ? "-" : pair(image.value[s][o], pixel.value[s][o]));
    acc_row.push_back(pair(acc(image, s).value, acc(pixel, s).value));
    fm_row.push_back(s == 0 ? "-" : pair(fm(image, s).value, fm(pixel, s).value));
  }
  return text_table(rows) + means_text(image, pixel);
}

std::string objects_text(const std::vector<ObjectResult>& objects) {
  const auto share = [](const std::optional<int64_t>& some, int64_t all, int64_t unknown) {
    if (!some) return std::string("n/a");
    return std::to_string(*some) + " of " + std::to_string(all) +
           (unknown > 0 ? " (" + std::to_string(unknown) + " unknown)" : "");
  };
  std::vector<std::vector<std::string>> rows = {{"object", "defects found", "false alarms", "recognised", "image AUROC",
                                                 "AP", "F1-max", "pixel AUROC", "AP", "F1-max", "AUPRO"}};
  for (const ObjectResult& o : objects)
    rows.push_back({o.object, share(o.defects_found, o.test_defect, o.unknown_defect),
                    share(o.false_alarms, o.test_normal, o.unknown_normal), percent_text(o.recognised),
                    percent_text(o.image.auroc), percent_text(o.image.average_precision), percent_text(o.image.f1_max),
                    percent_text(o.pixel.auroc), percent_text(o.pixel.average_precision), percent_text(o.pixel.f1_max),
                    percent_text(o.aupro)});
  return text_table(rows);
}

std::string remarks_text(const std::vector<ObjectResult>& objects) {
  std::string text;
  for (const std::string& remark : remarks_on(objects)) text += (text.empty() ? "\n" : "") + remark + "\n";
  return text;
}

}  // namespace iuf
