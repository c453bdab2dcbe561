#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

struct SynthFlags {
  std::filesystem::path out;
  SynthScene scene = SynthScene::products;
  uint64_t seed = 0;
  std::optional<Extent> size;
  std::optional<int> train, test_good, per_defect;  // absent: as many as the scene has
  std::vector<std::string> objects;
};

SynthOptions options_of(const SynthFlags& f) {
  SynthOptions o = synth_defaults(f.scene);
  o.seed = f.seed;
  o.size = f.size.value_or(o.size);
  o.train = f.train.value_or(o.train);
  o.test_good = f.test_good.value_or(o.test_good);
  o.per_defect = f.per_defect.value_or(o.per_defect);
  o.objects = f.objects;
  return o;
}

}  // namespace

Action synth_command(CLI::App& app) {
  auto f = std::make_shared<SynthFlags>();
  const SynthOptions products = synth_defaults(SynthScene::products), plates = synth_defaults(SynthScene::plates);
  const auto count = [&](const std::string& flag, std::optional<int>& value, const std::string& help, int of_products,
                         int of_plates) {
    app.add_option(flag, value,
                   help + " (" + std::to_string(of_products) + "; plates: " + std::to_string(of_plates) + ")")
        ->check(within(range(0, synthetic_most_images)))
        ->type_name("N");
  };
  app.add_option("out", f->out, "the folder to make, in MVTec-AD's layout")->required()->type_name("FOLDER");
  add_choice(app, "--scene", choice_of(f->scene), "small products, or large photographs with defects of a few pixels");
  app.add_option("--seed", f->seed, "equal seeds give equal files on any machine")
      ->capture_default_str()
      ->type_name("N");
  app.add_option(
         "--size", f->size,
         "pixels: of products N, width and height (256); of plates WIDTHxHEIGHT (plate 2448x2048, strip 4096x1000)")
      ->check(accepted_by([](const std::string& text) {
        Extent size;
        std::istringstream in(text);
        if (!(in >> size) || in.peek() != std::istringstream::traits_type::eof())
          fail("needs N or WIDTHxHEIGHT in pixels, not '", text, "'");
      }))
      ->type_name("N|WxH");
  count("--train", f->train, "normal images to learn from, per object", products.train, plates.train);
  count("--test-good", f->test_good, "normal test images, per object", products.test_good, plates.test_good);
  count("--per-defect", f->per_defect, "defective images per object and kind of defect", products.per_defect,
        plates.per_defect);
  app.add_option("--objects", f->objects,
                 "some of " + joined(synthetic_object_names(), ",") +
                     "; of plates: " + joined(synthetic_object_names(SynthScene::plates), ","))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
  return [f](ProgressLine& progress) {
    const SynthOptions options = options_of(*f);
    judged([&] { check(options); });
    write_synthetic(f->out, options, std::ref(progress));
    std::cout << f->out.string() << "\n";
    return 0;
  };
}

}  // namespace iuf
