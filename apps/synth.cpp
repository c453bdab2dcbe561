#include <iostream>

#include "apps/command.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/suggest.h"

namespace iuf {

Action synth_command(CLI::App& app) {
  struct Flags {
    std::filesystem::path out;
    SynthOptions options;
  };
  auto f = std::make_shared<Flags>();
  SynthOptions& o = f->options;
  app.add_option("out", f->out, "the folder to make, in MVTec-AD's layout")->required()->type_name("FOLDER");
  app.add_option("--seed", o.seed, "equal seeds give equal files on any machine")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--size", o.size, "width and height in pixels")->capture_default_str()->type_name("N");
  app.add_option("--train", o.train, "normal images to learn from, per object")->capture_default_str()->type_name("N");
  app.add_option("--test-good", o.test_good, "normal test images, per object")->capture_default_str()->type_name("N");
  app.add_option("--per-defect", o.per_defect, "defective images per object and kind of defect")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--objects", o.objects, "some of " + joined(synthetic_object_names(), ","))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B");
  return [f](ProgressLine& progress) {
    write_synthetic(f->out, f->options, std::ref(progress));
    std::cout << f->out.string() << "\n";
    return 0;
  };
}

}  // namespace iuf
