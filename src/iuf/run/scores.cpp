#include "iuf/run/scores.h"

#include "nn/file.h"

namespace iuf {

std::vector<ScoredImage> read_scores(const std::filesystem::path& path) {
  return from_csv<ScoredImage>(read_text(path), path.string());
}

}  // namespace iuf
