#include "iuf/data/made_pictures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr double kNearlyAll = 0.8;

// In lower case. A word that may be a view or a light of its own (top, side, dark) is none.
constexpr std::string_view lists[] = {
    "diff diffs difference differences absdiff delta residual residuals resid errormap",
    "ref refs reference references golden goldenimage template templates templ tmpl temp std master nominal",
    "depth depthmap disparity heightmap albedo normalmap pointcloud",
    "crop crops cropped roi rois patch cutout zoom zoomed",
    "bin binary binarized binarised thresh thresholded otsu edge edges canny sobel laplace gradient contour contours "
    "outline silhouette skeleton fft",
    "small smaller thumb thumbs thumbnail thumbnails mini resized resize scaled downscaled lowres preview previews",
    "gray grey grayscale greyscale bw norm normed normalized normalised equalized equalised clahe histogram",
    "aligned registered warped rectified undistorted filtered denoised sharpened processed preprocessed postprocessed",
    "heat heatmap hmap anomalymap scoremap saliency gradcam attention prob probs probability probabilities score "
    "scores",
    "result results res output overlay overlays blend blended superimposed composite montage",
    "annotated annot marked bbox bboxes box boxes segm segmented pred preds prediction predictions recon reconstructed "
    "reconstruction viz visualization visualisation debug",
    "differenz referenz vorlage muster tiefe ausschnitt binär binaer kante kanten klein vorschau grau ausgerichtet "
    "ergebnis markiert",
    "différence référence modèle profondeur recadré bord bords vignette gris résultat annoté",
    "diferencia referencia plantilla profundidad recorte borde miniatura gris resultado differenza riferimento "
    "ritaglio "
    "bordo grigio risultato"};

// What photographs are compared with.
bool is_reference(std::string_view kind) {
  static const std::set<std::string_view> words = {"temp",        "templ",     "tmpl",       "template",  "golden",
                                                   "goldenimage", "std",       "ref",        "reference", "master",
                                                   "nominal",     "referenz",  "vorlage",    "référence", "modèle",
                                                   "referencia",  "plantilla", "riferimento"};
  return words.contains(kind);
}

std::set<std::string_view> read_lists() {
  std::set<std::string_view> words;
  for (std::string_view text : lists)
    while (!text.empty()) {
      const size_t end = std::min(text.find(' '), text.size());
      words.insert(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  return words;
}

// Beside such a word: diff_image_2, heat_map.
bool says_little(std::string_view word) {
  return is_number(word) || word == "map" || is_filler(word);
}

using NamedPlace = std::pair<fs::path, std::string>;  // folder and words

// A reading of a name: the kind of picture, and the words of the photograph.
struct Further {
  std::string kind, photograph;
};

// The kind, without numbers; nothing where other words stand there.
std::optional<std::string> kind_of(Words::const_iterator begin, Words::const_iterator end) {
  std::string kind;
  for (; begin != end; ++begin) {
    if (is_made_word(*begin))
      kind += trimmed_number(*begin);
    else if (!says_little(*begin))
      return std::nullopt;
  }
  return kind.empty() ? std::nullopt : std::optional(kind);
}

// Shortest further words first, those behind the name before those in front.
std::vector<Further> readings_of(const Words& words) {
  constexpr std::ptrdiff_t most = 3;
  std::vector<Further> found;
  const auto size = static_cast<std::ptrdiff_t>(words.size());
  for (std::ptrdiff_t n = 1; n <= most && n < size; ++n)
    if (const auto kind = kind_of(words.end() - n, words.end()))
      found.push_back({*kind, text_of_words(words.begin(), words.end() - n)});
  for (std::ptrdiff_t n = 1; n <= most && n < size; ++n)
    if (const auto kind = kind_of(words.begin(), words.begin() + n); kind && is_made_word(words.front()))
      found.push_back({*kind, text_of_words(words.begin() + n, words.end())});
  return found;
}

// A file's photograph of another word: 7_test beside the reference 7_temp.
class Partners {
 public:
  void add(const fs::path& file, const Words& words, size_t number) {
    if (words.size() > 1 && !is_made_word(words.back()) && !is_number(words.back()))
      files_.emplace(NamedPlace{file.parent_path(), text_of_words(words.begin(), words.end() - 1)}, number);
  }
  std::optional<size_t> of(const fs::path& file, const Further& further) const {
    const auto found = files_.find({file.parent_path(), further.photograph});
    return is_reference(further.kind) && found != files_.end() ? std::optional(found->second) : std::nullopt;
  }

 private:
  std::map<NamedPlace, size_t> files_ = {};
};

struct Share {
  size_t all = 0, beside = 0;  // those with the photograph

  void add(bool is_beside) {
    ++all;
    beside += is_beside;
  }
};

struct Kind {
  Share total = {};
  std::map<fs::path, Share> folders = {};

  // Not where all of a folder, which are more than strays, are without: of training images that are crops, say.
  bool is_sure() const {
    constexpr size_t most_strays = 2;
    return static_cast<double>(total.beside) >= kNearlyAll * static_cast<double>(total.all) &&
           std::ranges::none_of(
               folders, [](const auto& entry) { return entry.second.beside == 0 && entry.second.all > most_strays; });
  }
};

}  // namespace

bool is_made_word(std::string_view word) {
  static const std::set<std::string_view> words = read_lists();
  return words.contains(trimmed_number(word));
}

Words words_of_stem(const fs::path& file) {
  Words words = words_of(file.stem().string());
  if (words.empty()) return words;
  const std::string& last = words.back();
  const size_t digit = last.find_last_of("0123456789");
  if (digit == std::string::npos || digit + 1 == last.size()) return words;
  if (const std::string behind = last.substr(digit + 1); is_made_word(behind)) {
    words.back().resize(digit + 1);
    words.push_back(behind);
  }
  return words;
}

std::string text_of_words(Words::const_iterator begin, Words::const_iterator end) {
  std::string text;
  for (; begin != end; ++begin) text += (text.empty() ? "" : "_") + *begin;
  return text;
}

MadePictures made_pictures(const std::vector<fs::path>& files) {
  std::map<NamedPlace, size_t> places;
  Partners partners;
  std::vector<std::vector<Further>> readings;
  for (size_t i = 0; i < files.size(); ++i) {
    const Words words = words_of_stem(files[i]);
    places.emplace(NamedPlace{files[i].parent_path(), text_of_words(words.begin(), words.end())}, i);
    partners.add(files[i], words, i);
    readings.push_back(readings_of(words));
  }
  std::map<std::string, Kind> kinds;
  std::vector<std::optional<size_t>> photographs(files.size());
  std::vector<std::string> kind_of_file(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    if (readings[i].empty()) continue;
    kind_of_file[i] = readings[i].front().kind;
    for (const Further& further : readings[i])
      if (const auto found = places.find({files[i].parent_path(), further.photograph});
          found != places.end() && !photographs[i] && found->second != i) {
        photographs[i] = found->second;
        kind_of_file[i] = further.kind;
      }
    if (!photographs[i]) photographs[i] = partners.of(files[i], readings[i].front());
    Kind& kind = kinds[kind_of_file[i]];
    kind.total.add(photographs[i].has_value());
    kind.folders[files[i].parent_path()].add(photographs[i].has_value());
  }
  MadePictures found;
  for (size_t i = 0; i < files.size(); ++i) {
    if (kind_of_file[i].empty()) continue;
    const Kind& kind = kinds[kind_of_file[i]];
    const bool sure = kind.is_sure() && kind.folders.at(files[i].parent_path()).beside > 0;
    if (!sure && !photographs[i]) continue;
    (sure ? found.made : found.unsure).push_back(i);
    if (sure) found.beside.push_back(photographs[i]);
    if (found.example.empty() && photographs[i])
      found.example =
          escaped(files[i].filename().string()) + " beside " + escaped(files[*photographs[i]].filename().string());
  }
  return found;
}

namespace {

// Of a reference and a picture called "test", both among normal images, nobody knows which shows a normal part.
void refuse_tested(const std::vector<Sample>& samples, const MadePictures& found) {
  for (size_t i = 0; i < found.made.size(); ++i) {
    const Sample &made = samples[found.made[i]], &partner = samples[found.beside[i].value_or(found.made[i])];
    const Words words = words_of_stem(partner.file);
    if (&made == &partner || made.defect || words.size() < 2 || word_meaning(words.back()) != Word::test) continue;
    fail(made.file.string(), " and ", partner.file.string(),
         ": by their names a reference and a part that is compared with it, both among normal images: which show "
         "normal parts? Move the others away");
  }
}

}  // namespace

void leave_out_made(std::vector<Sample>& samples, std::vector<std::string>& left_out) {
  std::vector<fs::path> files;
  for (const Sample& sample : samples) files.push_back(sample.file);
  const MadePictures found = made_pictures(files);
  if (found.made.empty()) return;
  refuse_tested(samples, found);
  const std::set<size_t> made(found.made.begin(), found.made.end());
  std::vector<Sample> kept;
  for (size_t i = 0; i < samples.size(); ++i)
    if (!made.contains(i)) kept.push_back(std::move(samples[i]));
  samples = std::move(kept);
  left_out.push_back(std::to_string(made.size()) +
                     (made.size() == 1 ? " picture named as made from the photograph beside it ("
                                       : " pictures named as made from photographs beside them (first: ") +
                     found.example + ")");
}

std::string made_text(const std::vector<fs::path>& files) {
  const MadePictures found = made_pictures(files);
  const size_t count = found.made.size() + found.unsure.size();
  if (count == 0) return "";
  return std::to_string(count) +
         (count == 1 ? " image is named as made from the photograph beside it ("
                     : " images are named as made from photographs beside them (first: ") +
         found.example + ")";
}

}  // namespace iuf
