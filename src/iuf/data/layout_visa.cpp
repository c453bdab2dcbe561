#include <algorithm>
#include <array>

#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

/// The fields of one line; quotes as in RFC 4180, but no line break inside them.
std::vector<std::string> csv_fields(const std::string& where, std::string_view line) {
  std::vector<std::string> fields(1);
  bool inside = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (inside && i + 1 < line.size() && line[i + 1] == '"')
        fields.back() += line[i++];
      else
        inside = !inside;
    } else if (line[i] == ',' && !inside) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  if (inside) fail(where, ": a quote is not closed");
  return fields;
}

}  // namespace

bool is_visa_object(const fs::path& folder) {
  return is_folder(folder / "Data" / "Images" / "Normal");
}

void add_visa_object(Samples& samples, const std::string& object, const fs::path& folder) {
  const fs::path data = folder / "Data";
  const std::vector<fs::path> normal = images_in(data / "Images" / "Normal");
  for (size_t i = 0; i < normal.size(); ++i)
    add_good(samples, object, i % 10 != 9 ? Part::train : Part::test, {normal[i]});
  add_defects(samples, object, data / "Images" / "Anomaly", "anomaly", data / "Masks" / "Anomaly");
}

void add_visa_csv(Samples& samples, const fs::path& root, const fs::path& file) {
  const std::array<std::string, 5> names = {"object", "split", "label", "image", "mask"};
  std::array<size_t, 5> column{};
  size_t columns = 0;
  for_each_line(file, [&](const std::string& where, std::string_view line) {
    const std::vector<std::string> fields = csv_fields(where, line);
    if (columns == 0) {
      columns = fields.size();
      for (size_t i = 0; i < names.size(); ++i) {
        column[i] = static_cast<size_t>(std::find(fields.begin(), fields.end(), names[i]) - fields.begin());
        if (column[i] == columns) fail(where, ": the header must name the columns ", joined(names));
      }
      return;
    }
    if (fields.size() != columns) fail(where, ": ", fields.size(), " fields, the header has ", columns);
    const auto field = [&](size_t i) -> const std::string& { return fields[column[i]]; };
    const std::string &split = field(1), &label = field(2), &mask = field(4);
    if (split != "train" && split != "test") fail(where, ": the split must be train or test, not ", quoted_name(split));
    if (label != "normal" && label != "anomaly")
      fail(where, ": the label must be normal or anomaly, not ", quoted_name(label));
    const bool train = split == "train", defect = label == "anomaly";
    if (train && defect) fail(where, ": a training image must be normal");
    Sample sample{listed_file(where, root, field(3)),
                  checked_name(where, field(0)),
                  train,
                  defect,
                  defect ? "anomaly" : "good",
                  {}};
    if (defect && !mask.empty()) sample.masks = {listed_file(where, root, mask)};
    samples.push_back(std::move(sample));
  });
}

}  // namespace iuf
