// Sizes and counts of a file that index what lies elsewhere: a working size that does not fit its grids, sums of an
// unfinished step that are shorter than the weights they belong to.

#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>

#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/small_model.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// The same file with its checksum made anew, and each tensor as `change` leaves it.
void rewrite(const fs::path& path,
             const std::function<bool(SafetensorsWriter&, const TensorFile&, const std::string&)>& change) {
  const std::vector<std::byte> bytes = read_file(path);
  const TensorFile file = parse_safetensors(bytes, path.string());
  SafetensorsWriter writer;
  bool changed = false;
  for (const std::string& name : file.names()) {
    if (change(writer, file, name))
      changed = true;
    else
      writer.add(name, file.at(name));
  }
  for (const auto& [key, value] : file.metadata()) writer.set_metadata(key, value);
  writer.protect();
  write_file(path, writer.bytes());
  REQUIRE(changed);
}

bool change_integers(SafetensorsWriter& writer, const TensorFile& file, const std::string& name,
                     const std::function<void(std::vector<int64_t>&)>& change) {
  std::vector<int64_t> values = file.integers(name);
  change(values);
  writer.add(name, values);
  return true;
}

}  // namespace

TEST_CASE("a working size or a grid that does not fit the images is refused at load", "[issues][indices]") {
  const SmallModel small("surroundings", {{"views", "coarse,fine"}});
  const fs::path path = small.folder / "model.safetensors";
  small.model->save(path);
  const std::vector<std::byte> whole = read_file(path);
  const auto refused = [&](const std::string& end, const std::function<void(std::vector<int64_t>&)>& change) {
    write_file(path, whole);
    rewrite(path, [&](SafetensorsWriter& writer, const TensorFile& file, const std::string& name) {
      return name.ends_with(end) && change_integers(writer, file, name, change);
    });
    CHECK_THROWS_WITH(Model::load(path), Contains(path.string()) && Contains("grid") && Contains("damaged"));
  };
  refused("working_size", [](std::vector<int64_t>& size) { size[0] += 64; });
  refused("working_size", [](std::vector<int64_t>& size) { size = {size[0] / 2, size[1] * 2}; });
  refused("cells", [](std::vector<int64_t>& cells) { cells[0] *= 2; });
  write_file(path, whole);
  CHECK_NOTHROW(Model::load(path));
}

TEST_CASE("sums of an unfinished step that do not fit the weights are refused", "[issues][indices]") {
  for (const char* method : {"si", "lvt", "iuf"}) {
    CAPTURE(method);
    const SmallModel small(method, {{"increment-epochs", 5}});
    const fs::path path = small.folder / "model.safetensors", state = small.folder / "state.safetensors";
    small.model->save(path);
    const auto learn = [&](int64_t until) {
      Model model = Model::load(path);
      const FeatureCache cache(small.folder / "cache", model.extractor());
      const Progress stop([&](const std::string& stage, int64_t done, int64_t) {
        if (stage == "training" && done == until) throw std::runtime_error("stopped");
      });
      model.learn({{"other", small.images("gear")}}, cache,
                  {.state = state, .checkpoint_seconds = 0, .progress = stop});
    };
    CHECK_THROWS_WITH(learn(4), "stopped");
    REQUIRE(fs::exists(state));
    const std::vector<std::byte> whole = read_file(state);
    const std::string part = method == std::string("iuf") ? "network." : "retention.";
    rewrite(state,
            [&, first = true](SafetensorsWriter& writer, const TensorFile& file, const std::string& name) mutable {
              const Shape shape(file.shape(name));
              if (!first || !name.starts_with(part) || shape.size() < 2 || name.ends_with("iterations")) return false;
              first = false;
              writer.add(name, Tensor::zeros({shape.size() - 1}));
              return true;
            });
    CHECK_THROWS_WITH(learn(5), Contains(state.string()));
    if (method == std::string("lvt")) {
      write_file(state, whole);
      rewrite(state, [&](SafetensorsWriter& writer, const TensorFile& file, const std::string& name) {
        return name == "retention.iterations" &&
               change_integers(writer, file, name, [](std::vector<int64_t>& count) { count.clear(); });
      });
      CHECK_THROWS_WITH(learn(5), Contains(state.string()) && Contains("no count"));
    }
    write_file(state, whole);
    CHECK_NOTHROW(learn(-1));
  }
}
