#include "bench/models.h"

#include "nn/hash.h"
#include "tensor/random.h"

namespace iuf::bench {

std::vector<std::string> chosen_methods(const std::vector<std::string>& names) {
  if (names.empty() || names == std::vector<std::string>{"all"}) return method_names();
  for (const std::string& name : names) method_info(name);
  return names;
}

Settings short_settings(const std::string& method, int64_t epochs, uint64_t seed) {
  Settings settings = starting_settings("fast", method);
  if (method_info(method).trains) settings.epochs = settings.increment_epochs = epochs;
  settings.seed = static_cast<int64_t>(seed);
  return settings;
}

Model learned(const std::string& method, const Settings& settings, const std::vector<std::vector<Model::Source>>& steps,
              const std::filesystem::path& out) {
  Model model("fast", method, settings, Backbone::embedded());
  const FeatureCache cache(out / "cache", model.extractor());
  for (const std::vector<Model::Source>& step : steps) model.learn(step, cache, {});
  return model;
}

uint64_t fingerprint(const Settings& settings, const std::vector<std::string>& files) {
  const std::string text = to_json(settings).dump();
  uint64_t hash = hash_bytes(std::as_bytes(std::span(text)), 0);
  for (const std::string& file : files) hash = mix_key(hash, hash_bytes(std::as_bytes(std::span(file)), 0));
  return hash;
}

}  // namespace iuf::bench
