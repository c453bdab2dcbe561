#include "iuf/run/published_checkpoint.h"

#include <algorithm>
#include <numeric>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/features/published_weights.h"
#include "nn/safetensors.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

const char* const kBackbone = "backbone.";
const std::string kFirstLayer = "vitclassifiy.conv1.weight", kLastLayer = "vitclassifiy.fc.2";  // of the discriminator

int64_t size_of(const TensorFile& file, const std::string& name, size_t axis) {
  const std::vector<int64_t>& shape = file.shape(name);
  if (axis >= shape.size()) fail(file.path(), ": '", name, "' has ", shape.size(), " axes");
  return shape[axis];
}

int64_t layers(const TensorFile& file, const std::string& stack) {
  int64_t n = 0;
  while (file.contains("transformer." + stack + ".layers." + std::to_string(n) + ".linear1.weight")) ++n;
  return n;
}

bool is_token_means(const std::string& name) {
  return name.starts_with(std::string(kTokenMeans) + ".");
}

// The tensors of the network, with the first `classes` outputs of the discriminator if it has one, and the token means.
TensorFile network_of(const TensorFile& checkpoint, int64_t classes) {
  const bool discriminator = checkpoint.contains(kFirstLayer);
  TensorFile alone(checkpoint.path());
  for (const std::string& name : checkpoint.names()) {
    if (name.starts_with(kBackbone) || name.starts_with("neck.")) continue;
    StoredTensor tensor = checkpoint.at(name);
    if (discriminator && (name == kLastLayer + ".weight" || name == kLastLayer + ".bias")) {
      const size_t row = tensor.bytes.size() / static_cast<size_t>(tensor.shape.at(0));
      tensor.shape[0] = classes;
      tensor.bytes = tensor.bytes.first(row * static_cast<size_t>(classes));
    }
    alone.add(name, tensor);
  }
  return alone;
}

int64_t channels_of(const BackboneInfo& info) {
  return std::accumulate(info.channels.begin(), info.channels.end(), int64_t{0});
}

Backbone backbone_of(const TensorFile& checkpoint, const AdoptOptions& o) {
  const BackboneInfo& info = backbone_info(o.settings.backbone);
  const int64_t wanted = size_of(checkpoint, "input_proj.weight", 1);
  if (channels_of(info) != wanted) {
    std::vector<std::string> fitting;
    for (const BackboneInfo& other : known_backbones())
      if (channels_of(other) == wanted) fitting.push_back(other.name);
    fail(checkpoint.path(), ": its features have ", wanted, " channels, those of ", info.name, " ", channels_of(info),
         fitting.empty() ? "; no backbone of this program has as many"
                         : "; choose a --backbone that has as many: " + joined(fitting));
  }
  if (o.backbone_weights) return load_backbone(info.name, o.backbone_weights);
  const bool inside =
      std::ranges::any_of(checkpoint.names(), [](const std::string& name) { return name.starts_with(kBackbone); });
  return inside ? Backbone::load(info.name, checkpoint, kBackbone) : load_backbone(info.name, std::nullopt);
}

// Throws Error where the settings are not those of the checkpoint's tensors.
void require_settings(const TensorFile& checkpoint, const Settings& s) {
  const Settings found = settings_of_checkpoint(checkpoint, s);
  const auto same = [&](const char* name, int64_t given, int64_t stored) {
    if (given != stored) fail(checkpoint.path(), ": its ", name, " is ", stored, ", not ", given);
  };
  same("hidden", s.hidden, found.hidden);
  same("feed-forward", s.feed_forward, found.feed_forward);
  same("encoder-layers", s.encoder_layers, found.encoder_layers);
  same("decoder-layers", s.decoder_layers, found.decoder_layers);
  same("grid", s.grid, found.grid);
  same("oasa", s.oasa, found.oasa);
  if (s.oasa) same("stem's patch", s.stem == Stem::pixel ? 1 : 16, found.stem == Stem::pixel ? 1 : 16);
  if (s.standardise) fail("setting 'standardise': the statistics for it are not in a checkpoint; use false");
}

// Whether the old objects' channel space will be known: from normal images, or from the checkpoint's token means.
bool knows_old_space(const TensorFile& checkpoint, const AdoptOptions& o) {
  const Settings& s = o.settings;
  bool old_space = s.oasa && o.normal.has_value();
  for (const std::string& name : checkpoint.names()) {
    if (!is_token_means(name)) continue;
    const std::vector<int64_t>& shape = checkpoint.shape(name);
    if (shape.size() != 2 || shape[1] != s.hidden)
      fail(checkpoint.path(), ": '", name, "' is not images x ", s.hidden, " channels");
    old_space = s.oasa;
  }
  return old_space;
}

// The normal images of the objects; none without a data set.
std::vector<Model::Source> sources_of(const AdoptOptions& o, const Progress& progress) {
  std::vector<Model::Source> sources;
  const std::optional<Dataset> data = o.normal ? std::optional(read_dataset(*o.normal)) : std::nullopt;
  if (data) note_data(*data, o.objects, progress);
  for (const std::string& object : o.objects) {
    sources.push_back({object, {}});
    if (!data) continue;
    for (const Sample& sample : data->select(object, Part::train))
      sources.back().images.push_back(sample.file.string());
    if (sources.back().images.empty()) fail(o.normal->string(), ": has no normal training images of '", object, "'");
  }
  return sources;
}

}  // namespace

Settings settings_of_checkpoint(const TensorFile& file, const Settings& base) {
  for (const char* name : {"input_proj.weight", "pos_embed.row_embed.weight", "pos_embed.col_embed.weight",
                           "transformer.encoder.layers.0.linear1.weight"})
    if (!file.contains(name))
      fail(file.path(), ": no checkpoint of IUF or UniAD: it has no '", name, "'; `iuf info` lists what it holds");
  Settings s = base;
  s.hidden = size_of(file, "input_proj.weight", 0);
  s.feed_forward = size_of(file, "transformer.encoder.layers.0.linear1.weight", 0);
  s.encoder_layers = layers(file, "encoder");
  s.decoder_layers = layers(file, "decoder");
  s.grid = size_of(file, "pos_embed.row_embed.weight", 0);
  if (s.grid != size_of(file, "pos_embed.col_embed.weight", 0))
    fail(file.path(), ": its grid of ", s.grid, " x ", size_of(file, "pos_embed.col_embed.weight", 0),
         " tokens is not square");
  s.image_size = 16 * s.grid;
  s.oasa = file.contains(kFirstLayer);
  if (s.oasa) {
    const int64_t patch = size_of(file, kFirstLayer, 2);
    if (patch != 1 && patch != 16)
      fail(file.path(), ": the discriminator's stem has patches of ", patch, " pixels; 1 and 16 are supported");
    s.stem = patch == 1 ? Stem::pixel : Stem::patch16;
  } else {
    const MethodInfo& uniad = method_info(method_of_checkpoint(file));
    uniad.defaults(s);
    uniad.adjust(s);
  }
  return s;
}

std::string method_of_checkpoint(const TensorFile& checkpoint) {
  return checkpoint.contains(kFirstLayer) ? "iuf" : "uniad";
}

Adopted adopt_checkpoint(const AdoptOptions& o, const StepContext& context) {
  const TensorFile checkpoint = read_published_weights(o.checkpoint).tensors;
  const Settings& s = o.settings;
  require_settings(checkpoint, s);
  const auto count = static_cast<int64_t>(o.objects.size());
  int64_t spare = 0;
  if (count < 1) fail(checkpoint.path(), ": name the objects it was trained on, in the order of its labels");
  if (s.oasa) {
    const int64_t classes = size_of(checkpoint, kLastLayer + ".weight", 0);
    if (const int64_t biases = size_of(checkpoint, kLastLayer + ".bias", 0); classes != biases)
      fail(checkpoint.path(), ": its last layer has ", classes, " rows of weights, but ", biases, " biases: damaged");
    if (count > classes)
      fail(checkpoint.path(), ": tells ", classes, " objects apart, but ", count, " names are given");
    spare = classes - count;
  }
  const bool old_space = knows_old_space(checkpoint, o);
  if (!o.normal && !s.oasa && count > 1)
    fail(checkpoint.path(), ": cannot tell objects apart by itself; give their normal images, or one name for all");
  if (!o.normal && s.score != ScoreKind::raw)
    fail("setting 'score': 'whitened' and 'fused' need statistics of normal images; give those, or use 'raw'");

  const std::vector<Model::Source> sources = sources_of(o, context.progress);
  Adopted adopted{.model = Model(o.profile, method_of_checkpoint(checkpoint), s, backbone_of(checkpoint, o)),
                  .unknown = {},
                  .spare_classes = spare,
                  .old_space = old_space};
  const TensorFile network = network_of(checkpoint, count);
  adopted.model.learn(sources, FeatureCache(o.cache, adopted.model.extractor()), context, {}, &network);
  const std::vector<std::byte> bytes = adopted.model.bytes();
  const TensorFile kept = parse_safetensors(bytes, "model");
  for (const std::string& name : network.names())
    if (!name.ends_with("num_batches_tracked") && !is_token_means(name) && !kept.contains("network." + name))
      adopted.unknown.push_back(name);
  return adopted;
}

}  // namespace iuf
