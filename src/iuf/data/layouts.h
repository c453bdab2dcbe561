#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/data/dataset.h"

// The layouts of data sets, a file each: layout_mvtec, layout_visa, layout_json_lines, layout_plain. What they look
// like is described in dataset.h; the errors name the folder, the file or the line.
namespace iuf {

using Samples = std::vector<Sample>;

// One object in folders: whether a folder is one, and its samples.
bool is_mvtec_object(const std::filesystem::path& folder);
void add_mvtec_object(Samples& samples, const std::string& object, const std::filesystem::path& folder);
bool is_visa_object(const std::filesystem::path& folder);
void add_visa_object(Samples& samples, const std::string& object, const std::filesystem::path& folder);
bool is_plain_object(const std::filesystem::path& folder);
void add_plain_object(Samples& samples, const std::string& object, const std::filesystem::path& folder);

// Lists of files.
void add_visa_csv(Samples& samples, const std::filesystem::path& root, const std::filesystem::path& file);
enum class Split { train, test, by_label };
void add_json_lines(Samples& samples, const std::filesystem::path& file, Split split);

// What the layouts share.
void add_good(Samples& samples, const std::string& object, Part part, const std::vector<std::filesystem::path>& files);
/// Defective test images; a mask is named as its image, with or without "_mask".
void add_defects(Samples& samples, const std::string& object, const std::filesystem::path& folder,
                 const std::string& kind, const std::filesystem::path& mask_folder);
/// Calls use(where, line) for each line that is not blank; `where` names file and line for messages.
void for_each_line(const std::filesystem::path& file,
                   const std::function<void(const std::string& where, std::string_view line)>& use);
/// A file that a list names.
std::filesystem::path listed_file(const std::string& where, const std::filesystem::path& folder,
                                  const std::string& name);

}  // namespace iuf
