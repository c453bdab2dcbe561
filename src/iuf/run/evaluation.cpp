#include "iuf/run/evaluation.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "iuf/data/resize.h"
#include "iuf/run/heatmap.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

// Which of an object's test images a reader sees: one normal, then the kinds of defects in turn.
std::vector<size_t> choose(const std::vector<Sample>& samples, int64_t count) {
  std::map<std::string, std::vector<size_t>> kinds;
  std::vector<size_t> normal, chosen;
  for (size_t i = 0; i < samples.size(); ++i) (samples[i].defect ? kinds[samples[i].label_name] : normal).push_back(i);
  const auto limit = static_cast<size_t>(std::max<int64_t>(count, 0));
  if (!normal.empty() && limit > 0) chosen.push_back(normal[normal.size() / 2]);
  for (size_t round = 0; chosen.size() < limit; ++round) {
    const size_t before = chosen.size();
    for (const auto& [kind, members] : kinds) {
      // Spread over the kind's images rather than the first ones, which tend to be alike.
      const size_t step =
          std::max<size_t>(1, members.size() / std::max<size_t>(1, limit / std::max<size_t>(1, kinds.size())));
      if (round * step < members.size() && chosen.size() < limit) chosen.push_back(members[round * step]);
    }
    if (chosen.size() == before) break;
  }
  return chosen;
}

Image fitted(const Image& image, int limit) {
  const int side = std::max(image.width, image.height);
  if (side <= limit) return image;
  return resize_bilinear(image, std::max(1, image.width * limit / side), std::max(1, image.height * limit / side));
}

}  // namespace

std::vector<uint8_t> mask_at(const std::filesystem::path& path, int image_width, int image_height, int64_t size) {
  const Image mask = read_mask(path);
  if (mask.width != image_width || mask.height != image_height)
    fail(path.string(), ": the mask is ", mask.width, " x ", mask.height, " but its image is ", image_width, " x ",
         image_height, "; make the mask as large as the image");
  return resize_nearest(mask, static_cast<int>(size), static_cast<int>(size)).pixels;
}

std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery,
                                       const std::function<void(const std::string&, int64_t, int64_t)>& progress) {
  std::vector<ObjectEvaluation> results;
  nlohmann::json index = {{"scale", nlohmann::json::object()}, {"items", nlohmann::json::array()}};
  const int64_t size = model.settings().image_size;
  for (const std::string& name : objects) {
    const auto known = std::find_if(model.objects().begin(), model.objects().end(),
                                    [&](const ObjectRecord& o) { return o.name == name; });
    if (known == model.objects().end()) fail("object '", name, "' is not in the model");
    const std::vector<Sample> samples = data.select(name, false);
    ObjectEvaluation result{.object = name};
    std::vector<std::string> files;
    for (const Sample& sample : samples) files.push_back(sample.file.string());
    const std::vector<uint64_t> hashes = cache.prepare(files, [&](size_t done, size_t total) {
      if (progress) progress("features of " + name, static_cast<int64_t>(done), static_cast<int64_t>(total));
    });
    const std::vector<size_t> shown =
        gallery.folder.empty() ? std::vector<size_t>() : choose(samples, gallery.per_object);
    std::vector<float> scores;
    std::vector<uint8_t> labels;
    PixelAccumulator pixels;
    bool masks = true;  // pixel metrics need a map and the mask of every defect
    int64_t recognised = 0, alarms = 0, found = 0;
    bool decided = true;
    struct Seen {
      Judgement judgement;
      std::vector<uint8_t> mask;
    };
    constexpr size_t kChunk = 32;
    for (size_t start = 0; start < samples.size(); start += kChunk) {
      const size_t count = std::min(kChunk, samples.size() - start);
      std::vector<Seen> seen(count);
      parallel_for(static_cast<int64_t>(count), 1, [&](int64_t i, int64_t) {
        const size_t at = start + static_cast<size_t>(i);
        const ImageFeatures features = cache.load(files[at], hashes[at]);
        Seen& s = seen[static_cast<size_t>(i)];
        s.judgement = model.judge(features);
        if (!samples[at].defect) {
          s.mask.assign(static_cast<size_t>(size * size), 0);
        } else if (samples[at].mask) {
          s.mask = mask_at(*samples[at].mask, features.width, features.height, size);
        }
      });
      for (size_t i = 0; i < count; ++i) {
        const Sample& sample = samples[start + i];
        const Judgement& j = seen[i].judgement;
        const ObjectRecord& record = model.objects()[static_cast<size_t>(j.object)];
        scores.push_back(static_cast<float>(j.score));
        labels.push_back(sample.defect);
        (sample.defect ? result.defects : result.normal) += 1;
        decided = decided && !std::isnan(record.threshold);
        if (j.score > record.threshold) (sample.defect ? found : alarms) += 1;
        recognised += record.name == name;
        masks = masks && j.map.defined() && !seen[i].mask.empty();
        if (masks) {
          const std::vector<float> map(j.map.data(), j.map.data() + j.map.size());
          pixels.add(sample.file.string(), map, seen[i].mask, static_cast<size_t>(size));
        }
        result.images.push_back({files[start + i], sample.label_name, sample.defect, j.score, record.threshold,
                                 j.confidence, j.score > record.threshold, record.name});
        if (const auto place = std::find(shown.begin(), shown.end(), start + i); place != shown.end()) {
          const Image input = fitted(read_image(sample.file), 320);
          const std::string stem =
              "object" + std::to_string(known - model.objects().begin()) + "_" + std::to_string(place - shown.begin());
          nlohmann::json item = {{"object", name},
                                 {"file", sample.file.filename().string()},
                                 {"label", sample.defect ? 1 : 0},
                                 {"label_name", sample.label_name},
                                 {"score", j.score},
                                 {"threshold", record.threshold},
                                 {"input", stem + "_input.png"},
                                 {"mask", nullptr},
                                 {"heat", nullptr}};
          write_png(gallery.folder / (stem + "_input.png"), input);
          if (j.map.defined()) {
            const std::vector<float> map(j.map.data(), j.map.data() + j.map.size());
            write_png(gallery.folder / (stem + "_heat.png"),
                      overlay(input, map, static_cast<int>(size), static_cast<int>(size),
                              static_cast<float>(known->low), static_cast<float>(known->high)));
            item["heat"] = stem + "_heat.png";
          }
          if (sample.mask) {
            write_png(gallery.folder / (stem + "_mask.png"), fitted(read_mask(*sample.mask), 320));
            item["mask"] = stem + "_mask.png";
          }
          index["items"].push_back(item);
        }
        if (progress)
          progress("evaluating " + name, static_cast<int64_t>(start + i + 1), static_cast<int64_t>(samples.size()));
      }
    }
    index["scale"][name] = {{"low", known->low}, {"high", known->high}};
    if (decided) {
      result.alarms = alarms;
      result.found = found;
    }
    result.image = rank_metrics(scores, labels);
    if (masks) {
      result.pixel = pixels.rank();
      result.aupro = pixels.aupro();
    }
    if (!samples.empty()) result.recognised = static_cast<double>(recognised) / static_cast<double>(samples.size());
    results.push_back(std::move(result));
  }
  if (!gallery.folder.empty()) write_file(gallery.folder / "index.json", index.dump(1));
  return results;
}

std::string csv_field(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string out = "\"";
  for (char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string scores_csv(const std::vector<ObjectEvaluation>& objects) {
  std::ostringstream csv;
  csv.precision(9);
  csv << "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence\n";
  for (const ObjectEvaluation& object : objects)
    for (const ScoredImage& image : object.images) {
      csv << csv_field(object.object) << ',' << csv_field(image.file) << ',' << (image.label ? 1 : 0) << ','
          << csv_field(image.label_name) << ',' << image.score << ',';
      if (!std::isnan(image.threshold)) csv << image.threshold;
      csv << ',' << verdict(image.score, image.threshold) << ',' << csv_field(image.predicted) << ','
          << image.confidence << '\n';
    }
  return csv.str();
}

}  // namespace iuf
