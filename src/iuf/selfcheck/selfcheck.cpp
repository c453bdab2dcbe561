#include "iuf/selfcheck/selfcheck.h"

#include <algorithm>

#include "iuf/features/published_weights.h"
#include "iuf/selfcheck/comparison.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf {
namespace {

bool any(const TensorFile& file, const std::string& ending) {
  return std::ranges::any_of(file.names(), [&](const std::string& name) { return name.ends_with(ending); });
}

// By what a file holds. Weights alone are what checkpoints are compared with: false.
bool check_file(const TensorFile& file, const std::filesystem::path& folder, FileChecks& all) {
  if (file.contains("in.order")) {
    check_replay(file, all);
  } else if (file.contains("in.feature")) {
    check_model(file, all);
  } else if (file.contains("out.aligned")) {
    check_backbone(file, all);
  } else if (any(file, ".mean_square")) {
    check_generated_backbones(file, all);
  } else if (any(file, ".scores")) {
    check_metrics(file, all);
  } else if (any(file, ".decoded")) {
    check_images(file, folder, all);
  } else if (any(file, ".vh")) {
    check_linear_algebra(file, all);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::vector<Check> selfcheck(const std::filesystem::path& folder) {
  std::error_code code;
  std::vector<std::filesystem::path> goldens, checkpoints;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".safetensors") goldens.push_back(entry.path());
    if (extension == ".pth") checkpoints.push_back(entry.path());
  }
  if (code) fail(folder.string(), ": ", code.message(), "; give a folder of golden files");
  if (goldens.empty()) fail(folder.string(), ": holds no .safetensors file to compare with");
  std::ranges::sort(goldens);
  std::ranges::sort(checkpoints);

  std::vector<Check> checks;
  const auto run = [&](const std::filesystem::path& path, auto&& compare) {
    FileChecks all(path.filename().string());
    try {
      compare(all);
    } catch (const std::exception& e) {
      all.failed("the file", e.what());
    }
    checks.insert(checks.end(), all.checks.begin(), all.checks.end());
  };
  struct Weights {
    TensorFile file;
    bool compared = false;
  };
  std::vector<Weights> weights;
  for (const auto& path : goldens)
    run(path, [&](FileChecks& all) {
      const TensorFile file = read_safetensors(path);
      if (check_file(file, folder, all)) return;
      weights.push_back({file});
    });
  for (const auto& path : checkpoints)
    run(path, [&](FileChecks& all) {
      const TensorFile checkpoint = read_published_weights(path).tensors;
      const auto shared = [&](const Weights& w) {
        return std::ranges::count_if(w.file.names(),
                                     [&](const std::string& name) { return checkpoint.contains(name); });
      };
      const auto nearest = std::ranges::max_element(weights, {}, shared);
      if (nearest == weights.end()) fail(path.string(), ": no safetensors file of weights is there to compare it with");
      nearest->compared = true;
      check_checkpoint(checkpoint, nearest->file, all);
    });
  for (const Weights& w : weights)
    if (!w.compared)
      run(w.file.path(), [&](FileChecks& all) {
        all.failed("the file",
                   w.file.path() + ": neither a golden file nor weights with a checkpoint (.pth) beside them");
      });
  return checks;
}

}  // namespace iuf
