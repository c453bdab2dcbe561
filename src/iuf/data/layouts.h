#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/folder_tree.h"

// The layouts of data sets: objects in folders (layout_folders) and lists of files (layout_visa, layout_json). What
// they look like is described in dataset.h; the errors name the folder, the file or the line.
namespace iuf {

using Samples = std::vector<Sample>;

/// What one object's folder, or a list, holds.
struct Reading {
  Samples samples = {};
  std::vector<std::string> left_out = {};  // with the reason
  Remarks remarks = {};
  std::map<std::string, Remarks> listed = {};  // of a list, by object
};

/// The role of a folder among others; none where it has the folders of an object itself, such as a product "mask".
FolderRole role_among(const Folder& folder);
/// Whether it has sub-folders of VisA's names, Data/Images/Normal.
bool is_visa_object(const Folder& folder);
/// Whether a sub-folder says which images are normal, which are for training or which for testing.
bool has_parts(const Folder& folder);
/// Whether its sub-folders, by their roles, or its own images make it one object.
bool is_object(const Folder& folder);
/// Throws Error for a folder without images, and where one place says another thing than the next. With Trust::caller
/// the names of files may say that they are defects.
Reading read_object_folder(const std::string& object, const Folder& folder, Trust trust);
/// "3 images, why"; for what stands in Reading::left_out.
std::string left_out_text(const Folder& folder, const std::string& why);
/// "2 folders without pictures (crack, dent)", of many the first; adds nothing for none.
void say_without_pictures(const std::vector<std::string>& folders, std::vector<std::string>& left_out);
/// Of pictures made from photographs that lie beside these.
std::string derived_text(const Count& pictures);

// Lists of files.
Reading read_visa_csv(const std::filesystem::path& root, const std::filesystem::path& file);
/// JSON lines or one array of objects.
enum class Split { train, test, by_label };
struct JsonList {
  std::filesystem::path file;
  Split split = Split::by_label;
};
/// Lists that lie in one folder.
Reading read_json_lists(const std::vector<JsonList>& lists);

/// Calls use(where, line) for each line that is not blank; `where` names file and line for messages.
void for_each_line(const std::filesystem::path& file, std::string_view text,
                   const std::function<void(const std::string& where, std::string_view line)>& use);
std::string read_list(const std::filesystem::path& file);
/// A name from a list below `folder`, with / for \ or in the other form of Unicode (name_forms.h) where there is no
/// file as it stands; empty where there is none.
std::filesystem::path file_below(const std::filesystem::path& folder, const std::string& name);
[[noreturn]] void fail_without_file(const std::string& where, const std::string& name,
                                    const std::filesystem::path& folder);

}  // namespace iuf
