#include <algorithm>
#include <array>

#include "iuf/data/called_defects.h"
#include "iuf/data/layouts.h"
#include "iuf/data/list_rows.h"
#include "iuf/data/listing.h"
#include "iuf/data/mask_files.h"
#include "iuf/data/repeated_rows.h"
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

const std::array<std::string, 5> kColumns = {"object", "split", "label", "image", "mask"};

// The head of the table: which columns are the layout's, and what the others say.
class Columns {
 public:
  Columns(const std::string& where, std::vector<std::string> head) : head_(std::move(head)) {
    for (size_t i = 0; i < head_.size(); ++i)
      if (!head_[i].empty() && std::find(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(i), head_[i]) !=
                                   head_.begin() + static_cast<std::ptrdiff_t>(i))
        fail(where, ": the column ", quoted_name(head_[i]), " is there twice; remove one");
    for (size_t i = 0; i < kColumns.size(); ++i) {
      at_[i] = static_cast<size_t>(std::ranges::find(head_, kColumns[i]) - head_.begin());
      if (at_[i] == head_.size()) fail(where, ": the header must name the columns ", joined(kColumns));
    }
  }

  size_t count() const { return head_.size(); }
  size_t operator[](size_t i) const { return at_[i]; }
  RowRemarks remarks(const std::string& where, const std::vector<std::string>& fields, ListKeys& keys) const {
    RowRemarks remarks;
    for (size_t i = 0; i < fields.size(); ++i) keys.add(where, head_[i], fields[i], remarks);
    return remarks;
  }

 private:
  std::vector<std::string> head_;
  std::array<size_t, kColumns.size()> at_ = {};
};

// The image of a row, of which `field` gives the layout's columns; `listed` finds files.
template <class Field, class Listed>
Sample sample_of(const std::string& where, const RowRemarks& remarks, const Field& field, const Listed& listed) {
  const std::string &split = field(1), &label = field(2), &mask = field(4);
  if (split != "train" && split != "test") fail(where, ": the split must be train or test, not ", quoted_name(split));
  const std::optional<bool> defect = defect_label(label);
  if (!defect) fail(where, ": the label must be normal or anomaly, not ", quoted_name(label));
  const bool train = split == "train";
  if (train && *defect) fail(where, ": a training image must be normal");
  if (remarks.train && *remarks.train != train)
    fail(where, ": 'split' says ", split, ", ", quoted_name(remarks.split_key), " does not; correct one of them");
  check_label(where, *defect, remarks);
  Sample sample{listed(field(3)), checked_name(where, field(0)), train, *defect, *defect ? "anomaly" : "good", {}};
  if (!mask.empty()) sample.masks = {listed(mask)};
  if (!sample.masks.empty() && sample.masks[0] == sample.file)
    fail(where, ": the mask is the image itself; correct its name");
  return sample;
}

}  // namespace

Reading read_visa_csv(const fs::path& root, const fs::path& file) {
  Reading reading;
  std::optional<Columns> columns;
  ListKeys keys(file, {kColumns.begin(), kColumns.end()});
  std::vector<bool> checked;
  std::vector<std::string> places;
  for_each_line(file, read_list(file), [&](const std::string& where, std::string_view line) {
    const std::vector<std::string> fields = csv_fields(where, line);
    if (!columns) {
      columns.emplace(where, fields);
      return;
    }
    if (fields.size() != columns->count())
      fail(where, ": ", fields.size(), " fields, the header has ", columns->count());
    const RowRemarks remarks = columns->remarks(where, fields, keys);
    if (!remarks.left_out_by.empty()) return keys.leave_out(where, remarks);
    const auto field = [&](size_t i) -> const std::string& { return fields[(*columns)[i]]; };
    const auto listed = [&](const std::string& name) {
      fs::path path = file_below(root, name);
      if (path.empty()) fail_without_file(where, name, root);
      return path;
    };
    const Sample sample = sample_of(where, remarks, field, listed);
    if (!remarks.checked) check_place(where, sample.file, root, sample.defect);
    reading.samples.push_back(sample);
    checked.push_back(remarks.checked);
    places.push_back(where);
  });
  unite_rows(reading, places, checked);
  refuse_listed_defects(reading.samples, places, checked);
  find_unlisted_masks(reading.samples, root, checked);
  std::ranges::move(keys.left_out(), std::back_inserter(reading.left_out));
  check_listed_masks(reading.samples, reading.left_out);
  return reading;
}

}  // namespace iuf
