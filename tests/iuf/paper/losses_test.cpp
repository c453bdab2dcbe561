#include "iuf/paper/losses.h"

#include <catch2/catch.hpp>

#include "iuf/paper/compression_loss.h"
#include "tensor/random.h"

using namespace iuf;

namespace {

Tensor uniform(const Shape& shape, uint64_t stream) {
  Tensor t(shape);
  fill_uniform(t, -1, 1, stream);
  return t;
}

// Four images of two objects, 6 positions; what a network could put out.
struct Batch {
  Tensor features = uniform({4, 6, 3}, 1);
  std::vector<int64_t> labels = {0, 1, 1, 0};
  Reconstruction::Output out{.feature_rec = Var(uniform({4, 6, 3}, 2), true),
                             .class_out = Var(uniform({4, 2}, 3), true),
                             .latents = {Var(uniform({4, 6, 5}, 4), true), Var(uniform({4, 6, 5}, 5), true)}};
};

std::vector<std::string> names(const BatchLoss& loss) {
  std::vector<std::string> found;
  for (const LossPart& part : loss.parts) found.push_back(part.name);
  return found;
}

double total(const BatchLoss& loss) {
  return static_cast<double>(loss.total.value().item()) + loss.constant;
}

}  // namespace

TEST_CASE("the loss is the sum of its parts by their weights", "[iuf][eq2]") {
  const Batch b;
  LossOptions options;
  options.reconstruction_weight = 2;
  options.classification_weight = 0.25;
  options.compression_weight = 5;
  for (const CompressionKind kind : {CompressionKind::paper, CompressionKind::released}) {
    LossOptions own = options;
    own.compression = kind;
    own.compression_from = kind == CompressionKind::paper ? 0.5 : 100;
    const BatchLoss loss = training_losses(b.out, b.features, b.labels, own);
    REQUIRE(names(loss) == std::vector<std::string>{"reconstruction", "classification", "compression"});
    for (const LossPart& part : loss.parts) CHECK(part.value > 0);
    CHECK(total(loss) ==
          Approx(2 * loss.parts[0].value + 0.25 * loss.parts[1].value + 5 * loss.parts[2].value).epsilon(1e-6));
    CHECK((loss.constant > 0) == (kind == CompressionKind::released));  // no gradient, as published
  }
}

TEST_CASE("a loss has no part for what the network or the options lack", "[iuf][eq2]") {
  Batch b;
  const auto found = [&](const LossOptions& options) {
    return names(training_losses(b.out, b.features, b.labels, options));
  };
  LossOptions uncompressed, unclassified;
  uncompressed.compression = CompressionKind::off;
  unclassified.classification_weight = 0;
  CHECK(found(uncompressed) == std::vector<std::string>{"reconstruction", "classification"});
  CHECK(found(unclassified) == std::vector<std::string>{"reconstruction", "compression"});
  b.out.class_out = Var();
  b.out.latents.clear();
  CHECK(found({}) == std::vector<std::string>{"reconstruction"});
}

TEST_CASE("increments are compressed only where the settings say so, the base step always", "[iuf][eq7]") {
  Settings s;
  CHECK(loss_options(s, 0).compression == CompressionKind::paper);
  CHECK(loss_options(s, 1).compression == CompressionKind::off);
  s.compress_increments = true;
  CHECK(loss_options(s, 1).compression == CompressionKind::paper);
  s.compression = CompressionKind::off;
  CHECK(loss_options(s, 0).compression == CompressionKind::off);
}

TEST_CASE("t counts from 1 and leaves the share of the singular values free that there are", "[iuf][eq7]") {
  CHECK(compression_start(0, 8, 128) == 1);
  CHECK(compression_start(0.5, 8, 128) == 5);
  CHECK(compression_start(0.5, 24, 6) == 4);
  CHECK(compression_start(1, 8, 128) == 9);  // nothing is summed
}
