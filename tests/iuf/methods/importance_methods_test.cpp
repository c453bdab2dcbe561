#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/small_network.h"
#include "support/temporary_folder.h"

using namespace iuf;

namespace {

const char* const kImportance[] = {"ewc", "si", "mas", "lvt"};

TensorFile stored(const std::function<void(SafetensorsWriter&)>& save) {
  SafetensorsWriter writer;
  save(writer);
  const auto bytes = std::make_shared<std::vector<std::byte>>(writer.bytes());
  return parse_safetensors(*bytes, "stored", bytes);
}

// What a method's retention keeps in the model file.
std::vector<std::byte> kept_bytes(const Retention& retention) {
  SafetensorsWriter writer;
  retention.save(writer);
  return writer.bytes();
}
TensorFile kept(const Retention& retention) {
  return stored([&](SafetensorsWriter& writer) { retention.save(writer); });
}

bool same_bits(Reconstruction& a, Reconstruction& b) {
  const std::vector<NamedVar> x = all_tensors(a), y = all_tensors(b);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto p = x[i].var.value().span(), q = y[i].var.value().span();
    if (!std::equal(p.begin(), p.end(), q.begin(), q.end())) return false;
  }
  return x.size() == y.size();
}

}  // namespace

TEST_CASE("importances and penalised steps equal the reference's", "[iuf][methods][golden]") {
  const TensorFile file = golden("parts/retention");
  for (const std::string name : kImportance) {
    INFO(name);
    Settings s = small_settings(file);
    set(s, "penalty", std::stod(file.metadata("strength." + name)));
    const auto method = make_method(name, s);
    Retention& retention = retention_of(*method);
    Reconstruction network = small_network(file, {.external_key = name == "lvt"});
    // float: a gradient is exact to 1e-5 of the largest, its square and what grows from it over the iterations to 1e-4.
    const auto check_importance = [&](const std::string& key) {
      const TensorFile own = kept(retention);
      size_t found = 0;
      for (const std::string& tensor : file.names()) {
        const std::string prefix = name + "." + key + ".";
        if (!tensor.starts_with(prefix)) continue;
        ++found;
        check_close(tensor, own.tensor("importance." + tensor.substr(prefix.size())), file.tensor(tensor), 1e-4, 1e-9);
      }
      CHECK(found == own.names().size());
    };
    learn_step(network, small_step(file.tensor("in.a"), 0), s, retention);
    check_importance("importance");

    std::vector<LogEntry> log;
    learn_step(network, small_step(file.tensor("in.b"), 1), s, retention,
               {.log = [&](const auto& entries) { log = entries; }});
    const Tensor penalty = file.tensor(name + ".penalty");
    REQUIRE(static_cast<int64_t>(log.size()) == penalty.size());
    for (size_t i = 0; i < log.size(); ++i)
      CHECK(log[i].loss - log[i].part("reconstruction") ==
            Approx(static_cast<double>(penalty.data()[i])).epsilon(1e-3).margin(1e-6));
    for (const NamedVar& p : parameters(network))
      check_close(p.name, p.var.value(), file.tensor(name + ".weight." + p.name), 1e-5);
    check_importance("both");
  }
}

TEST_CASE("a penalty of strength 0 is fine-tuning, bit for bit, and another one is not", "[iuf][methods]") {
  const TensorFile file = golden("parts/retention");
  for (const std::string name : kImportance) {
    INFO(name);
    Retention nothing;
    Reconstruction free = small_network(file, {.external_key = name == "lvt"}),
                   held[2] = {small_network(file, {.external_key = name == "lvt"}),
                              small_network(file, {.external_key = name == "lvt"})};
    Settings s = small_settings(file);
    s.optimizer = s.increment_optimizer = OptimizerKind::adamw;
    s.learning_rate = s.increment_learning_rate = 1e-3;
    const TrainingSet first = small_step(file.tensor("in.a"), 0), second = small_step(file.tensor("in.b"), 1);
    learn_step(free, first, s, nothing);
    learn_step(free, second, s, nothing);
    for (int i = 0; i < 2; ++i) {
      set(s, "penalty", i == 0 ? 0 : std::stod(file.metadata("strength." + name)));
      const auto method = make_method(name, s);
      learn_step(held[i], first, s, retention_of(*method));
      learn_step(held[i], second, s, retention_of(*method));
    }
    CHECK(same_bits(free, held[0]));
    CHECK_FALSE(same_bits(free, held[1]));
  }
}

TEST_CASE("a step that was interrupted ends with the same weights and importances", "[iuf][methods]") {
  const TensorFile file = golden("parts/retention");
  struct Interrupted {};
  for (const std::string name : {"iuf", "uniad", "ewc", "si", "mas", "lvt"}) {
    INFO(name);
    const TemporaryFolder folder;
    Settings s = small_settings(file);
    s.batch = 2;  // three batches an epoch
    s.optimizer = s.increment_optimizer = OptimizerKind::adamw;
    s.learning_rate = s.increment_learning_rate = 1e-3;
    if (name != "iuf" && name != "uniad") set(s, "penalty", std::stod(file.metadata("strength." + name)));
    const TrainingSet steps[] = {small_step(file.tensor("in.a"), 0), small_step(file.tensor("in.b"), 1)};
    Reconstruction whole = small_network(file, {.external_key = name == "lvt"}),
                   broken = small_network(file, {.external_key = name == "lvt"});
    auto method = make_method(name, s), again = make_method(name, s);
    for (const TrainingSet& step : steps) {
      learn_step(whole, step, s, retention_of(*method));
      // As after a kill: all that is left is what the model file and the state hold.
      for (const int64_t stop : {5, 11, 0}) {
        Reconstruction old = small_network(file, {.external_key = name == "lvt"});
        load_module(old, stored([&](SafetensorsWriter& writer) { save_module(broken, writer); }));
        const TensorFile model = kept(retention_of(*again));
        auto fresh = make_method(name, s);
        retention_of(*fresh).load(model);
        const StepContext context{.state = folder.path() / "state",
                                  .fingerprint = static_cast<uint64_t>(step.step),
                                  .checkpoint_seconds = 0,
                                  .progress = [&](const std::string&, int64_t done, int64_t) {
                                    if (done == stop) throw Interrupted();
                                  }};
        try {
          learn_step(old, step, s, retention_of(*fresh), context);
        } catch (const Interrupted&) {
          CHECK(std::filesystem::exists(folder.path() / "state"));
          continue;
        }
        CHECK(stop == 0);
        broken = old;
        again = std::move(fresh);
      }
      CHECK(same_bits(whole, broken));
      CHECK(kept_bytes(retention_of(*method)) == kept_bytes(retention_of(*again)));
    }
  }
}
