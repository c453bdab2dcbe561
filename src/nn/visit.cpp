#include "nn/visit.h"

#include <algorithm>

#include "tensor/error.h"

namespace iuf {
namespace {

// The first 20 names, behind what is already in `text`.
void list(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  if (!text.empty()) text += "; ";
  text += what;
  for (size_t i = 0; i < names.size() && i < 20; ++i) text += (i ? ", " : " ") + names[i];
  if (names.size() > 20) text += " and " + std::to_string(names.size() - 20) + " more";
}

}  // namespace

void load_tensors(const TensorFile& file, const std::string& prefix, const std::vector<NamedVar>& targets) {
  std::vector<std::string> missing, misshapen;
  for (const NamedVar& target : targets) {
    const std::string name = prefix + target.name;
    if (!file.contains(name)) {
      missing.push_back(name);
    } else if (const Shape shape(file.shape(name)); !(shape == target.var.shape())) {
      misshapen.push_back(name + " " + shape.text() + " instead of " + target.var.shape().text());
    }
  }
  std::string wrong;
  list(wrong, "missing:", missing);
  list(wrong, "misshapen:", misshapen);
  if (!wrong.empty()) fail(file.path(), ": does not fit the model: ", wrong);
  for (const NamedVar& target : targets) {
    const Tensor value = file.tensor(prefix + target.name);
    Var var = target.var;
    std::copy_n(value.data(), value.size(), var.mutable_value().data());
  }
}

}  // namespace iuf
