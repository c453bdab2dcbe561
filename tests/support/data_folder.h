#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "nn/file.h"
#include "support/dice.h"
#include "support/temporary_folder.h"

namespace iuf {

enum class Drawn { photograph, mask, empty_mask };

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string png_text(const Image& image) {
  return text_of(encode_png(image));
}

/// A small PNG: noise; a black picture with a white corner; a black one.
inline std::string picture(Drawn drawn = Drawn::photograph) {
  Image image = blank_image(8, 8, drawn == Drawn::photograph ? 3 : 1);
  Dice dice(3);
  if (drawn == Drawn::photograph)
    for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(dice.below(256));
  if (drawn == Drawn::mask) std::fill_n(image.pixels.begin(), 3, uint8_t{255});
  return png_text(image);
}

/// A folder of images of which most tests need no more than that they are some.
class DataFolder : public TemporaryFolder {
 public:
  explicit DataFolder(const std::vector<std::string>& files = {}) { add_all(files); }
  void add(const std::string& file, const std::string& content) const {
    make_folder((*this / file).parent_path());
    write_file(*this / file, std::string_view(content));
  }
  /// Photographs; names of texts and of other formats get a line of text.
  void add(const std::string& file) const {
    static const std::string photograph = picture();
    const bool text = file.ends_with(".txt") || file.ends_with(".bmp") || file.ends_with(".TIF");
    add(file, text ? "text\n" : photograph);
  }
  void add_all(const std::vector<std::string>& files) const {
    for (const std::string& file : files) add(file);
  }
  void add_masks(const std::vector<std::string>& files, Drawn drawn = Drawn::mask) const {
    for (const std::string& file : files) add(file, picture(drawn));
  }
};

/// What the program says of a folder of photographs of one object, whose names these are without the ending.
inline std::string said_of_names(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) files.push_back("nut/" + name + ".png");
  const DataFolder folder(files);
  return description(read_dataset(folder / "nut"), "nut");
}

/// "object train|test kind file mask mask" with the files relative to `folder`.
inline std::vector<std::string> lines_of(const Dataset& data, const DataFolder& folder) {
  std::vector<std::string> lines;
  for (const Sample& sample : data.samples) {
    std::string line = sample.object + (sample.train ? " train " : " test ") + sample.label_name + " " +
                       sample.file.lexically_relative(folder.path()).string();
    if (sample.defect != (sample.label_name != "good")) line += " (a defect called good, or the other way round)";
    for (const auto& mask : sample.masks) line += " " + mask.lexically_relative(folder.path()).string();
    lines.push_back(line);
  }
  return lines;
}

}  // namespace iuf
