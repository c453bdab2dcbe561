#include "apps/table.h"

#include <algorithm>

#include "iuf/run/text.h"

namespace iuf {
namespace {

// Characters of a UTF-8 text.
size_t length(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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
