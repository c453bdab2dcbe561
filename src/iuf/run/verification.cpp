#include "iuf/run/verification.h"

#include <algorithm>
#include <functional>

#include "iuf/data/json_fields.h"
#include "iuf/image/image.h"
#include "iuf/learn/model.h"
#include "iuf/learn/model_versions.h"
#include "iuf/run/checked_lines.h"
#include "iuf/run/comparison.h"
#include "iuf/run/comparison_runner.h"
#include "iuf/run/gallery.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "iuf/run/run_metrics.h"
#include "iuf/run/scores.h"
#include "iuf/run/step_result.h"
#include "iuf/run/training_log.h"
#include "nn/checksum.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;
using State = VerifiedFile::State;

class Verifier {
 public:
  explicit Verifier(const Progress& progress) : progress_(progress) {}

  void tensors(const fs::path& file);
  void run(const RunFiles& files);
  void comparison(const ComparisonFiles& files);
  void cache(const fs::path& folder);
  Verification result() { return std::move(result_); }

 private:
  // Reads a file by `read`, which tells whether it carries a checksum.
  void file(const fs::path& path, const std::function<bool()>& read);
  void versions(const fs::path& model);
  void gallery(const GalleryFiles& files);
  void describe_run(const fs::path& folder, const RunDescription& description);
  void describe_model(const Model& model, const TensorFile& tensors);
  void say(const std::string& key, const std::string& text) {
    result_.origin.push_back(plain_text(key + std::string(key.size() < 10 ? 10 - key.size() : 1, ' ') + text));
  }
  bool there(const fs::path& path) const {
    std::error_code error;
    return fs::status(path, error).type() != fs::file_type::not_found;
  }

  const Progress& progress_;
  Verification result_;
};

void Verifier::file(const fs::path& path, const std::function<bool()>& read) {
  if (!there(path)) return;
  VerifiedFile checked{.path = path};
  try {
    if (!read()) checked.state = State::without_checksum;
  } catch (const std::exception& e) {
    const std::string text = e.what();
    checked.state = State::damaged;
    checked.fault = text.starts_with(path.string()) ? text : path.string() + ": " + text;
  }
  result_.files.push_back(std::move(checked));
  progress_("checking", static_cast<int64_t>(result_.files.size()), 0);
}

// A JSON file whose content `look` reads, too.
bool has_checksum(const fs::path& path, const std::function<void()>& look) {
  look();
  return read_json_file(path) != parse_json(read_text(path), path.string());
}

std::string steps_text(const std::vector<std::vector<std::string>>& steps) {
  std::string text;
  for (const std::vector<std::string>& step : steps) text += (text.empty() ? "" : "; ") + joined(step);
  return text;
}

void Verifier::describe_model(const Model& model, const TensorFile& tensors) {
  const nlohmann::json description = parse_json(tensors.metadata("iuf_model"), tensors.path());
  const std::string version = description.is_object() ? description.value("version", std::string()) : "";
  say("model", tensors.path() + ": by iuf " + (version.empty() ? "of an unknown version" : version) + ", method " +
                   model.method_name() + ", profile " + model.profile());
  say("backbone", model.settings().backbone + ", weights " + hex_digits(model.backbone().content_hash()));
  for (const ObjectRecord& o : model.objects())
    say("object", o.name + ": step " + std::to_string(o.step + 1) + ", from " + std::to_string(o.train_images) +
                      " images and " + std::to_string(o.held_out_images) + " held out, which have the hash " +
                      hex_digits(o.fingerprint));
}

void Verifier::tensors(const fs::path& path) {
  file(path, [&] {
    const TensorFile tensors = read_safetensors(path);
    if (is_model(tensors))
      describe_model(Model::load(path), tensors);
    else
      say("tensors", path.string() + ": " + std::to_string(tensors.names().size()));
    return tensors.has_checksum();
  });
  versions(path);
}

// Predecessors of a model: their names say what they hold.
void Verifier::versions(const fs::path& model) {
  const ModelVersions versions(model);
  for (const KeptModel& kept : versions.kept())
    file(kept.file, [&] {
      if (!file_hash(kept.file).starts_with(kept.hash))
        fail(kept.file.string(), ": holds another file than its name says; it is damaged");
      return true;
    });
  file(versions.history(), [&] {
    check_lines(versions.history());
    return true;
  });
}

void Verifier::describe_run(const fs::path& folder, const RunDescription& d) {
  say("run", folder.string() + ": " + steps_text(d.steps) + "; method " + d.method + ", profile " + d.profile +
                 ", weights " + hex_digits(d.weights));
  say("data", d.data);
  for (const auto& [object, hash] : d.images) say("images", object + ": hash " + hex_digits(hash));
}

void Verifier::gallery(const GalleryFiles& files) {
  std::vector<std::string> pictures;
  std::map<std::string, uint64_t> hashes;
  file(files.index(), [&] {
    return has_checksum(files.index(), [&] {
      for (const GalleryItem& item : read_gallery(files).items) {
        hashes.insert(item.hashes.begin(), item.hashes.end());
        pictures.push_back(item.input);
        for (const auto& picture : {item.mask, item.heat})
          if (picture) pictures.push_back(*picture);
      }
    });
  });
  for (const std::string& picture : pictures)
    file(files.folder / picture, [&] {
      const fs::path path = files.folder / picture;
      const auto hash = hashes.find(picture);
      if (hash == hashes.end()) return read_image(path).width > 0;  // of an older version, PNG with its own checksums
      if (hash_bytes(read_file(path)) != hash->second) fail(path.string(), ": its checksum is another; it is damaged");
      return true;
    });
}

void Verifier::cache(const fs::path& folder) {
  if (!there(folder)) return;
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == ".safetensors") entries.push_back(entry.path());
  std::ranges::sort(entries);
  for (const fs::path& entry : entries) file(entry, [&] { return read_safetensors(entry).has_checksum(); });
}

void Verifier::run(const RunFiles& files) {
  const auto json = [&](const fs::path& path, const std::function<void()>& look) {
    file(path, [&] { return has_checksum(path, look); });
  };
  json(files.description(), [&] { describe_run(files.folder, read_json_file<RunDescription>(files.description())); });
  tensors(files.model());
  file(files.state(), [&] { return read_safetensors(files.state()).has_checksum(); });
  json(files.step_log(), [&] { read_json_file<StepLog>(files.step_log()); });
  size_t entries = 0;  // of the log
  for (size_t step = 0; there(files.step(step)); ++step)
    json(files.step(step), [&] { entries += read_json_file<StepResult>(files.step(step)).learning.log.size(); });
  std::string scores;
  json(files.metrics(), [&] {
    const RunMetrics metrics = read_metrics(files.metrics());
    scores = metrics.scores;
    say("figures", "by iuf " + metrics.version + ", " + metrics.cpu);
  });
  file(files.scores(), [&] {
    read_scores(files.scores(), scores);
    return !scores.empty();
  });
  file(files.log(), [&] {
    if (const size_t found = read_log(files.log()).size(); found < entries)
      fail(files.log().string(), ": has ", found, " entries of ", entries, "; the file was cut");
    return read_log(files.log()).empty() || read_text(files.log()).find("\"checksum\"") != std::string::npos;
  });
  gallery(files.gallery());
  cache(files.cache());
}

void Verifier::comparison(const ComparisonFiles& files) {
  file(files.description(), [&] {
    return has_checksum(files.description(),
                        [&] { say("comparison", files.folder.string() + ": " + files.description().string()); });
  });
  file(files.results(), [&] { return has_checksum(files.results(), [&] { read_comparison(files.results()); }); });
  std::vector<fs::path> runs;
  for (const fs::directory_entry& entry : fs::directory_iterator(files.folder))
    if (there(RunFiles{entry.path()}.description())) runs.push_back(entry.path());
  std::ranges::sort(runs);
  for (const fs::path& folder : runs) run({folder});
  cache(files.cache());
}

}  // namespace

Verification verify(const fs::path& path, const Progress& progress) {
  Verifier verifier(progress);
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (!fs::exists(path, error)) fail(path.string(), ": no such file or folder");
    verifier.tensors(path);
    return verifier.result();
  }
  if (fs::exists(ComparisonFiles{path}.description(), error))
    verifier.comparison({path});
  else
    verifier.run({path});
  Verification result = verifier.result();
  if (result.files.empty())
    fail(path.string(), ": holds nothing to check; name a model, or the folder of a run or a comparison");
  return result;
}

}  // namespace iuf
