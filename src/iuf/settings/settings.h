#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/optimizer.h"
#include "nn/schedule.h"

namespace iuf {

// Every choice that the paper leaves open, that the released code makes differently, or that this project adds, is one
// named value here. A profile is a set of such values; nothing else distinguishes `paper`, `released` and `fast`.

enum class Align { corners, area };                   // how feature maps reach the token grid
enum class Stem { patch16, pixel };                   // of the discriminator
enum class CompressionKind { paper, released, off };  // Eq. 7, or as the published code computes it, or not at all
enum class BasisKind { stored, replay };           // of the old objects (Eq. 10): second moments, or their images again
enum class ScoreKind { raw, whitened, fused };     // ||R||, sqrt(R^T S^-1 R), or that plus the local Gaussian's map
enum class ObjectChoice { classifier, best_fit };  // who says which object an image shows
enum class Memory { step, all };                   // what PaDiM and PatchCore remember: the current step, or all
enum class Pooling { max_pool16, max, mean, deviation };  // anomaly map -> image score

struct Settings {
  // backbone and features
  std::string backbone = "efficientnet_lite0";
  int64_t image_size = 224;
  int64_t grid = 14;
  Align align = Align::area;
  bool standardise = true;  // each channel by the base step's mean and deviation

  // networks
  int64_t hidden = 128;
  int64_t heads = 8;
  int64_t encoder_layers = 4;
  int64_t decoder_layers = 4;
  int64_t feed_forward = 512;
  double dropout = 0;
  double jitter = 20;  // token += N(0,1) * ||token|| / C * jitter
  Stem stem = Stem::patch16;
  bool oasa = true;            // object-aware self-attention (Eq. 4) and its discriminator (Eq. 3)
  int64_t neighbour_mask = 0;  // side of the masked neighbourhood in all attentions; 0: none (7 in UniAD)
  bool external_key = false;   // a learnable key and bias in the encoder's attention (LVT)

  // losses
  double reconstruction_weight = 1;    // lambda 0
  double classification_weight = 0.5;  // lambda 1
  double compression_weight = 1;       // lambda 2
  CompressionKind compression = CompressionKind::paper;
  double compression_from = 0.5;  // t of Eq. 7 as a share of min(batch, channels); released: the ratio over 256

  // training
  int64_t epochs = 15;
  int64_t increment_epochs = 15;
  int64_t batch = 8;
  OptimizerKind optimizer = OptimizerKind::adamw;
  double learning_rate = 1e-3;
  double weight_decay = 1e-4;
  double clip = 1;
  ScheduleKind schedule = ScheduleKind::one_cycle;
  OptimizerKind increment_optimizer = OptimizerKind::adamw;
  double increment_learning_rate = 1e-3;
  int64_t seed = 0;

  // keeping the old objects
  double pull = 0.05;      // eta of Eq. 9
  double settle = 0.35;    // share of an increment's change that stays: the last pull has eta = 1 - settle
  bool projection = true;  // Eq. 10-12
  BasisKind basis = BasisKind::stored;
  bool compress_increments = false;  // Eq. 7 also after the base step

  // penalties on what leaves the old weights: EWC, SI, MAS, LVT
  double penalty = 0;          // lambda; each of these methods has its own default
  double path_damping = 1e-3;  // xi of SI

  // scores
  ScoreKind score = ScoreKind::fused;
  double ridge = 0.01;  // S = cov + ridge * I
  ObjectChoice object = ObjectChoice::best_fit;
  Pooling pooling = Pooling::max_pool16;
  double blur = 0;         // of the map, Gaussian sigma in pixels
  double held_out = 0.15;  // share of the normal images kept out of training, for the threshold
  double quantile = 0.99;  // of their scores: the threshold

  // methods without a network to train
  int64_t bank_size = 2000;  // coreset: features kept per object
  int64_t bank_candidates =
      100000;                     // coreset (per object), patchcore (per step): features a bank is chosen from at most
  int64_t padim_channels = 100;   // chosen at random; all where there are fewer
  double patchcore_share = 0.01;  // of a step's features: its bank
  int64_t patchcore_limit = 10000;  // features of all steps together, with memory = all
  Memory memory = Memory::step;

  // CAD: an extractor of whole images, fine-tuned
  int64_t cad_size = 224;  // images are resized to this square
  int64_t cad_blocks = 3;  // of the extractor's 11, the last ones: trained

  // DRAEM: two convolutional networks, trained from scratch
  int64_t draem_size = 64;          // images are resized to this square
  int64_t draem_width = 16;         // channels of the first stage; the last have 8 times as many
  std::string draem_textures = {};  // folder of images to paste from; empty: textures are made
};

/// `fast` (the default), `paper`, `released`. Throws Error listing them for any other name.
Settings profile(std::string_view name);
std::vector<std::string> profile_names();

/// The spelling of a choice.
template <class Enum>
struct Names;
template <>
struct Names<Align> {
  static std::vector<std::pair<std::string, Align>> all() {
    return {{"corners", Align::corners}, {"area", Align::area}};
  }
};
template <>
struct Names<Stem> {
  static std::vector<std::pair<std::string, Stem>> all() {
    return {{"patch16", Stem::patch16}, {"pixel", Stem::pixel}};
  }
};
template <>
struct Names<CompressionKind> {
  static std::vector<std::pair<std::string, CompressionKind>> all() {
    return {{"paper", CompressionKind::paper}, {"released", CompressionKind::released}, {"off", CompressionKind::off}};
  }
};
template <>
struct Names<BasisKind> {
  static std::vector<std::pair<std::string, BasisKind>> all() {
    return {{"stored", BasisKind::stored}, {"replay", BasisKind::replay}};
  }
};
template <>
struct Names<ScoreKind> {
  static std::vector<std::pair<std::string, ScoreKind>> all() {
    return {{"raw", ScoreKind::raw}, {"whitened", ScoreKind::whitened}, {"fused", ScoreKind::fused}};
  }
};
template <>
struct Names<ObjectChoice> {
  static std::vector<std::pair<std::string, ObjectChoice>> all() {
    return {{"classifier", ObjectChoice::classifier}, {"best-fit", ObjectChoice::best_fit}};
  }
};
template <>
struct Names<Memory> {
  static std::vector<std::pair<std::string, Memory>> all() { return {{"step", Memory::step}, {"all", Memory::all}}; }
};
template <>
struct Names<Pooling> {
  static std::vector<std::pair<std::string, Pooling>> all() {
    return {{"max-pool16", Pooling::max_pool16},
            {"max", Pooling::max},
            {"mean", Pooling::mean},
            {"std", Pooling::deviation}};
  }
};
template <>
struct Names<OptimizerKind> {
  static std::vector<std::pair<std::string, OptimizerKind>> all() {
    return {{"adamw", OptimizerKind::adamw}, {"sgd", OptimizerKind::sgd}};
  }
};
template <>
struct Names<ScheduleKind> {
  static std::vector<std::pair<std::string, ScheduleKind>> all() {
    return {{"constant", ScheduleKind::constant}, {"step", ScheduleKind::step}, {"one-cycle", ScheduleKind::one_cycle}};
  }
};

/// Visits every setting as field(group, name, value, help): flags, config files, JSON and checks are made from this
/// list.
template <class SettingsRef, class Field>
void visit_settings(SettingsRef& s, Field&& field) {
  field("Features", "backbone", s.backbone, "frozen feature extractor; see `iuf info --backbones`");
  field("Features", "image-size", s.image_size, "images are resized to this square");
  field("Features", "grid", s.grid, "tokens per side");
  field("Features", "align", s.align, "how feature maps reach the grid");
  field("Features", "standardise", s.standardise, "scale each channel by the base step's statistics");
  field("Network", "hidden", s.hidden, "channels of the transformer");
  field("Network", "heads", s.heads, "attention heads of the transformer");
  field("Network", "encoder-layers", s.encoder_layers, "");
  field("Network", "decoder-layers", s.decoder_layers, "");
  field("Network", "feed-forward", s.feed_forward, "hidden units of the feed-forward layers");
  field("Network", "dropout", s.dropout, "");
  field("Network", "jitter", s.jitter, "noise on the tokens while training");
  field("Network", "stem", s.stem, "of the discriminator");
  field("Network", "oasa", s.oasa, "object-aware self-attention (Eq. 3-4)");
  field("Network", "neighbour-mask", s.neighbour_mask, "side of the masked neighbourhood in attention; 0: none");
  field("Network", "external-key", s.external_key, "learnable key and bias in the encoder's attention (lvt)");
  field("Loss", "reconstruction-weight", s.reconstruction_weight, "lambda 0");
  field("Loss", "classification-weight", s.classification_weight, "lambda 1");
  field("Loss", "compression-weight", s.compression_weight, "lambda 2");
  field("Loss", "compression", s.compression, "semantic compression loss (Eq. 7)");
  field("Loss", "compression-from", s.compression_from, "t as a share of the singular values");
  field("Training", "epochs", s.epochs, "of the base step");
  field("Training", "increment-epochs", s.increment_epochs, "of every later step");
  field("Training", "batch", s.batch, "images per step");
  field("Training", "optimizer", s.optimizer, "of the base step");
  field("Training", "learning-rate", s.learning_rate, "peak, base step");
  field("Training", "weight-decay", s.weight_decay, "of AdamW");
  field("Training", "clip", s.clip, "largest gradient norm; 0: none");
  field("Training", "schedule", s.schedule, "of the learning rate");
  field("Training", "increment-optimizer", s.increment_optimizer, "of every later step");
  field("Training", "increment-learning-rate", s.increment_learning_rate, "peak, later steps");
  field("Training", "seed", s.seed, "of everything random");
  field("Retention", "pull", s.pull, "eta of Eq. 9: pull to the old weights after each step");
  field("Retention", "settle", s.settle, "share of an increment's change of the weights that stays; 1: all");
  field("Retention", "projection", s.projection, "project updates away from old directions (Eq. 10-12)");
  field("Retention", "basis", s.basis, "of the old objects: stored moments, or their images again");
  field("Retention", "compress-increments", s.compress_increments, "Eq. 7 also after the base step");
  field("Penalty", "penalty", s.penalty, "lambda of ewc, si, mas and lvt, which have their own defaults");
  field("Penalty", "path-damping", s.path_damping, "xi of si");
  field("Score", "score", s.score, "what the anomaly map shows");
  field("Score", "ridge", s.ridge, "added to the diagonal of covariances");
  field("Score", "object", s.object, "who names the object of an image");
  field("Score", "pooling", s.pooling, "anomaly map to image score");
  field("Score", "blur", s.blur, "Gaussian blur of the map, sigma in pixels");
  field("Score", "held-out", s.held_out, "share of normal images kept for the threshold");
  field("Score", "quantile", s.quantile, "of held-out normal scores: the threshold");
  field("Without training", "bank-size", s.bank_size, "coreset: features kept per object");
  field("Without training", "bank-candidates", s.bank_candidates,
        "coreset, patchcore: features to choose a bank from at most");
  field("Without training", "padim-channels", s.padim_channels, "padim: channels taken at random");
  field("Without training", "patchcore-share", s.patchcore_share, "patchcore: of a step's features, kept in the bank");
  field("Without training", "patchcore-limit", s.patchcore_limit, "patchcore: features of all steps with memory = all");
  field("Without training", "memory", s.memory, "padim, patchcore: what they remember, the last step or all");
  field("CAD", "cad-size", s.cad_size, "images are resized to this square");
  field("CAD", "cad-blocks", s.cad_blocks, "last blocks of the extractor that are trained");
  field("DRAEM", "draem-size", s.draem_size, "images are resized to this square");
  field("DRAEM", "draem-width", s.draem_width, "channels of the first stage");
  field("DRAEM", "draem-textures", s.draem_textures, "folder of images to paste from; empty: textures are made");
}

nlohmann::json to_json(const Settings& settings);
/// Starts from `base`; unknown keys and wrong types are an Error naming the key and `source`. Ranges are left to
/// check(), once the method has adjusted the settings.
Settings settings_from_json(const nlohmann::json& json, const Settings& base, const std::string& source);
/// The side of the largest neighbourhood that still lets every position of a grid x grid image see something.
int64_t largest_neighbour_mask(int64_t grid);
/// Throws Error naming the setting when values are out of range or do not fit together.
void check(const Settings& settings);

}  // namespace iuf
