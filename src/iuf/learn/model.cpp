#include "iuf/learn/model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/data/copies.h"
#include "iuf/data/json_fields.h"
#include "iuf/data/name_groups.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/held_out.h"
#include "iuf/learn/normal_images.h"
#include "iuf/learn/recalibration.h"
#include "iuf/learn/training_pictures.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

const char* const kDescription = "iuf_model";  // the metadata that hold it
constexpr int kFormat = 2, kWithoutChecksum = 1;

/// What a model file says of itself, besides its tensors.
struct Description {
  std::string profile = {}, method = {}, version = {};
  int64_t steps = 0;
  nlohmann::json settings = {};
  std::vector<ObjectRecord> objects = {};
  std::vector<StepRecord> history = {};
  nlohmann::json method_state = {};  // what the method keeps besides tensors

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(kFormat);
    field("profile", self.profile);
    field("method", self.method);
    field("version", self.version, kMayLack);
    field("steps", self.steps);
    field("settings", self.settings);
    field("objects", self.objects, kUnlessEmpty);
    field("history", self.history, kUnlessEmpty);
    field("method_state", self.method_state);
  }
};

// What models were learned with before these were settings.
Settings settings_of_older_models() {
  Settings settings;
  settings.window = text_of(ValueWindow{});
  settings.orientation = Orientation::ignore;
  settings.metrics_size = "published";
  settings.local = LocalKind::gaussian;
  settings.views = "coarse";
  return settings;
}

// The threshold of older models was a quantile of held-out scores.
nlohmann::json of_this_version(nlohmann::json settings) {
  if (!settings.is_object() || !settings.contains("quantile")) return settings;
  if (const nlohmann::json& q = settings["quantile"]; q.is_number())
    settings["false-alarms"] = std::clamp(1 - q.get<double>(), 1e-6, 1 - 1e-6);
  settings.erase("quantile");
  return settings;
}

std::string novelty_prefix(size_t object) {
  return "novelty." + std::to_string(object) + ".";
}

// The lower of two, or the one that is not a number.
double lower(double a, double b) {
  return b < a || std::isnan(b) ? b : a;
}

// The description that a model file holds, as one of the current format.
Description description_of(const TensorFile& file, const Progress& progress) {
  const std::string damaged = file.path() + ": damaged model description";
  nlohmann::json json = parse_json(file.metadata(kDescription), damaged);
  const bool old = json.is_object() && json.contains("format") && json["format"] == kWithoutChecksum;
  if (old) json["format"] = kFormat;
  auto description = from_json<Description>(json, {damaged});
  if (!old && !file.has_checksum())
    fail(file.path(),
         ": damaged: its checksum is missing, which every model of this format has; copy the file again "
         "or make the model anew");
  if (old && !file.has_checksum())
    progress.note(file.path() +
                  ": a model of an earlier version, without a checksum: damage that leaves all numbers "
                  "finite would not be seen; `iuf eval --record` or `iuf add` writes it anew");
  return description;
}

uint64_t hash_text(const std::string& text, uint64_t seed) {
  return hash_bytes(std::as_bytes(std::span(text)), seed);
}

std::vector<ImageFacts> prepared(const Model::Source& source, const FeatureCache& cache, const StepContext& context) {
  std::vector<ImageFacts> facts = cache.read(source.images, "features of " + source.name, context.progress);
  check_training_pictures(source.name, source.images, facts, cache.extractor().reading().window, context.progress);
  return facts;
}

}  // namespace

uint64_t object_fingerprint(const std::string& name, const std::vector<ImageFacts>& images) {
  uint64_t hash = hash_text(name, 0);
  for (const size_t i : distinct(images)) hash = mix_key(hash, images[i].content);
  return hash;
}

Model::Model(std::string profile, std::string method, const Settings& settings, Backbone backbone)
    : profile_(std::move(profile)),
      method_name_(std::move(method)),
      settings_(settings),
      backbone_(std::make_unique<Backbone>(std::move(backbone))) {
  const MethodInfo& info = method_info(method_name_);
  info.adjust(settings_);
  if (settings_.views == "auto" && !backbone_->is_deep() && looks_deep(info, settings_))
    settings_.views = "coarse,fine";
  check(settings_);
  settings_.backbone = backbone_->info().name;
  if (!looks_deep(info, settings_)) {
    *backbone_ = backbone_->shallow();
  } else if (!backbone_->is_deep()) {
    fail("setting 'views': the weights of ", settings_.backbone,
         " end before the layers that 'deep' looks at; leave it out");
  }
  extractor_ = std::make_unique<FeatureExtractor>(*backbone_, settings_);
  method_ = info.make(settings_, backbone_->info());
}

std::vector<std::byte> Model::bytes() const {
  SafetensorsWriter writer;
  Description description{.profile = profile_,
                          .method = method_name_,
                          .version = IUF_VERSION,
                          .steps = steps_,
                          .settings = to_json(settings_),
                          .objects = objects_,
                          .history = history_,
                          .method_state = nlohmann::json::object()};
  for (const auto& [name, tensor] : backbone_->state()) writer.add("backbone." + name, tensor);
  if (!objects_.empty()) method_->save(writer, description.method_state);
  for (size_t o = 0; o < novelty_.size(); ++o)
    if (novelty_[o]) novelty_[o]->save(writer, novelty_prefix(o));
  for (const ObjectRecord& o : objects_)
    for (const std::optional<double>& value : {o.threshold, o.low, o.high})
      if (value && !std::isfinite(*value))
        fail("the model's threshold or colour scale of object '", o.name, "' is not a finite number");
  writer.set_metadata(kDescription, to_json(description).dump());
  writer.protect();
  try {
    return writer.bytes();
  } catch (const Error& e) {
    fail("the model cannot be kept, its training diverged: ", e.what(), "; lower the learning rate");
  }
}

void Model::save(const std::filesystem::path& path) const {
  write_file(path, bytes());
}

Model Model::load(const std::filesystem::path& path, const Progress& progress) {
  const TensorFile file = read_safetensors(path);
  if (!is_model(file))
    fail(path.string(), ": not a model of this program (weights alone?); `iuf info` says what it holds");
  const Description d = description_of(file, progress);
  file.require_finite();
  const Settings settings = settings_from_json(of_this_version(d.settings), settings_of_older_models(), path.string());
  try {
    check(settings);
  } catch (const Error& e) {
    fail(path.string(), ": ", e.what());
  }
  Model model(d.profile, d.method, settings, Backbone::load(settings.backbone, file, "backbone."));
  model.steps_ = d.steps;
  model.objects_ = d.objects;
  model.history_ = d.history;
  model.check_steps(path.string());
  try {
    if (!model.objects_.empty()) model.method_->load(file, d.method_state);
  } catch (const nlohmann::json::exception& e) {
    fail(path.string(), ": damaged model description: method_state: ", e.what());
  }
  for (size_t o = 0; o < model.objects_.size(); ++o)
    model.novelty_.push_back(NoveltyDetector::load(file, novelty_prefix(o)));
  if (model.method_->objects() != static_cast<int64_t>(model.objects_.size()))
    fail(path.string(), ": damaged model: its networks know ", model.method_->objects(), " objects, its description ",
         model.objects_.size());
  return model;
}

bool is_model(const TensorFile& file) {
  return file.metadata().contains(kDescription);
}

// Objects come step by step, at least one in each, and no row of the history is longer or later than that.
void Model::check_steps(const std::string& where) const {
  int64_t step = -1;
  const auto damaged = [&](const std::string& what) { fail(where, ": damaged model description: ", what); };
  for (const ObjectRecord& object : objects_) {
    if (object.step != step + 1 && (step < 0 || object.step != step))
      damaged("object '" + object.name + "' is of step " + std::to_string(object.step) + " after step " +
              std::to_string(step));
    step = object.step;
    for (const Calibration& c : calibrations_of(object))
      if (const std::string fault = fault_of(c); !fault.empty()) damaged("object '" + object.name + "': " + fault);
  }
  if (steps_ != step + 1)
    damaged(std::to_string(steps_) + " steps, but the objects are of " + std::to_string(step + 1));
  if (static_cast<int64_t>(history_.size()) > steps_)
    damaged("the history is longer than " + std::to_string(steps_) + " steps");
  for (const StepRecord& row : history_)
    if (row.image_auroc.size() > objects_.size() || row.pixel_auroc.size() > objects_.size())
      damaged("the history has more objects than the model");
}

int64_t Model::expected_object(const std::string& name) const {
  std::vector<std::string> known;
  for (const ObjectRecord& object : objects_) known.push_back(object.name);
  const auto found = std::ranges::find(known, name);
  if (found == known.end())
    fail("unknown object '", name, "'", suggestion(name, known), "; the model knows: ", joined(known));
  const int64_t number = found - known.begin();
  if (!method_->remembers(number))
    fail("object '", name, "': ", method_name_, " keeps nothing of this object's step, it cannot judge against it");
  return number;
}

Judgement Model::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (expected && (*expected < 0 || !method_->remembers(*expected)))
    fail("the model cannot judge against object number ", *expected);
  Judgement judgement = method_->judge(image, expected);
  if (judgement.object < 0 || static_cast<size_t>(judgement.object) >= objects_.size())
    fail("damaged model: its networks know object number ", judgement.object, ", its description ", objects_.size(),
         " objects");
  const std::vector<std::optional<double>> novelty_of = novelties(image);
  if (expected) {
    judgement.novelty = novelty_of[static_cast<size_t>(*expected)];
  } else if (has_novelty(static_cast<size_t>(judgement.object))) {
    for (const std::optional<double>& novelty : novelty_of)
      if (novelty) judgement.novelty = judgement.novelty ? lower(*judgement.novelty, *novelty) : *novelty;
  }
  require_finite(judgement);
  return judgement;
}

std::vector<std::optional<double>> Model::novelties(const ImageFeatures& image) const {
  std::vector<std::optional<double>> novelties(objects_.size());
  const Tensor moments = channel_moments(image.local);
  for (size_t o = 0; o < novelties.size(); ++o)
    if (novelty_[o]) novelties[o] = (*novelty_[o])(moments);
  return novelties;
}

void Model::set_history(size_t step, StepRecord record) {
  if (step >= history_.size()) history_.resize(step + 1);
  history_[step] = std::move(record);
}

// A step as it is learned: which images are held out, and what is known of its objects before.
struct Model::Step {
  StepData data;
  std::vector<ObjectRecord> records = {};
  std::vector<std::vector<Tensor>> moments = {};  // of each object's images, as a whole
  uint64_t fingerprint = 0;                       // of the model before and of all images
};

// The first 16-bit images that are learned say by which window this model reads any.
void Model::decide_window(const std::vector<Source>& sources, const Progress& progress) {
  std::vector<std::string> files;
  for (const Source& source : sources) files.insert(files.end(), source.images.begin(), source.images.end());
  iuf::decide_window(settings_, files, progress);
  if (const auto window = settings_.known_window()) extractor_->set_window(*window);
}

void Model::learn(const std::vector<Source>& sources, const FeatureCache& cache, const StepContext& context,
                  const std::vector<Source>& old, const TensorFile* network) {
  decide_window(sources, context.progress);
  Step step{.data = {.step = steps_,
                     .first_object = static_cast<int64_t>(objects_.size()),
                     .network = network,
                     .load = [&cache](const TrainingImage& image,
                                      Parts parts) { return cache.load(image.file, image.hash, parts); }},
            .fingerprint = hash_bytes(bytes())};
  for (const Source& source : sources) {
    for (const ObjectRecord& known : objects_)
      if (known.name == source.name) fail("object '", source.name, "' is already in the model; choose another name");
    if (source.images.empty() && !network) fail("object '", source.name, "' has no normal images to learn from");
    add_object(step, source, prepared(source, cache, context), context.progress);
  }
  for (size_t o = 0; o < old.size(); ++o) {
    const std::vector<ImageFacts> facts = prepared(old[o], cache, context);
    for (const size_t i : distinct(facts)) {
      step.fingerprint = mix_key(step.fingerprint, facts[i].content);
      step.data.old_images.push_back({old[o].images[i], facts[i].content, static_cast<int64_t>(o)});
    }
  }
  note_alike(step, 0, context.progress);  // before anything is learned
  std::vector<NormalScore> unseen;
  StepContext own_context = context;
  own_context.fingerprint = step.fingerprint;
  own_context.unseen = [&](const TrainingImage& image, const Judgement& j) {
    unseen.push_back(normal_score(image, j));
  };
  method_->learn(step.data, own_context);
  for (size_t n = 0; n < step.records.size(); ++n) {
    calibrate(*method_, method_info(method_name_), step.data, unseen, settings_, n, step.records[n], context.progress);
    objects_.push_back(step.records[n]);
    novelty_.push_back(NoveltyDetector::fit(step.moments[n]));
  }
  note_alike(step, static_cast<size_t>(step.data.first_object), context.progress);
  ++steps_;
}

// Adds an object to a step: of its images, without the copies among them, some are held out at random.
void Model::add_object(Step& step, const Source& source, const std::vector<ImageFacts>& facts,
                       const Progress& progress) const {
  const int64_t object = step.data.first_object + static_cast<int64_t>(step.data.names.size());
  step.data.names.push_back(source.name);
  const uint64_t own = object_fingerprint(source.name, facts);
  step.fingerprint = mix_key(step.fingerprint, own);
  if (const std::string text = copies_text(source.name, source.images, originals(facts)); !text.empty())
    progress.note(text);
  std::vector<TrainingImage> images;
  std::vector<uint64_t> photographs;
  for (const size_t i : distinct(facts)) {
    images.push_back({source.images[i], facts[i].content, object});
    photographs.push_back(facts[i].photograph);
  }
  std::ranges::sort(photographs);
  ObjectRecord record;
  record.name = source.name;
  record.step = steps_;
  record.copies = static_cast<int64_t>(facts.size() - images.size());
  record.fingerprint = own;
  record.photographs = std::move(photographs);
  leave_out_unlike(step, images, record, progress);
  const auto count = static_cast<int64_t>(images.size());
  const uint64_t key = mix_key(static_cast<uint64_t>(settings_.seed), hash_text(source.name, 1));
  const std::vector<int64_t> order = random_permutation(count, key);
  std::vector<std::filesystem::path> files;
  for (const TrainingImage& image : images) files.emplace_back(image.file);
  const std::vector<size_t> groups = name_groups(files);
  assign_folds(images, groups, mix_key(key, 0x666f6c64));
  const std::set<size_t> held =
      method_info(method_name_).trains ? held_out_groups(groups, order, settings_.held_out) : std::set<size_t>();
  for (const int64_t i : order) {
    const bool is_held = held.contains(groups[static_cast<size_t>(i)]);
    (is_held ? step.data.held_out : step.data.images).push_back(images[static_cast<size_t>(i)]);
    (is_held ? record.held_out_images : record.train_images) += 1;
  }
  step.records.push_back(std::move(record));
}

// Takes the images that as a whole are unlike the others out of an object's, says where the rest are of two kinds, and
// keeps the moments of these, in the order of their content: neither the order of files nor the split moves an image to
// another fold.
void Model::leave_out_unlike(Step& step, std::vector<TrainingImage>& images, ObjectRecord& record,
                             const Progress& progress) const {
  std::vector<TrainingImage> sorted = images;
  std::ranges::stable_sort(sorted, {}, &TrainingImage::hash);
  std::vector<Tensor> moments = moments_of(step.data, sorted);
  const Outliers unlike = NoveltyDetector::outliers(moments);
  const bool few = unlike.which.size() <= most_outliers(sorted.size());
  const auto note = [&](const std::string& text) {
    record.remarks.push_back(text);
    progress.note(record.name + ": " + text);
  };
  if (!unlike.which.empty()) note(unlike_text(sorted, unlike));
  if (few)
    for (auto i = unlike.which.rbegin(); i != unlike.which.rend(); ++i) {
      std::erase_if(images, [&](const TrainingImage& image) { return image.hash == sorted[*i].hash; });
      moments.erase(moments.begin() + static_cast<std::ptrdiff_t>(*i));
      sorted.erase(sorted.begin() + static_cast<std::ptrdiff_t>(*i));
    }
  if (const std::string kinds = few ? kinds_text(sorted, moments) : ""; !kinds.empty()) note(kinds);
  step.moments.push_back(std::move(moments));
}

// Says which new objects look like one that is known, or of the same step.
void Model::note_alike(const Step& step, size_t first, const Progress& progress) const {
  for (size_t n = 0; n < step.records.size(); ++n)
    for (size_t o = first; o < novelty_.size(); ++o) {
      const size_t own = static_cast<size_t>(step.data.first_object) + n;
      if (o == own || !novelty_[o]) continue;
      const auto alike =
          std::ranges::count_if(step.moments[n], [&](const Tensor& m) { return (*novelty_[o])(m) <= kAlikeNovelty; });
      if (2 * static_cast<size_t>(alike) <= step.moments[n].size()) continue;
      progress.note(step.records[n].name + ": " + std::to_string(alike) + " of " +
                    std::to_string(step.moments[n].size()) + " normal images look like '" + objects_[o].name +
                    "' as a whole; if both are one product, its defects can pass as normal parts of the other");
    }
}

}  // namespace iuf
