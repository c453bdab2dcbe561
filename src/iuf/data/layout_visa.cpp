#include <algorithm>
#include <array>

#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"
#include "iuf/data/mask_files.h"
#include "iuf/data/roles.h"
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

Reading read_visa_csv(const fs::path& root, const fs::path& file) {
  Reading reading;
  const std::array<std::string, 5> names = {"object", "split", "label", "image", "mask"};
  std::array<size_t, 5> column{};
  size_t columns = 0;
  for_each_line(file, read_list(file), [&](const std::string& where, std::string_view line) {
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
    const std::optional<bool> defect = defect_label(label);
    if (!defect) fail(where, ": the label must be normal or anomaly, not ", quoted_name(label));
    const bool train = split == "train";
    if (train && *defect) fail(where, ": a training image must be normal");
    const auto listed = [&](const std::string& name) {
      fs::path path = file_below(root, name);
      if (path.empty()) fail_without_file(where, name, root);
      return path;
    };
    Sample sample{listed(field(3)), checked_name(where, field(0)), train, *defect, *defect ? "anomaly" : "good", {}};
    if (!mask.empty()) sample.masks = {listed(mask)};
    if (!sample.masks.empty() && sample.masks[0] == sample.file)
      fail(where, ": the mask is the image itself; correct its name");
    reading.samples.push_back(std::move(sample));
  });
  check_listed_masks(reading.samples, reading.left_out);
  return reading;
}

}  // namespace iuf
