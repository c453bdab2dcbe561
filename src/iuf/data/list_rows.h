#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/listing.h"

// What the rows of a list say besides what their layout needs, and what the places of their files say.
namespace iuf {

/// What a row says by other keys (columns) than those of its layout.
struct RowRemarks {
  std::string left_out_by = {};        // the key that takes the row out ("exclude"); empty: none does
  bool checked = false;                // the label counts, whatever the places of the files say
  std::optional<bool> train = {};      // by "split" or the like
  std::string split_key = {};          // that says so
  std::map<std::string, bool> defect;  // by key: "anomaly", "is_good"
};

/// The other keys of one list. Rows are left out where they say so (exclude, ignore, skip ..., use: false), and belong
/// to the part that they name (split, subset ...); what else a key says of the state of a part (anomaly, defect, ok
/// ...) must agree with the label. All further keys are not used, which is said.
class ListKeys {
 public:
  /// `read`: the keys of the layout.
  ListKeys(const std::filesystem::path& list, std::vector<std::string> read);

  /// Throws Error naming `where` and the key for a value without sense, two keys that contradict each other, and a key
  /// that differs from one of the layout by its case or separators alone.
  void add(const std::string& where, const std::string& key, const nlohmann::json& value, RowRemarks& remarks);
  /// Of a row that is left out.
  void leave_out(const std::string& where, const RowRemarks& remarks);
  /// "keys of train.json that are not used: remark (6 rows)", and the rows that are left out.
  std::vector<std::string> left_out() const;

 private:
  void set_split(const std::string& where, const std::string& key, bool train, RowRemarks& remarks) const;

  std::string list_;
  std::vector<std::string> read_;
  std::map<std::string, size_t> unused_ = {};  // rows, by key
  size_t rows_left_out_ = 0;
  std::string first_left_out_ = {};
};

/// Throws Error naming `where` and both statements where one of `remarks` is not what the label says.
void check_label(const std::string& where, bool defect, const RowRemarks& remarks);

/// Throws Error naming `where` and both statements where the nearest folder above the file whose name says anything
/// (roles.h) says another thing than the row: NG/0.png is no normal image, masks/0.png is none at all. Folders above
/// the list's own do not count; of files elsewhere, and where links lead, the three nearest do.
void check_place(const std::string& where, const std::filesystem::path& file, const std::filesystem::path& list_folder,
                 bool defect);

/// Gives normal images without a mask the one that lies beside them, or in a folder of masks beside their folders, and
/// that the list does not name, so that check_listed_masks() sees whether it marks anything. Only what can belong to
/// one image alone. `checked`: images that need none.
void find_unlisted_masks(std::vector<Sample>& samples, const std::filesystem::path& list_folder,
                         const std::vector<bool>& checked);

/// What lies in the folders of the lists and of the files that they name besides these: images, other lists, other
/// files. `root`: the folder where their names begin.
std::vector<std::string> beside_lists(const std::filesystem::path& root,
                                      const std::vector<std::filesystem::path>& lists,
                                      const std::vector<Sample>& samples);
/// The same with the folders of `root` in which they name nothing. Throws Error for folders
/// that say the same in another way.
std::vector<std::string> not_listed(const std::filesystem::path& root, const std::vector<std::filesystem::path>& lists,
                                    const std::vector<Sample>& samples);

}  // namespace iuf
