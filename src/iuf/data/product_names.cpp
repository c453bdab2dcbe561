#include "iuf/data/product_names.h"

#include <algorithm>
#include <cstdlib>

#include "iuf/data/layouts.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/roles.h"
#include "iuf/data/verdict_codes.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

bool is_day(int year, int month, int day) {
  return year >= 1990 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// In any usual order.
bool is_date(const std::string& a, const std::string& b, const std::string& c) {
  const auto number = [](const std::string& digits) { return std::atoi(digits.c_str()); };
  if (b.size() > 2) return false;
  if (a.size() == 4 && c.size() <= 2) return is_day(number(a), number(b), number(c));
  return a.size() <= 2 && c.size() == 4 &&
         (is_day(number(c), number(b), number(a)) || is_day(number(c), number(a), number(b)));
}

// 2024-05-01, 20240501, 01.05.2024, with or without a time or a word behind it.
bool begins_with_date(const std::string& name) {
  std::vector<std::string> numbers(1);
  for (const char c : name) {
    if (c >= '0' && c <= '9')
      numbers.back() += c;
    else if (std::string_view("-_. ").find(c) != std::string_view::npos)
      numbers.emplace_back();
    else
      break;
  }
  const std::string& first = numbers[0];
  if (first.size() == 8 || first.size() == 12 || first.size() == 14)
    return is_date(first.substr(0, 4), first.substr(4, 2), first.substr(6, 2)) ||
           is_date(first.substr(0, 2), first.substr(2, 2), first.substr(4, 4));
  return numbers.size() >= 3 && !first.empty() && !numbers[1].empty() && is_date(first, numbers[1], numbers[2]);
}

bool has_train_or_test(const Folder& product) {
  return is_visa_object(product) || std::ranges::any_of(product.folders, [](const Folder& sub) {
           return sub.role() == FolderRole::train || sub.role() == FolderRole::test;
         });
}

}  // namespace

void ProductNames::add(const std::string& name, const std::string& where) {
  const size_t begin = std::min(name.find_first_not_of(" \t"), name.size());
  const std::string key = name_key(name.substr(begin, name.find_last_not_of(" \t") + 1 - begin));
  if (const auto [same, is_new] = names_.emplace(key, where); !is_new)
    fail(same->second, " and ", where,
         ": two products whose names differ in case, blanks or their form in Unicode alone; rename one");
}

void refuse_classes(const fs::path& root, const std::vector<const Folder*>& products) {
  std::map<std::string, std::string> plain;  // of which only their place says that they are normal
  for (const Folder* product : products) {
    if (!has_train_or_test(*product) && has_part_word(product->name()))
      fail(product->path.string(), ": a product, or images of one for training or testing? Put those into ",
           "PRODUCT/train/good, PRODUCT/test/good and PRODUCT/test/KIND");
    if (has_parts(*product)) continue;
    if (hinted_role(product->name()) != FolderRole::none || is_sorted_out(product->name(), Weak::counts))
      fail(product->path.string(), ": a product, or normal images or defects of one? Call normal images good");
    plain.emplace(plain_name(product->name()), product->name());
  }
  for (const auto& [one, other] : opposing_codes)
    if (plain.contains(std::string(one)) && plain.contains(std::string(other)))
      fail(root.string(), ": are ", quoted_name(plain[std::string(one)]), " and ",
           quoted_name(plain[std::string(other)]),
           " products, or normal images and defects of one? Call normal images good");
  if (std::ranges::all_of(products, [](const Folder* product) { return begins_with_date(product->name()); }))
    fail(root.string(), ": all its folders are called as days, ", quoted_name(products.front()->name()),
         " for example; products, or sessions of one? Move those below good/");
}

}  // namespace iuf
