#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace iuf {

/// A row of a list of images that are to be judged.
struct ListedImage {
  std::string where = {};           // "FILE: line N", for messages
  std::filesystem::path file = {};  // as it is found; where there is none, as it is called
  std::string object = {};          // that it is expected to be; empty: none is
  std::string error = {};           // why it cannot be read
};

struct PredictionList {
  std::vector<ListedImage> images = {};
  std::vector<std::string> left_out = {};  // with the reason
  uint64_t content = 0;                    // a hash of the file
};

/// CSV with a head, one of whose columns is called path, file, filename or image, and none or one object, clsname or
/// product, with commas, semicolons or tabs between them, by which the head names such a column; or JSON, one object a
/// line or one array of them, with such keys. Names are relative to the list's folder, or to what a column folder, dir
/// or the like says in addition; beside that one the file's may be called name. Or names alone: one a line, or with a
/// zero byte behind each.
/// Rows are left out where they say so (ListKeys). Throws Error naming file and line for a list that makes no sense.
PredictionList read_prediction_list(const std::filesystem::path& file);
/// The same of a text, whose names are relative to the folder of `file`, as which messages know it.
PredictionList parse_prediction_list(const std::string& text, const std::filesystem::path& file);

}  // namespace iuf
