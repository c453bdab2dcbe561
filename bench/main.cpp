// make bench: what the parts cost on this machine. make bench-peers starts `serve`, see peer_server.cpp,
// make bench-missing `missing`, see missing.h, make bench-small `small`, see small.h, make bench-false-alarms
// `false-alarms`, see false_alarms.h, make bench-unknown `unknown`, see unknown.h.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>

#include "bench/bench.h"
#include "bench/false_alarms.h"
#include "bench/missing.h"
#include "bench/peer_server.h"
#include "bench/small.h"
#include "bench/unknown.h"
#include "nn/file.h"
#include "tensor/blas.h"
#include "tensor/parallel.h"

namespace iuf::bench {
namespace {

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

int run(int argc, char** argv) {
  CLI::App app(
      "iuf_bench: seconds, GFLOP/s, and how many times the time of its matrix products alone (x limit) a piece of work "
      "takes");
  Plan plan;
  std::string json;
  int threads = 0;
  app.add_option("--only", plan.only, "sections and works whose name holds this text");
  app.add_option("--json", json, "the table goes there, too");
  app.add_option("--threads", threads, "0: OMP_NUM_THREADS, or one per core");
  app.add_option("--images", plan.images, "of the scale rows")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--pixels", plan.pixels, "of the metrics row")->capture_default_str()->check(CLI::PositiveNumber);
  CLI::App* serve = app.add_subcommand("serve", "runs works for a script that compares them with others");
  std::string folder;
  serve->add_option("folder", folder, "inputs and weights go there")->required();
  CLI::App* missing = app.add_subcommand("missing", "what every method says of pictures without a part");
  MissingOptions m{.data = {}, .out = "missing"};
  missing->add_option("data", m.data, "a data set")->required()->check(CLI::ExistingPath);
  missing->add_option("--out", m.out, "features and the pictures go there")->capture_default_str();
  missing->add_option("--methods", m.methods, "some of all")->delimiter(',');
  missing->add_option("--train", m.train, "normal images of each object, at random; 0: all")->capture_default_str();
  missing->add_option("--epochs", m.epochs, "of trained methods")->capture_default_str();
  missing->add_option("--photographs", m.photographs, "whose borders are mirrored")->capture_default_str();
  missing->add_option("--seed", m.seed, "of the draw of --train")->capture_default_str();
  CLI::App* small = app.add_subcommand("small", "defects of a few pixels in large generated photographs");
  SmallOptions s{.data = {}, .out = "small"};
  small->add_option("data", s.data, "where the photographs are, or go")->required();
  small->add_option("--out", s.out, "features go there")->capture_default_str();
  small->add_option("--methods", s.methods, "default: iuf,surroundings,gaussian")->delimiter(',');
  small->add_option("--seed", s.seed, "of the photographs")->capture_default_str();
  CLI::App* alarms = app.add_subcommand("false-alarms", "whether thresholds keep what they promise");
  FalseAlarmOptions f{.data = {}, .out = "false-alarms"};
  alarms->add_option("data", f.data, "a data set")->required()->check(CLI::ExistingPath);
  alarms->add_option("--out", f.out, "features and scores go there; the same call again goes on")
      ->capture_default_str();
  alarms->add_option("--methods", f.methods, "some of all")->delimiter(',');
  alarms->add_option("--images", f.images, "normal images to learn from")->delimiter(',')->capture_default_str();
  alarms->add_option("--splits", f.splits, "of each object's normal images")->capture_default_str();
  alarms->add_option("--epochs", f.epochs, "of trained methods")->capture_default_str();
  alarms->add_option("--others", f.others, "judged of each split's other images, at most; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  CLI::App* unknown = app.add_subcommand("unknown", "what becomes of a product that was never learned");
  UnknownOptions u{.data = {}, .out = "unknown"};
  unknown->add_option("data", u.data, "a data set of several objects")->required()->check(CLI::ExistingPath);
  unknown->add_option("--out", u.out, "features and counts go there; the same call again goes on")
      ->capture_default_str();
  unknown->add_option("--methods", u.methods, "some of all")->delimiter(',');
  unknown->add_option("--epochs", u.epochs, "of trained methods")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (threads > 0) set_thread_count(threads);
  flush_denormals();
  if (*missing) {
    measure_missing(m);
    return 0;
  }
  if (*alarms) {
    measure_false_alarms(f);
    return 0;
  }
  if (*unknown) {
    measure_unknown(u);
    return 0;
  }
  if (*small) {
    measure_small(s);
    return 0;
  }
  if (*serve) return serve_peers(folder, std::cin, std::cout);

  std::printf("%s, %d threads, %s\n", cpu_model().c_str(), thread_count(), blas_description().c_str());
  Table table;
  bench_peak(plan, table);
  bench_models(plan, table);
  bench_ops(plan, table);
  bench_scale(plan, table);
  if (!json.empty()) {
    const nlohmann::json all = {{"cpu", cpu_model()},
                                {"threads", thread_count()},
                                {"blas", blas_description()},
                                {"version", IUF_VERSION},
                                {"rows", table.json()}};
    write_file(json, all.dump(1) + "\n");
  }
  return 0;
}

}  // namespace
}  // namespace iuf::bench

int main(int argc, char** argv) {
  try {
    return iuf::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "iuf_bench: " << e.what() << "\n";
    return 1;
  }
}
