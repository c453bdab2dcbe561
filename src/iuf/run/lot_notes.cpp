#include "iuf/run/lot_notes.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <utility>

#include "iuf/checks/spread_sample.h"
#include "iuf/checks/still_part.h"
#include "iuf/data/name_forms.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// "3 of 8 images"
std::string of_images(size_t count, size_t all) {
  return std::to_string(count) + " of " + std::to_string(all) + " images ";
}

// The innermost folder above a file that is called as an object; empty where none is.
std::string object_of_folder(const std::vector<ObjectRecord>& objects, const std::string& file) {
  for (fs::path folder = fs::path(file).parent_path(); folder.has_filename(); folder = folder.parent_path())
    for (const ObjectRecord& object : objects)
      if (name_key(folder.filename().string()) == name_key(object.name)) return object.name;
  return "";
}

// Whether the highest places of two defects are the same, as shares of the sides.
bool are_at_one_place(const Prediction& a, const Prediction& b) {
  const auto apart = [](int64_t p, int size, int64_t q, int other) {
    return std::abs(static_cast<double>(p) / std::max(size, 1) - static_cast<double>(q) / std::max(other, 1));
  };
  const DefectRegion &one = a.regions.front(), &another = b.regions.front();
  return std::max(apart(one.peak_x, a.width, another.peak_x, b.width),
                  apart(one.peak_y, a.height, another.peak_y, b.height)) <= kPlaceApart;
}

}  // namespace

std::vector<std::string> learned_notes(const std::vector<ObjectRecord>& objects,
                                       const std::vector<Prediction>& predictions) {
  std::vector<std::string> notes;
  for (const ObjectRecord& object : objects) {
    size_t all = 0, learned = 0;
    std::string first;
    for (const Prediction& p : predictions) {
      if (!p.error.empty() || p.object != object.name) continue;
      ++all;
      if (!std::ranges::binary_search(object.photographs, p.photograph) &&
          !std::ranges::binary_search(object.later_photographs, p.photograph))
        continue;
      if (learned++ == 0) first = escaped(p.file);
    }
    if (learned > 0)
      notes.push_back("'" + plain_text(object.name) + "': " + of_images(learned, all) +
                      "are photographs that it was learned from or calibrated by, first: " + first +
                      ": a defect that they show is usual to it, and ok");
  }
  return notes;
}

std::vector<std::string> folder_notes(const std::vector<ObjectRecord>& objects,
                                      const std::vector<Prediction>& predictions) {
  struct Folder {
    size_t all = 0;
    std::map<std::string, std::pair<size_t, std::string>> judged = {};  // as others: how many, the first
  };
  std::map<std::string, Folder> folders;
  for (const Prediction& p : predictions) {
    if (!p.error.empty() || !p.expected.empty()) continue;
    const std::string called = object_of_folder(objects, p.file);
    if (called.empty()) continue;
    Folder& folder = folders[called];
    ++folder.all;
    if (p.object == called || p.decision() == Verdict::unknown) continue;
    auto& [count, first] = folder.judged[p.object];
    if (count++ == 0) first = escaped(p.file);
  }
  std::vector<std::string> notes;
  for (const auto& [called, folder] : folders)
    for (const auto& [object, found] : folder.judged)
      notes.push_back(of_images(found.first, folder.all) + "in a folder called as '" + plain_text(called) +
                      "' were judged as '" + plain_text(object) + "', first: " + found.second + ": if they are '" +
                      plain_text(called) + "', give --object");
  return notes;
}

std::string still_part_note(const std::vector<Prediction>& predictions, const std::vector<std::vector<float>>& views,
                            const std::function<Image(const Prediction&)>& read) {
  std::vector<size_t> pairs;  // the first of each
  size_t near = 0;
  for (size_t i = 0; i + 1 < predictions.size(); ++i) {
    if (views[i].empty() || views[i + 1].empty() || predictions[i].photograph == predictions[i + 1].photograph)
      continue;
    pairs.push_back(i);
    near += are_near(views[i], views[i + 1]);
  }
  const std::vector<size_t> some = spread_sample(pairs.size(), kCompared);
  if (some.size() < kFewestCompared || 4 * near < 3 * pairs.size()) return "";
  enum Kind : char { unread, other, same };
  std::vector<char> kinds(some.size(), unread);
  parallel_for(std::ssize(some), 1, [&](int64_t n, int64_t) {
    const size_t i = pairs[some[static_cast<size_t>(n)]];
    try {
      kinds[static_cast<size_t>(n)] =
          are_of_one_part(scene_of(read(predictions[i])), scene_of(read(predictions[i + 1]))) ? same : other;
    } catch (const std::exception&) {  // gone by now
    }
  });
  const auto compared = static_cast<size_t>(std::ranges::count_if(kinds, [](char kind) { return kind != unread; }));
  const auto alike = static_cast<size_t>(std::ranges::count(kinds, same));
  if (compared < kFewestCompared || 4 * alike < 3 * compared) return "";
  const size_t first = pairs[some[static_cast<size_t>(std::ranges::find(kinds, same) - kinds.begin())]];
  return std::to_string(alike) + " of " + std::to_string(compared) +
         " images that were compared differ from the one behind them by no more than noise (first: " +
         escaped(predictions[first].file) + " and " + escaped(predictions[first + 1].file) +
         "): is it one part, on a belt that stands still? Others were not seen then";
}

std::vector<std::string> place_notes(const std::vector<ObjectRecord>& objects,
                                     const std::vector<Prediction>& predictions) {
  std::vector<std::string> notes;
  for (const ObjectRecord& object : objects) {
    std::vector<const Prediction*> row, longest;
    for (const Prediction& p : predictions) {
      if (p.object != object.name) continue;
      const bool found = p.decision() == Verdict::defect && !p.regions.empty();
      if (!row.empty() && !(found && are_at_one_place(p, *row.front()))) row.clear();
      if (found) row.push_back(&p);
      if (row.size() > longest.size()) longest = row;
    }
    if (longest.size() < kSamePlace) continue;
    const DefectRegion& region = longest.front()->regions.front();
    notes.push_back("'" + plain_text(object.name) + "': " + std::to_string(longest.size()) + " images in a row, from " +
                    escaped(longest.front()->file) + " on, are defects at the same place (pixel " +
                    std::to_string(region.peak_x) + ", " + std::to_string(region.peak_y) +
                    "): dirt on the lens, on the lamp or in the fixture?");
  }
  return notes;
}

}  // namespace iuf
