#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>

#include "iuf/features/features.h"
#include "iuf/image/image_header.h"
#include "nn/checksum.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

// Features on disk.
namespace iuf {
namespace {

// The facts as an entry's metadata.
template <class Facts, class See>
void visit_facts(Facts& facts, const See& see) {
  see("deep", facts.deep);
  see("largest", facts.largest);
  see("common", facts.common);
  see("beyond", facts.beyond);
  see("transparent", facts.transparent);
  see("pictures", facts.pictures);
  see("orientation", facts.orientation);
  see("colours", facts.looks.colours);
  see("black_and_white", facts.looks.black_and_white);
  see("black_or_white", facts.looks.black_or_white);
  see("nearly_constant", facts.looks.nearly_constant);
}

void store(const std::filesystem::path& path, const ImageFeatures& f, int64_t size, const ImageFacts& facts) {
  SafetensorsWriter writer;
  writer.protect();
  writer.add("pixels", {size, size, 3}, f.pixels);
  writer.add("aligned", f.aligned, DType::f32);
  writer.add("local", f.local, DType::f32);
  writer.set_metadata("width", std::to_string(f.width));
  writer.set_metadata("height", std::to_string(f.height));
  writer.set_metadata("content", std::to_string(facts.content));
  writer.set_metadata("photograph", std::to_string(facts.photograph));
  visit_facts(f.facts, [&](const char* name, auto value) { writer.set_metadata(name, std::to_string(value)); });
  writer.write(path);
}

PictureFacts picture_facts(const TensorFile& file) {
  PictureFacts facts;
  visit_facts(facts, [&](const char* name, auto& value) {
    value = static_cast<std::decay_t<decltype(value)>>(std::stod(file.metadata(name)));
  });
  return facts;
}

// The entry of the image with this content. Throws Error for a damaged one and for another image's.
TensorFile read_entry(const std::filesystem::path& path, uint64_t content) {
  TensorFile file = read_safetensors(path);
  if (!file.has_checksum() || file.metadata("content") != std::to_string(content))
    fail(path.string(), ": not the features of this image");
  return file;
}

ImageFeatures restore(const std::filesystem::path& path, uint64_t content, Parts parts) {
  const TensorFile file = read_entry(path, content);
  ImageFeatures f;
  f.width = std::stoi(file.metadata("width"));
  f.height = std::stoi(file.metadata("height"));
  f.facts = picture_facts(file);
  if (parts.pixels) {
    const auto bytes = file.bytes("pixels");
    f.pixels.resize(bytes.size());
    std::memcpy(f.pixels.data(), bytes.data(), bytes.size());
  }
  if (parts.aligned) f.aligned = file.tensor("aligned");
  if (parts.local) f.local = file.tensor("local");
  return f;
}

// What an entry says of its image; nothing where there is none that can be read.
std::optional<ImageFacts> stored_facts(const std::filesystem::path& path, uint64_t content) {
  try {
    if (!std::filesystem::exists(path)) return std::nullopt;
    const TensorFile file = read_entry(path, content);
    return ImageFacts{.content = content,
                      .photograph = std::stoull(file.metadata("photograph")),
                      .width = std::stoi(file.metadata("width")),
                      .height = std::stoi(file.metadata("height")),
                      .picture = picture_facts(file)};
  } catch (const std::exception&) {  // damaged, or of an earlier version
    return std::nullopt;
  }
}

// About, of an entry.
constexpr uint64_t kHead = 1 << 10;
uint64_t bytes_of(const Tensor& x) {
  return x.defined() ? sizeof(float) * static_cast<uint64_t>(x.size()) : 0;
}
uint64_t bytes_of(const ImageFeatures& f) {
  return kHead + f.pixels.size() + bytes_of(f.aligned) + bytes_of(f.local);
}

ImageFacts facts_of(uint64_t content, const Photograph& photograph) {
  return {content, photograph_hash(photograph), photograph.image.width, photograph.image.height, photograph.facts};
}

}  // namespace

uint64_t photograph_hash(const Photograph& photograph) {
  const Image& image = photograph.image;
  const uint64_t size = mix_key(static_cast<uint64_t>(image.width), static_cast<uint64_t>(image.height));
  if (photograph.facts.deep) return mix_key(size, photograph.values);
  return hash_bytes(std::as_bytes(std::span(image.pixels)), mix_key(size, 0));
}

std::string problems_text(const std::vector<std::string>& problems) {
  constexpr size_t kNamed = 3;
  if (problems.size() == 1) return problems[0];
  std::string text = std::to_string(problems.size()) + " problems: ";
  for (size_t i = 0; i < std::min(kNamed, problems.size()); ++i) text += (i > 0 ? " | " : "") + problems[i];
  if (problems.size() > kNamed) text += " | and " + std::to_string(problems.size() - kNamed) + " more";
  return text;
}

FeatureCache::FeatureCache(const CachePlace& place, const FeatureExtractor& extractor, Unwritable unwritable)
    : root_(place.folder.value_or(std::filesystem::path())),
      folder_(root_ / hex_digits(extractor.fingerprint())),
      extractor_(extractor),
      unwritable_(unwritable),
      bound_(std::make_shared<CacheBound>(place)) {}

FeatureCache::FeatureCache(const FeatureCache& other, const FeatureExtractor& extractor)
    : root_(other.root_),
      folder_(root_ / hex_digits(extractor.fingerprint())),
      extractor_(extractor),
      unwritable_(other.unwritable_),
      bound_(other.bound_) {}

std::filesystem::path FeatureCache::entry(uint64_t hash) const {
  return folder_ / (hex_digits(hash) + ".safetensors");
}

std::filesystem::path FeatureCache::deep_entry(uint64_t hash) const {
  const ValueWindow window = extractor_.reading().window.value_or(ValueWindow{});
  std::filesystem::path path = entry(hash);
  if (window != ValueWindow{})
    path.replace_filename(path.stem().string() + "-" + std::to_string(window.low) + "-" + std::to_string(window.high) +
                          ".safetensors");
  return path;
}

std::filesystem::path FeatureCache::entry_of(const ImageFeatures& features, uint64_t hash) const {
  return features.facts.deep ? deep_entry(hash) : entry(hash);
}

std::vector<ImageFacts> FeatureCache::read(const std::vector<std::string>& files, const std::string& stage,
                                           const Progress& progress, const ImageProblem& problem) const {
  std::vector<ImageFacts> facts(files.size());
  std::vector<std::string> problems(files.size());
  int64_t done = 0;
  std::mutex mutex;
  parallel_for(static_cast<int64_t>(files.size()), 1, [&](int64_t i, int64_t) {
    const auto n = static_cast<size_t>(i);
    ImageFeatures missing;
    try {
      const std::vector<std::byte> bytes = read_file(files[n]);
      const uint64_t content = hash_bytes(bytes);
      const std::filesystem::path place = header_of(bytes).is_deep() ? deep_entry(content) : entry(content);
      if (const auto stored = stored_facts(place, content)) {
        facts[n] = *stored;
        CacheBound::use(place);
      } else {
        const Photograph photograph = extractor_.decode(bytes, files[n]);
        facts[n] = facts_of(content, photograph);
        if (writable_) missing = extractor_(photograph);
      }
    } catch (const std::bad_alloc&) {
      problems[n] = files[n] + ": out of memory: use fewer --threads";
    } catch (const Error& e) {
      problems[n] = e.what();
    }
    const std::string remark = missing.width > 0 ? keep(missing, facts[n]) : "";
    const std::lock_guard lock(mutex);
    if (!remark.empty()) progress.note(remark);
    progress(stage, ++done, static_cast<int64_t>(files.size()));
  });
  std::vector<std::string> found;
  for (size_t n = 0; n < files.size(); ++n) {
    if (problems[n].empty()) continue;
    found.push_back(problems[n]);
    if (problem) problem(n, problems[n]);
  }
  if (!found.empty() && !problem) fail(problems_text(found));
  return facts;
}

// Returns a remark, the first time that the folder cannot be written or is full.
std::string FeatureCache::keep(const ImageFeatures& features, const ImageFacts& facts) const {
  try {
    if (!writable_) return "";
    const auto room = bound_->admit(bytes_of(features));
    if (!room) {
      if (full_.exchange(true) || bound_->most_bytes() == 0) return "";
      return "the features of these images do not fit into the cache, " + root_.string() +
             ": those without a place are computed anew wherever they are needed; --cache-size gives it more room";
    }
    make_folder(folder_);
    store(entry_of(features, facts.content), features, extractor_.size(), facts);
    return "";
  } catch (const Error& e) {
    const std::string reason = "the cache of features cannot be written: " + std::string(e.what());
    if (unwritable_ == Unwritable::error) fail(reason, "; name another folder with --cache");
    if (!writable_.exchange(false)) return "";
    return reason + "; they are computed anew wherever they are needed, --cache names another folder";
  }
}

ImageFeatures FeatureCache::load(const std::string& file, uint64_t hash, Parts parts) const {
  const std::filesystem::path plain = entry(hash), deep = deep_entry(hash);
  // Whether an image has 16 bits is not known here: its entry by the window comes first, where there is one.
  for (const std::filesystem::path& path : {deep, plain}) {
    try {
      ImageFeatures features = restore(path, hash, parts);
      CacheBound::use(path);
      if (extractor_.fits(features, parts) && (path == deep || !features.facts.deep)) {
        features.at = [this, file, hash, is_deep = features.facts.deep](const WorkingSize& size) {
          return at(file, hash, is_deep, size);
        };
        features.ignoring = [this, file, hash](const auto& region) { return ignoring(file, hash, region); };
        return features;
      }
    } catch (const std::exception&) {  // gone or damaged
    }
    if (deep == plain) break;
  }
  return compute(file, hash);
}

WorkingFeatures FeatureCache::at(const std::string& file, uint64_t hash, bool deep, const WorkingSize& size) const {
  std::filesystem::path path = deep ? deep_entry(hash) : entry(hash);
  path.replace_filename(path.stem().string() + "_" + std::to_string(size.width) + "x" + std::to_string(size.height) +
                        ".safetensors");
  try {
    if (std::filesystem::exists(path)) {
      const TensorFile stored = read_entry(path, hash);
      CacheBound::use(path);
      const WorkingFeatures features{.fine = stored.tensor("fine"),
                                     .deep = stored.contains("deep") ? stored.tensor("deep") : Tensor()};
      if (extractor_.fits(features, size)) return features;
    }
  } catch (const std::exception&) {  // gone or damaged
  }
  const WorkingFeatures features = extractor_.at(decode_again(file, hash).image, size);
  if (!writable_) return features;
  const auto room = bound_->admit(kHead + bytes_of(features.fine) + bytes_of(features.deep));
  if (!room) return features;
  try {
    SafetensorsWriter writer;
    writer.protect();
    writer.add("fine", features.fine, DType::f32);
    if (features.deep.defined()) writer.add("deep", features.deep, DType::f32);
    writer.set_metadata("content", std::to_string(hash));
    writer.write(path);
  } catch (const Error&) {  // a folder that cannot be written any more costs time only
  }
  return features;
}

ImageFeatures FeatureCache::ignoring(const std::string& file, uint64_t hash,
                                     const std::shared_ptr<const IgnoredRegion>& region) const {
  const auto other = std::make_shared<const IgnoringCache>(*this, region);
  ImageFeatures features = (**other).load(file, hash);
  features.at = [other, at = features.at](const WorkingSize& size) { return at(size); };
  features.ignoring = {};
  return features;
}

// The image itself is the source.
Photograph FeatureCache::decode_again(const std::string& file, uint64_t hash) const {
  const std::vector<std::byte> bytes = read_file(file);
  if (hash_bytes(bytes) != hash) fail(file, ": changed while it was being used; start again");
  return extractor_.decode(bytes, file);
}

ImageFeatures FeatureCache::compute(const std::string& file, uint64_t hash) const {
  const Photograph photograph = decode_again(file, hash);
  ImageFeatures features = extractor_(photograph);
  features.ignoring = [this, file, hash](const auto& region) { return ignoring(file, hash, region); };
  if (!writable_) return features;
  const auto room = bound_->admit(bytes_of(features));
  if (!room) return features;
  try {
    store(entry_of(features, hash), features, extractor_.size(), facts_of(hash, photograph));
  } catch (const Error&) {  // a folder that cannot be written any more costs time only
  }
  return features;
}

}  // namespace iuf
