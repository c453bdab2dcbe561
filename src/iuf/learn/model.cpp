#include "iuf/learn/model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/data/json_fields.h"
#include "iuf/data/listing.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/model_versions.h"
#include "iuf/learn/recalibration.h"
#include "nn/file.h"
#include "nn/links.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

std::string novelty_prefix(size_t object) {
  return "novelty." + std::to_string(object) + ".";
}

std::string ignored_name(size_t object) {
  return "ignored." + std::to_string(object);
}

std::string views_name(size_t object) {
  return "known_views." + std::to_string(object);
}

std::string later_prefix(size_t object) {
  return "later_lots." + std::to_string(object) + ".";
}

// Null where the file holds none of this name.
std::shared_ptr<const IgnoredRegion> stored_region(const TensorFile& file, const std::string& name, int64_t side) {
  if (!file.contains(name)) return nullptr;
  const StoredTensor& stored = file.at(name);
  if (stored.dtype != DType::u8 || stored.shape != std::vector<int64_t>{side, side})
    fail(file.path(), ": damaged model: '", name, "' is no mask of ", side, " x ", side, " bytes");
  std::vector<uint8_t> pixels(stored.bytes.size());
  std::ranges::transform(stored.bytes, pixels.begin(), [](std::byte b) { return static_cast<uint8_t>(b); });
  try {
    return std::make_shared<const IgnoredRegion>(side, std::move(pixels));
  } catch (const Error& e) {
    fail(file.path(), ": damaged model: '", name, "': ", e.what());
  }
}

}  // namespace

Model::Model(std::string profile, std::string method, const Settings& settings, Backbone backbone)
    : profile_(std::move(profile)),
      method_name_(std::move(method)),
      settings_(settings),
      backbone_(std::make_unique<Backbone>(std::move(backbone))) {
  const MethodInfo& info = method_info(method_name_);
  info.adjust(settings_);
  if (settings_.views == "auto" && looks_deep(info, settings_))
    settings_.views = backbone_->is_deep() ? "coarse,fine,deep,whole" : "coarse,fine";
  check(settings_);
  settings_.backbone = backbone_->info().name;
  if (!looks_deep(info, settings_)) {
    *backbone_ = backbone_->shallow();
  } else if (!backbone_->is_deep()) {
    fail("setting 'views': the weights of ", settings_.backbone,
         " end before the layers that 'deep' and 'whole' look at; leave them out");
  }
  extractor_ = std::make_unique<FeatureExtractor>(*backbone_, settings_);
  method_ = info.make(settings_, backbone_->info());
}

std::vector<std::byte> Model::bytes() const {
  SafetensorsWriter writer;
  ModelDescription description{.profile = profile_,
                               .method = method_name_,
                               .version = IUF_VERSION,
                               .steps = steps_,
                               .settings = to_json(settings_),
                               .objects = objects_,
                               .history = history_,
                               .changes = changes_,
                               .method_state = nlohmann::json::object()};
  for (const auto& [name, tensor] : backbone_->state()) writer.add("backbone." + name, tensor);
  if (!objects_.empty()) method_->save(writer, description.method_state);
  for (size_t o = 0; o < novelty_.size(); ++o)
    if (novelty_[o]) novelty_[o]->save(writer, novelty_prefix(o));
  for (size_t o = 0; o < objects_.size(); ++o) {
    known_views_[o].save(writer, views_name(o));
    later_lots_[o].save(writer, later_prefix(o));
  }
  bool ignores = false;
  for (size_t o = 0; o < ignored_.size(); ++o)
    if (ignored_[o]) {
      writer.add(ignored_name(o), {ignored_[o]->side(), ignored_[o]->side()}, ignored_[o]->pixels());
      ignores = true;
    }
  for (const ObjectRecord& o : objects_)
    for (const std::optional<double>& value : {o.threshold, o.low, o.high})
      if (value && !std::isfinite(*value))
        fail("the model's threshold or colour scale of object '", o.name, "' is not a finite number");
  nlohmann::json json = to_json(description);
  if (ignores) json["format"] = ModelDescription::ignoring_format;
  writer.set_metadata(ModelDescription::key, json.dump());
  writer.protect();
  try {
    return writer.bytes();
  } catch (const Error& e) {
    fail("the model cannot be kept, its training diverged: ", e.what(), "; lower the learning rate");
  }
}

void Model::save(const std::filesystem::path& path) const {
  write_file(followed(path), bytes());
}

Model Model::load(const std::filesystem::path& path, const Progress& progress) {
  try {
    return read(read_safetensors(path), progress);
  } catch (const Error& e) {
    fail(e.what(), predecessor_advice(path));
  }
}

Model Model::read(const TensorFile& file, const Progress& progress) {
  const std::string& path = file.path();
  if (!is_model(file)) fail(path, ": not a model of this program (weights alone?); `iuf info` says what it holds");
  const ModelDescription d = model_description(file, progress);
  file.require_finite();
  const Settings settings = described_settings(d, path);
  Model model(d.profile, d.method, settings, Backbone::load(settings.backbone, file, "backbone."));
  model.steps_ = d.steps;
  model.objects_ = d.objects;
  model.history_ = d.history;
  model.changes_ = d.changes;
  model.found_version_ = version_of(d.changes, d.steps);
  model.check_steps(path);
  try {
    if (!model.objects_.empty()) model.method_->load(file, d.method_state);
  } catch (const nlohmann::json::exception& e) {
    fail(path, ": damaged model description: method_state: ", e.what());
  }
  for (size_t o = 0; o < model.objects_.size(); ++o) {
    model.novelty_.push_back(NoveltyDetector::load(file, novelty_prefix(o)));
    model.ignored_.push_back(stored_region(file, ignored_name(o), settings.image_size));
    model.known_views_.push_back(KnownViews::load(file, views_name(o)));
    model.later_lots_.push_back(LaterLots::load(file, later_prefix(o)));
  }
  if (model.method_->objects() != static_cast<int64_t>(model.objects_.size()))
    fail(path, ": damaged model: its networks know ", model.method_->objects(), " objects, its description ",
         model.objects_.size());
  return model;
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

void Model::set_history(size_t step, StepRecord record) {
  if (step >= history_.size()) history_.resize(step + 1);
  history_[step] = std::move(record);
}

void Model::note_change(ModelChange change, int64_t least) {
  change.version = std::max(version(), least) + 1;
  change.program = IUF_VERSION;
  if (changes_.size() >= kMostChanges) changes_.erase(changes_.begin());
  changes_.push_back(std::move(change));
}

void Model::remove(const std::string& name) {
  const auto number = std::ranges::find(objects_, name, &ObjectRecord::name) - objects_.begin();
  const auto index = static_cast<size_t>(number);
  if (index == objects_.size()) expected_object(name);  // says which ones there are
  if (objects_.size() == 1) fail("object '", name, "' is the only one of the model: delete the file instead");
  if (const std::string why = method_->cannot_remove(number); !why.empty())
    fail("object '", name, "': ", method_name_, " cannot forget it: ", why, "; learn the others anew without it");
  const int64_t step = objects_[index].step;
  method_->remove(number);
  objects_.erase(objects_.begin() + number);
  novelty_.erase(novelty_.begin() + number);
  ignored_.erase(ignored_.begin() + number);
  known_views_.erase(known_views_.begin() + number);
  later_lots_.erase(later_lots_.begin() + number);
  for (StepRecord& row : history_)
    for (auto* aurocs : {&row.image_auroc, &row.pixel_auroc})
      if (index < aurocs->size()) aurocs->erase(aurocs->begin() + number);
  if (std::ranges::find(objects_, step, &ObjectRecord::step) != objects_.end()) return;
  // Nothing is left of its step.
  if (static_cast<size_t>(step) < history_.size()) history_.erase(history_.begin() + step);
  for (ObjectRecord& object : objects_) object.step -= object.step > step;
  --steps_;
}

void Model::rename(const std::string& name, const std::string& to) {
  const auto object = std::ranges::find(objects_, name, &ObjectRecord::name);
  if (object == objects_.end()) expected_object(name);  // says which ones there are
  checked_name("the new name", to);
  if (std::ranges::find(objects_, to, &ObjectRecord::name) != objects_.end())
    fail("object '", to, "' is already in the model; choose another name");
  if (object->learned_as.empty()) object->learned_as = object->name;
  object->name = to;
  if (object->learned_as == to) object->learned_as.clear();
}

}  // namespace iuf
