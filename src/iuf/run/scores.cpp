#include "iuf/run/scores.h"

#include "nn/checksum.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

std::vector<ScoredImage> read_scores(const std::filesystem::path& path, const std::string& checksum) {
  const std::string text = read_text(path);
  if (!checksum.empty() && checksum_of(text) != checksum)
    fail(path.string(),
         ": is not the table that was written with the figures (the checksum differs): put it back, or delete "
         "it to do without");
  return from_csv<ScoredImage>(text, path.string());
}

}  // namespace iuf
