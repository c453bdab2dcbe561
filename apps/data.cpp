#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/table.h"
#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/image/image_header.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

/// The images of one object that are used in the same way.
struct Group {
  int64_t images = 0, with_mask = 0;
  std::set<std::pair<int64_t, int64_t>> sizes = {};  // width, height
  std::set<std::string> formats = {};
};
using Groups = std::map<std::tuple<std::string, bool, std::string>, Group>;  // object, for testing, kind

std::string size_text(const std::pair<int64_t, int64_t>& size) {
  return size.first > 0 ? std::to_string(size.first) + " x " + std::to_string(size.second) : "unknown";
}

// "256 x 256", or the smallest and the largest by their widths.
std::string sizes_text(const std::set<std::pair<int64_t, int64_t>>& sizes) {
  if (sizes.size() == 1) return size_text(*sizes.begin());
  return std::to_string(sizes.size()) + " sizes, " + size_text(*sizes.begin()) + " to " + size_text(*sizes.rbegin());
}

// "PNG gray 16-bit".
std::string format_text(const ImageHeader& header) {
  static constexpr const char* colours[] = {"", " gray", " gray+alpha", " RGB", " RGB+alpha"};
  const char* colour = header.palette                                  ? " palette"
                       : header.name == "JPEG" && header.channels == 4 ? " CMYK"
                       : header.channels >= 0 && header.channels < 5   ? colours[header.channels]
                                                                       : "";
  return header.name + colour + (header.bits > 0 ? " " + std::to_string(header.bits) + "-bit" : "");
}

Groups groups_of(const Dataset& data) {
  Groups groups;
  for (const Sample& sample : data.samples) {
    Group& group = groups[{sample.object, !sample.train, sample.label_name}];
    const ImageHeader header = read_header(sample.file);
    ++group.images;
    group.with_mask += !sample.masks.empty();
    group.sizes.emplace(header.width, header.height);
    group.formats.insert(format_text(header));
  }
  return groups;
}

void print_table(const Dataset& data, const Groups& groups) {
  std::vector<std::vector<std::string>> rows = {{"object", "for", "shows", "images", "masks", "size", "format"}};
  for (const auto& [key, group] : groups) {
    const auto& [object, test, kind] = key;
    rows.push_back({object, test ? "test" : "training", kind == "good" ? "normal" : kind, std::to_string(group.images),
                    kind == "good" ? "" : std::to_string(group.with_mask), sizes_text(group.sizes),
                    joined(group.formats)});
  }
  for (const std::string& object : data.objects)
    if (const auto remarks = data.remarks.find(object); remarks != data.remarks.end())
      for (const auto& [shows, below] :
           {std::pair("normal: ", &remarks->second.below_normal), {"defects: ", &remarks->second.below_kinds}})
        for (const auto& [folder, images] : *below)
          rows.push_back({object, "", shows + folder, std::to_string(images), "", "", ""});
  std::cout << text_table(rows) << "\n";
  for (const std::string& object : data.objects) std::cout << description(data, object) << "\n";
  if (const std::string beside = left_out_beside(data); !beside.empty()) std::cout << beside << "\n";
}

void print_json(const Dataset& data, const Groups& groups) {
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  for (const std::string& object : data.objects) {
    nlohmann::ordered_json parts = nlohmann::ordered_json::array();
    for (const auto& [key, group] : groups) {
      const auto& [name, test, kind] = key;
      if (name != object) continue;
      nlohmann::ordered_json sizes = nlohmann::ordered_json::array();
      for (const auto& [width, height] : group.sizes) sizes.push_back({width, height});
      parts.push_back({{"part", test ? "test" : "train"},
                       {"label_name", kind},
                       {"images", group.images},
                       {"with_mask", group.with_mask},
                       {"sizes", sizes},
                       {"formats", group.formats}});
    }
    const auto left_out = data.left_out.find(object);
    const auto remarks = data.remarks.find(object);
    objects.push_back({{"object", object},
                       {"parts", parts},
                       {"sub_folders_of_normal",
                        remarks == data.remarks.end() ? std::map<std::string, size_t>() : remarks->second.below_normal},
                       {"sub_folders_of_kinds",
                        remarks == data.remarks.end() ? std::map<std::string, size_t>() : remarks->second.below_kinds},
                       {"left_out", left_out == data.left_out.end() ? std::vector<std::string>() : left_out->second},
                       {"description", description(data, object)}});
  }
  const auto beside = data.left_out.find("");
  const nlohmann::ordered_json all = {
      {"objects", objects}, {"left_out", beside == data.left_out.end() ? std::vector<std::string>() : beside->second}};
  std::cout << all.dump(1) << "\n";
}

}  // namespace

Action data_command(CLI::App& app) {
  struct Flags {
    std::filesystem::path data;
    bool json = false;
  };
  auto f = std::make_shared<Flags>();
  add_data(app, f->data);
  app.add_flag("--json", f->json, "print JSON instead of a table");
  app.footer(
      "Sizes and formats are those that the files say. Some pictures and masks are read to find marks drawn in and "
      "masks "
      "of outlines. docs/data.md tells the rules.");
  return [f](ProgressLine&) {
    const Dataset data = read_dataset(f->data);
    const Groups groups = groups_of(data);
    f->json ? print_json(data, groups) : print_table(data, groups);
    return 0;
  };
}

}  // namespace iuf
