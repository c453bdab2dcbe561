#include "support/small_model.h"

#include "iuf/data/dataset.h"
#include "iuf/synthetic/data_set.h"

namespace iuf {
namespace {

Settings small(const std::string& method) {
  Settings s = starting_settings("fast", method);
  s.image_size = 64;
  s.grid = 4;
  s.hidden = 16;
  s.heads = 2;
  s.encoder_layers = s.decoder_layers = 1;
  s.feed_forward = 16;
  s.neighbour_mask = s.neighbour_mask > 0 ? 1 : 0;
  s.epochs = s.increment_epochs = 1;
  for (const auto& [name, value] :
       {std::pair{"padim-channels", 8}, {"bank-size", 50}, {"cad-size", 64}, {"draem-size", 32}, {"draem-width", 2}})
    set(s, name, value);
  return s;
}

}  // namespace

SmallModel::SmallModel(const std::string& method, const nlohmann::json& settings)
    : model(std::make_unique<Model>("fast", method, settings_from_json(settings, small(method), "test"),
                                    Backbone::embedded())) {
  write_synthetic(folder.path() / "data",
                  {.size = 64, .train = 6, .test_good = 1, .per_defect = 1, .objects = {"biscuit", "gear"}}, {});
  const FeatureCache cache(folder.path() / "cache", model->extractor());
  for (const char* object : {"biscuit", "gear"}) model->learn({{object, images(object)}}, cache, {});
}

std::vector<std::string> SmallModel::images(const std::string& object) const {
  std::vector<std::string> files;
  for (const std::filesystem::path& file : list_images(folder.path() / "data" / object / "train" / "good"))
    files.push_back(file.string());
  return files;
}

ImageFeatures SmallModel::features(const std::string& object) const {
  return model->extractor()(read_image(images(object).front()));
}

}  // namespace iuf
