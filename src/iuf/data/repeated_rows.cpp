#include "iuf/data/repeated_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// A kept sample, and what its rows say together.
struct United {
  size_t first;  // of its rows
  size_t sample;
  std::set<fs::path> masks = {};  // without links
  size_t rows = 1;
  std::string other_kind = {};  // of the first row that names another

  void add_masks(const Sample& row, Sample& kept) {
    for (const fs::path& mask : row.masks)
      if (masks.insert(full_path(mask)).second && &row != &kept) kept.masks.push_back(mask);
  }
};

// What to say of the rows of one object.
struct Said {
  size_t rows = 0, photographs = 0;  // of different masks
  size_t again = 0;                  // rows that say nothing new
  size_t kinds = 0;                  // photographs with rows of several
  std::string first_again = {}, first_kinds = {}, first_masks = {};

  void add(const United& united, const Sample& sample, const std::string& where) {
    if (!united.other_kind.empty() && kinds++ == 0)
      first_kinds = escaped(sample.file.filename().string()) + ": " + sample.label_name + ", not " + united.other_kind;
    if (united.rows > 1 && sample.masks.size() > 1) {
      rows += united.rows;
      if (photographs++ == 0)
        first_masks = escaped(sample.masks[0].string()) + " and " + escaped(sample.masks[1].string());
    } else if (united.rows > 1) {
      if (again == 0) first_again = where;
      again += united.rows - 1;
    }
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    if (photographs > 0)
      found.push_back(
          std::to_string(rows) + " rows of " + std::to_string(photographs) +
          (photographs == 1 ? " photograph, its masks are united (" : " photographs, their masks are united (first: ") +
          first_masks + ")");
    if (again > 0)
      found.push_back(std::to_string(again) +
                      (again == 1 ? " row names a photograph again, which counts once, first: "
                                  : " rows name photographs again, which count once, first: ") +
                      first_again);
    if (kinds > 0)
      found.push_back(std::to_string(kinds) +
                      (kinds == 1 ? " photograph has rows of several kinds and keeps the first ("
                                  : " photographs have rows of several kinds and keep the first, as (") +
                      first_kinds + ")");
    return found;
  }
};

// Throws Error where a row contradicts an earlier one of the same photograph.
void check_rows(const Sample& a, const std::string& where_a, const Sample& b, const std::string& where_b) {
  if (a.defect != b.defect)
    fail(where_a, " and ", where_b, ": the same photograph, ", a.defect ? "a defect" : "normal", " and ",
         b.defect ? "a defect" : "normal", " (", b.file.string(), "); take one of them out");
  if (a.defect && a.masks.empty() != b.masks.empty())
    fail(where_a, " and ", where_b, ": the same photograph, with a mask and without one (", b.file.string(),
         "); add the mask or take the row out");
}

}  // namespace

void unite_rows(Reading& reading, std::vector<std::string>& where, std::vector<bool>& checked) {
  Samples kept;
  std::vector<std::string> kept_where;
  std::vector<bool> kept_checked;
  std::map<std::pair<std::string, fs::path>, size_t> first_rows;
  std::map<std::tuple<std::string, fs::path, bool>, United> united;
  for (size_t i = 0; i < reading.samples.size(); ++i) {
    const Sample& row = reading.samples[i];
    const fs::path file = full_path(row.file);
    const size_t first = first_rows.try_emplace({row.object, file}, i).first->second;
    check_rows(reading.samples[first], where[first], row, where[i]);
    const auto [at, is_new] = united.try_emplace({row.object, file, row.train}, United{i, kept.size()});
    United& of = at->second;
    if (is_new) {
      kept.push_back(row);
      kept_where.push_back(where[i]);
      kept_checked.push_back(checked[i]);
      of.add_masks(kept.back(), kept.back());
      continue;
    }
    ++of.rows;
    of.add_masks(row, kept[of.sample]);
    kept_checked[of.sample] = kept_checked[of.sample] && checked[i];
    if (of.rows == 2) kept_where[of.sample] += " and " + where[i].substr(where[i].rfind(": ") + 2);
    if (of.other_kind.empty() && row.label_name != kept[of.sample].label_name) of.other_kind = row.label_name;
  }
  std::map<std::string, Said> said;
  for (const auto& [key, of] : united)
    if (of.rows > 1) said[kept[of.sample].object].add(of, kept[of.sample], kept_where[of.sample]);
  for (const auto& [object, what] : said) reading.listed[object].lines = what.lines();
  reading.samples = std::move(kept);
  where = std::move(kept_where);
  checked = std::move(kept_checked);
}

}  // namespace iuf
