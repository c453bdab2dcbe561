#include "iuf/run/variants.h"

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

// The published code's choices at the comparison's backbone, sizes and budget.
void released(Settings& s) {
  const nlohmann::json all = to_json(s);
  nlohmann::json kept;
  for (const char* name : {"backbone", "image-size", "window", "orientation", "grid", "stem", "hidden", "heads",
                           "encoder-layers", "decoder-layers", "feed-forward", "epochs", "increment-epochs", "batch",
                           "seed", "held-out", "false-alarms", "metrics-size"})
    kept[name] = all.at(name);
  s = settings_from_json(kept, profile("released"), "comparison");
}

}  // namespace

const std::vector<Variant>& known_variants() {
  static const std::vector<Variant> variants = {
      {"padim", "PaDiM", "padim", true},
      {"patchcore", "PatchCore", "patchcore", true},
      {"draem", "DRAEM", "draem", true},
      {"cad-dne", "CAD + DNE", "cad-dne", true},
      {"cad-cutpaste", "CAD + CutPaste", "cad-cutpaste", true},
      {"cad-panda", "CAD + PANDA", "cad-panda", true},
      {"uniad", "UniAD", "uniad", true},
      {"ewc", "UniAD + EWC", "ewc", true},
      {"si", "UniAD + SI", "si", true},
      {"mas", "UniAD + MAS", "mas", true},
      {"lvt", "UniAD + LVT", "lvt", true},
      {"finetune", "IUF, fine-tuned (lower bound)", "finetune"},
      {"iuf", "IUF", "iuf", true},
      {"iuf-no-oasa", "IUF without OASA", "iuf", true, {}, [](Settings& s) { s.oasa = false; }},
      {"iuf-no-scl", "IUF without SCL", "iuf", true, {}, [](Settings& s) { s.compression = CompressionKind::off; }},
      {"iuf-no-projection",
       "IUF without projected updates",
       "iuf",
       true,
       {},
       [](Settings& s) { s.projection = false; }},
      {"iuf-raw", "IUF, raw score", "iuf", false, {}, [](Settings& s) { s.score = ScoreKind::raw; }},
      {"iuf-whitened", "IUF, whitened score", "iuf", false, {}, [](Settings& s) { s.score = ScoreKind::whitened; }},
      {"iuf-gaussian",
       "IUF, one Gaussian of local features",
       "iuf",
       false,
       {},
       [](Settings& s) { s.local = LocalKind::gaussian; }},
      {"iuf-released", "IUF as released", "iuf", false, "released", released},
      {"joint", "IUF, joint training (upper bound)", "iuf", false, {}, [](Settings&) {}, true},
      {"patchcore-all",
       "PatchCore, bank of all steps",
       "patchcore",
       false,
       {},
       [](Settings& s) { set(s, "memory", "all"); }},
      {"padim-all", "PaDiM, merged", "padim", false, {}, [](Settings& s) { set(s, "memory", "all"); }},
      {"coreset", "coreset", "coreset"},
      {"gaussian", "gaussian", "gaussian"},
      {"surroundings", "surroundings", "surroundings"},
  };
  return variants;
}

std::vector<std::string> variant_names() {
  std::vector<std::string> names;
  for (const Variant& variant : known_variants()) names.push_back(variant.name);
  return names;
}

std::vector<Variant> parse_variants(const std::string& list) {
  std::vector<Variant> chosen;
  std::set<std::string> taken;
  std::istringstream text(list);
  for (std::string name; std::getline(text, name, ',');) {
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    const size_t before = chosen.size();
    for (const Variant& variant : known_variants())
      if ((name == "all" || name == variant.name || (name == "paper" && variant.paper)) &&
          taken.insert(variant.name).second)
        chosen.push_back(variant);
    const bool known = chosen.size() > before || taken.contains(name) || name == "all" || name == "paper";
    if (!known)
      fail("unknown method '", name, "'", suggestion(name, variant_names()), "; there are: all, paper, ",
           joined(variant_names()));
  }
  if (chosen.empty()) fail("no methods to compare; name some, or `all`, or `paper`");
  return chosen;
}

}  // namespace iuf
