#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/image/image.h"
#include "iuf/run/defect_regions.h"

namespace iuf::report {

/// What all pictures in a report may take, in bytes of its file.
constexpr size_t kPictureBytes = 2'200'000;

struct PictureSource {
  std::string name = {};             // by which the report calls for it
  bool mask = false;                 // black and white: stays sharp
  std::function<Image()> read = {};  // throws Error
};
/// A picture file, by its path.
PictureSource picture_file(const std::filesystem::path& file, bool mask = false);

/// What is drawn over a picture: regions of the photograph that it shows.
struct PictureMarks {
  int64_t width = 0, height = 0;  // of the photograph, in the regions' pixels; 0: unknown, nothing is drawn
  std::vector<DefectRegion> regions = {};
};

/// The pictures of a report, as <img>. Inside it they are JPEG and PNG previews of one size, the largest at which all
/// together keep to kPictureBytes; where even the smallest is too large, the last ones are left out. Beside it they are
/// their files, which must lie below the report's folder or one above.
class Pictures {
 public:
  /// Reads every source once at least: one that cannot be read is an Error.
  explicit Pictures(const std::vector<PictureSource>& sources);
  Pictures(const std::vector<PictureSource>& files, const std::filesystem::path& report_folder);

  /// False of an empty name, and of one that was left out.
  bool has(const std::string& name) const { return urls_.contains(name); }
  /// One of several side by side: the picture, or the text `without` where the name is empty.
  std::string panel(const std::string& name, std::string_view what, std::string_view without,
                    const PictureMarks& marks = {}) const;
  /// How many were left out.
  size_t left_out() const { return left_out_; }

 private:
  bool fill(const std::vector<PictureSource>& sources, size_t size);

  std::map<std::string, std::string> urls_ = {};
  size_t left_out_ = 0;
};

}  // namespace iuf::report
