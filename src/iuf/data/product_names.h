#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "iuf/data/folder_tree.h"

// Names of products that hardly are any.
namespace iuf {

/// The names of a data set's products.
class ProductNames {
 public:
  /// `where`: how a message calls it. Throws Error naming both where another name differs in case or in blanks around
  /// it alone.
  void add(const std::string& name, const std::string& where);

 private:
  std::map<std::string, std::string> names_ = {};  // folded, with where they are
};

/// Throws Error naming the folder for products that are rather normal images and defects, the parts for training and
/// testing, or days, of one product.
void refuse_classes(const std::filesystem::path& root, const std::vector<const Folder*>& products);

}  // namespace iuf
