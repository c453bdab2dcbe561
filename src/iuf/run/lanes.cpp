#include "iuf/run/lanes.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "iuf/data/name_words.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// Lanes by what `key` makes of a file; empty where all have the same, or too many differ.
std::vector<Lane> lanes_by(size_t files, const std::function<std::string(size_t)>& key,
                           const std::function<std::string(const std::string& key, size_t first)>& name) {
  std::map<std::string, Lane> lanes;
  for (size_t i = 0; i < files; ++i) {
    const std::string value = key(i);
    Lane& lane = lanes[value];
    if (lane.images.empty()) lane.name = name(value, i);
    lane.images.push_back(i);
    if (lanes.size() > kMostLanes) return {};
  }
  if (lanes.size() < 2) return {};
  std::vector<Lane> result;
  for (auto& [value, lane] : lanes) result.push_back(std::move(lane));
  return result;
}

}  // namespace

std::vector<std::vector<Lane>> lanes_of(const std::vector<std::string>& files) {
  std::vector<Words> words;
  for (const std::string& file : files) words.push_back(fine_words_of(fs::path(file).stem().string()));
  // The word at this place from one end; empty where the name has no more.
  const auto word_at = [&](size_t file, size_t place, bool from_end) -> std::string {
    const Words& w = words[file];
    return place >= w.size() ? "" : w[from_end ? w.size() - 1 - place : place];
  };
  std::vector<std::vector<Lane>> ways;
  const auto add = [&](std::vector<Lane> lanes) {
    if (!lanes.empty()) ways.push_back(std::move(lanes));
  };
  std::vector<Lane> folders = lanes_by(
      files.size(), [&](size_t i) { return fs::path(files[i]).parent_path().string(); },
      [](const std::string& folder, size_t) { return "in '" + escaped(fs::path(folder).filename().string()) + "'"; });
  for (Lane& lane : folders) lane.folder = fs::path(files[lane.images.front()]).parent_path();
  add(std::move(folders));
  for (const bool from_end : {false, true})
    for (size_t place = 0; place < kWordPlaces; ++place)
      add(lanes_by(
          files.size(), [&](size_t i) { return word_at(i, place, from_end); },
          [&](const std::string& word, size_t first) {
            return (word.empty() ? "with shorter names" : "with '" + escaped(word) + "' in their names") + " (" +
                   escaped(fs::path(files[first]).filename().string()) + ")";
          }));
  if (files.size() > 1)
    add(lanes_by(
        files.size(), [](size_t i) { return std::string(1, i % 2 == 0 ? '0' : '1'); },
        [](const std::string& turn, size_t) {
          return std::string("that are every second one, from the ") + (turn == "0" ? "first" : "second") + " on";
        }));
  return ways;
}

}  // namespace iuf
