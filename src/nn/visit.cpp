#include "nn/visit.h"

#include <algorithm>
#include <set>

#include "tensor/error.h"

namespace iuf {
namespace {

void list(std::string& text, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  if (!text.empty()) text += "; ";
  text += what;
  for (size_t i = 0; i < names.size() && i < 20; ++i) text += (i ? ", " : " ") + names[i];
  if (names.size() > 20) text += " and " + std::to_string(names.size() - 20) + " more";
}

}  // namespace

std::string LoadReport::text() const {
  std::string text;
  list(text, "missing:", missing);
  list(text, "misshapen:", misshapen);
  list(text, "unknown:", unknown);
  return text;
}

LoadReport load_tensors(const TensorFile& file, const std::string& prefix, const std::vector<NamedVar>& targets) {
  LoadReport report;
  std::set<std::string> known;
  for (const NamedVar& target : targets) {
    const std::string name = prefix + target.name;
    known.insert(name);
    if (!file.contains(name)) {
      report.missing.push_back(name);
    } else if (const Shape shape(file.shape(name)); !(shape == target.var.shape())) {
      report.misshapen.push_back(name + " " + shape.text() + " instead of " + target.var.shape().text());
    }
  }
  for (const std::string& name : file.names())
    if (name.starts_with(prefix) && !known.contains(name) && !name.ends_with("num_batches_tracked"))
      report.unknown.push_back(name);
  if (!report.missing.empty() || !report.misshapen.empty()) return report;
  for (const NamedVar& target : targets) {
    const Tensor value = file.tensor(prefix + target.name);
    Var var = target.var;
    std::copy_n(value.data(), value.size(), var.mutable_value().data());
  }
  return report;
}

void require_loaded(const LoadReport& report, const TensorFile& file) {
  if (report.missing.empty() && report.misshapen.empty()) return;
  fail(file.path(), ": does not fit the model: ", LoadReport{report.missing, report.misshapen, {}}.text());
}

}  // namespace iuf
