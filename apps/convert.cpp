#include "nn/convert.h"

#include <iostream>

#include "apps/command.h"
#include "apps/flag_values.h"
#include "apps/flags.h"
#include "apps/settings_flags.h"
#include "iuf/features/published_weights.h"
#include "iuf/run/model_history.h"
#include "iuf/run/published_checkpoint.h"
#include "iuf/run/run_files.h"
#include "nn/safetensors.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

struct ConvertFlags {
  std::filesystem::path in, out;
  bool as_model = false;
  AdoptOptions adopt;
  VersionLimits versions = {};
  std::unique_ptr<SettingsFlags> settings;
};

// What the weights are good for, by their names and shapes.
void print_use(const TensorFile& weights) {
  if (weights.contains("input_proj.weight")) std::cout << "weights of IUF or UniAD: --as-model makes a model of them\n";
  if (!weights.contains("_conv_stem.weight") && !weights.contains("layer1.0.conv1.weight")) return;
  for (const BackboneInfo& info : known_backbones())
    if (Backbone::fits(info.name, weights)) {
      std::cout << "usable as --backbone " << info.name << " --weights FILE\n";
      return;
    }
  std::cout
      << "of no backbone that this program knows; `iuf train --backbone NAME --weights FILE` lists what is missing\n";
}

int convert(const ConvertFlags& f, ProgressLine& progress) {
  const WeightsFile weights = read_published_weights(f.in);
  const ConvertReport report = convert_weights(weights, f.out);
  for (const std::string& name : weights.skipped) progress.note("not a tensor, left out: " + name);
  std::cout << f.in.string() << " (" << weights.format << ") -> " << f.out.string() << ": " << report.tensors
            << " tensors, " << report.bytes << " bytes";
  if (report.widened) std::cout << ", " << report.widened << " widened to float32";
  std::cout << "\n";
  print_use(read_safetensors(f.out));
  return 0;
}

// What the model lacks, and what of the checkpoint it leaves out.
void note_limits(const Adopted& adopted, const AdoptOptions& o, ProgressLine& progress) {
  for (const std::string& name : adopted.unknown) progress.note("unknown, left out: " + name);
  if (adopted.spare_classes)
    progress.note("the last " + std::to_string(adopted.spare_classes) +
                  " outputs of its discriminator belong to no named object: left out");
  if (!o.normal) progress.note("no --normal: the model scores images but has no thresholds to judge them by");
  if (adopted.model.method_name() == "uniad")
    progress.note("a model of UniAD: `iuf add` trains it on without protecting its objects");
  else if (!adopted.old_space)
    progress.note("no --normal, no token means: `iuf add` protects its objects by the pull (Eq. 9) alone");
}

int make_model(ConvertFlags& f, ProgressLine& progress) {
  AdoptOptions& o = f.adopt;
  o.checkpoint = f.in;
  const TensorFile weights = read_published_weights(f.in).tensors;
  o.settings = f.settings->adjusted(settings_of_checkpoint(weights, profile(o.profile)), method_of_checkpoint(weights));
  o.cache = o.cache.or_in(cache_beside(f.out));
  std::optional<ModelLock> lock;
  if (std::filesystem::exists(f.out)) lock.emplace(f.out);
  Adopted adopted = adopt_checkpoint(o, {.progress = std::ref(progress)});
  save_version(adopted.model, f.out, {.command = "convert", .objects = o.objects, .what = "made of a checkpoint"},
               f.versions, std::ref(progress));
  progress.finish();
  note_limits(adopted, o, progress);
  const Settings& s = adopted.model.settings();
  std::cout << "model of method " << adopted.model.method_name() << ", " << adopted.model.objects().size()
            << " objects, backbone " << s.backbone << ", hidden " << s.hidden << ", " << s.heads << " heads, "
            << s.encoder_layers << " + " << s.decoder_layers << " layers, " << s.grid << " x " << s.grid
            << " tokens, image size " << s.image_size << "\n"
            << "model   " << f.out.string() << "\n";
  return 0;
}

}  // namespace

Action convert_command(CLI::App& app) {
  auto f = std::make_shared<ConvertFlags>();
  app.add_option("in", f->in, "weights: .safetensors, or .pth / .pt as PyTorch writes them")
      ->required()
      ->type_name("FILE");
  app.add_option("out", f->out, "the safetensors file to write")->required()->type_name("FILE");
  CLI::Option* as_model =
      app.add_flag("--as-model", f->as_model, "make a model of an official IUF or UniAD checkpoint");
  std::vector<CLI::Option*> only = {
      add_objects(app, f->adopt.objects, "that the checkpoint was trained on, in the order of its labels"),
      add_profile(app, f->adopt.profile, "where all settings below start, but for those that the checkpoint gives"),
      app.add_option("--weights", f->adopt.backbone_weights,
                     "of the backbone; default: those in the checkpoint, or in the program")
          ->type_name("FILE"),
      app.add_option("--normal", f->adopt.normal,
                     "a data set with normal images of the objects: gives thresholds and what later steps need")
          ->type_name("DATA"),
      add_cache(app, f->adopt.cache, "a folder `cache` beside OUT")};
  add_versions(app, f->versions);
  for (const char* flag : {"--cache-size", "--keep-versions", "--keep-mib"}) only.push_back(app.get_option(flag));
  f->settings = std::make_unique<SettingsFlags>(app, f->adopt.profile);
  for (CLI::Option* option : only) option->needs(as_model)->group("With --as-model");
  app.footer(
      "The settings are for --as-model: the profile sets them all, the checkpoint what it gives, flags come last. "
      "Defaults shown: profile " +
      f->adopt.profile + ".");
  return [f](ProgressLine& progress) {
    if (f->as_model) return make_model(*f, progress);
    if (f->settings->given()) throw UsageError("convert: settings are for a model; add --as-model");
    return convert(*f, progress);
  };
}

}  // namespace iuf
