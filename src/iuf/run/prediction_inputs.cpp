#include <algorithm>
#include <map>
#include <set>

#include "iuf/data/dataset.h"
#include "iuf/data/made_pictures.h"
#include "iuf/run/prediction.h"
#include "iuf/run/prediction_list.h"
#include "iuf/run/run_files.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLongestName = 200;  // of a picture, in bytes; a number and the ending come on top

// Names of pictures without their ending, each once.
class PictureNames {
 public:
  std::string operator()(const fs::path& input, const fs::path& file) {
    std::string stem = escaped(
        fs::path(file == input ? file.filename() : file.lexically_relative(input)).replace_extension().string());
    std::ranges::replace(stem, '/', '_');
    std::ranges::replace(stem, '\\', '%');
    if (stem.size() > kLongestName) {
      size_t end = kLongestName;
      while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;  // no part of a character
      stem.resize(end);
    }
    std::string name = stem;
    for (int& number = numbers_[stem]; !taken_.insert(name).second;) name = stem + "-" + std::to_string(++number + 1);
    return name;
  }

 private:
  std::set<std::string> taken_ = {};
  std::map<std::string, int> numbers_ = {};  // the last one by name
};

// Collects the rows of the inputs.
class Inputs {
 public:
  Inputs(const PredictionOptions& o, const Progress& progress) : o_(o), progress_(progress) {
    const PredictionFiles files{fs::weakly_canonical(o.out)};
    for (const char* folder : PredictionFiles::picture_folders)
      for (const fs::path& own : {files.folder / folder, files.partial_pictures(folder)})
        own_.push_back((own / "").string());
  }

  void add(const fs::path& input) {
    if (input == kStandardInput) {
      name_pictures(rows.emplace_back(Prediction{.file = input.string(), .expected = o_.object}),
                    picture_name_("standard_input", "standard_input"));
      return;
    }
    try {
      const size_t before = rows.size();
      std::vector<Prediction> unreadable;
      const auto problem = [&](const fs::path& file, const std::string& reason) {
        unreadable.push_back({.file = file.string(), .error = reason});
      };
      for (const fs::path& file : list_images(input, problem, [&](const std::string& text) { progress_.note(text); }))
        if (file == input || !is_output(file))
          name_pictures(rows.emplace_back(Prediction{.file = file.string(), .expected = o_.object}),
                        picture_name_(input, file));
      rows.insert(rows.end(), unreadable.begin(), unreadable.end());
      if (rows.size() == before)
        fail(input.string(), ": holds no images but heatmaps or other pictures of an earlier call");
    } catch (const Error& e) {
      rows.push_back({.file = input.string(), .error = e.what()});
    }
  }

  void add_list(const fs::path& file) {
    const PredictionList list =
        file == kStandardInput ? parse_prediction_list(o_.piped, "standard input") : read_prediction_list(file);
    if (!list.left_out.empty()) progress_.note(escaped(file.string()) + ": left out: " + joined(list.left_out));
    const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
    for (const ListedImage& image : list.images) {
      const fs::path inside = image.file.lexically_relative(folder);
      const bool is_below = !inside.empty() && *inside.begin() != "..";
      rows.push_back({.file = image.file.string(),
                      .error = image.error,
                      .expected = image.object.empty() ? o_.object : image.object,
                      .row = image.where});
      if (image.error.empty()) name_pictures(rows.back(), picture_name_(is_below ? folder : image.file, image.file));
    }
  }

  std::vector<Prediction> rows = {};

 private:
  bool is_output(const fs::path& file) const {
    const std::string place = fs::weakly_canonical(file).string();
    return std::ranges::any_of(own_, [&](const std::string& folder) { return place.starts_with(folder); });
  }
  void name_pictures(Prediction& row, const std::string& name) const {
    const auto path = [&](const char* folder, const char* ending) { return std::string(folder) + "/" + name + ending; };
    if (o_.heatmaps == Heatmaps::draw) row.heatmap = path(OutputNames::heatmaps, ".png");
    if (o_.masks == Masks::draw) row.mask = path(OutputNames::masks, ".png");
    if (o_.maps != Maps::none) row.map = path(OutputNames::maps, o_.maps == Maps::png ? ".png" : ".npy");
  }

  const PredictionOptions& o_;
  const Progress& progress_;
  std::vector<std::string> own_ = {};  // folders of pictures
  PictureNames picture_name_ = {};
};

}  // namespace

std::vector<Prediction> list_inputs(const PredictionOptions& o, const Progress& progress) {
  Inputs inputs(o, progress);
  for (const fs::path& input : o.inputs) inputs.add(input);
  if (o.list) inputs.add_list(*o.list);
  std::vector<fs::path> files;
  for (const Prediction& row : inputs.rows)
    if (row.error.empty() && row.file != kStandardInput) files.emplace_back(row.file);
  if (const std::string made = made_text(files); !made.empty())
    progress.note(made + ": they are judged as photographs");
  return std::move(inputs.rows);
}

}  // namespace iuf
