#include "iuf/checks/findings.h"

#include "tensor/text.h"

namespace iuf {

void Findings::add(const std::string& what, size_t number, const std::string& file) {
  const std::lock_guard lock(mutex_);
  Kind& kind = kinds_[what];
  if (kind.count++ > 0 && kind.first < number) return;
  kind.first = number;
  kind.file = file;
}

std::vector<std::string> Findings::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [what, kind] : kinds_)
    lines.push_back(what + ": " + std::to_string(kind.count) + ", first " + escaped(kind.file));
  return lines;
}

void Findings::tell(const std::string& where, const Progress& progress) const {
  for (const std::string& line : lines()) progress.note((where.empty() ? "" : where + ": ") + line);
}

}  // namespace iuf
