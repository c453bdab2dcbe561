#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "apps/flag_values.h"
#include "iuf/features/cache_bound.h"
#include "iuf/learn/method.h"
#include "iuf/learn/model_versions.h"
#include "iuf/paper/protocol.h"
#include "iuf/run/csv_safe.h"
#include "iuf/settings/settings.h"
#include "tensor/suggest.h"

// Flags that several commands have.
namespace iuf {

/// A flag whose value is one of a few names.
inline CLI::Option* add_choice(CLI::App& app, const std::string& flag, const std::vector<std::string>& names,
                               const std::string& help, const std::function<void(const std::string&)>& set) {
  return app.add_option_function<std::string>(flag, set, help)
      ->check(CLI::IsMember(names).description(""))
      ->type_name(joined(names, "|"));
}
inline CLI::Option* add_choice(CLI::App& app, const std::string& flag, const Choice& value, const std::string& help) {
  return add_choice(app, flag, value.names, help,
                    [value](const std::string& text) {
                      value.set(static_cast<size_t>(std::ranges::find(value.names, text) - value.names.begin()));
                    })
      ->default_str(value.names.at(value.get()));
}

/// "1%" as "0.01"; other text as it is.
inline std::string without_percent(std::string text) {
  double percent = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.back() != '%') return text;
  const auto [stop, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || stop != end - 1) return text;
  std::ostringstream share;
  share.precision(15);
  share << percent / 100;
  return share.str();
}

/// A share of false alarms, within what the setting of this name allows.
inline void add_false_alarms(CLI::App& app, std::optional<double>& share, const std::string& help) {
  app.add_option("--false-alarms", share, help)
      ->transform(without_percent)
      ->check(CLI::Range(1e-6, 1 - 1e-6).description(""))
      ->type_name("X");
}

inline void add_csv_safe(CLI::App& app) {
  app.add_flag_callback(
      "--csv-safe", [] { set_csv_safe(true); },
      "in tables, an apostrophe before names that a spreadsheet would take for formulas");
}

inline void add_data(CLI::App& app, std::filesystem::path& data) {
  app.add_option("data", data, "MVTec-AD or VisA folders, JSON lines, or plain folders of images")
      ->required()
      ->type_name("DATA");
}

inline void add_model(CLI::App& app, std::filesystem::path& model) {
  app.add_option("model", model, "a model file or the folder of a run")->required()->type_name("MODEL");
}

inline CLI::Option* add_profile(CLI::App& app, std::string& profile, const std::string& help) {
  return app.add_option("--profile", profile, help)
      ->capture_default_str()
      ->check(CLI::IsMember(profile_names()).description(""))
      ->type_name(joined(profile_names(), "|"));
}

inline void add_weights(CLI::App& app, std::optional<std::filesystem::path>& weights) {
  app.add_option("--weights", weights, "of the backbone, .safetensors or .pth; default: those in the program")
      ->type_name("FILE");
}

inline constexpr uint64_t kGib = uint64_t{1} << 30;

/// `fallback`: where features are kept without the flag. Returns the option of the place; that of its size comes
/// before.
inline CLI::Option* add_cache(CLI::App& app, CachePlace& cache, const std::string& fallback) {
  app.add_option_function<double>(
         "--cache-size",
         [&cache](double gib) { cache.most_bytes = static_cast<uint64_t>(gib * static_cast<double>(kGib)); },
         "GiB that they take at most: those not used for longest go first; 0: none are kept")
      ->default_str(std::to_string(cache.most_bytes / kGib))
      ->check(within(range(0, 1e6)))
      ->type_name("X");
  return app.add_option("--cache", cache.folder, "where features are kept; default: " + fallback)->type_name("FOLDER");
}

/// A mask of what to ignore, or a folder of them.
inline CLI::Option* add_ignore(CLI::App& app, std::optional<std::filesystem::path>& mask, const std::string& help) {
  return app.add_option("--ignore", mask, help)->type_name("FILE|FOLDER");
}

inline void add_checkpoint_seconds(CLI::App& app, double& seconds) {
  app.add_option("--checkpoint-seconds", seconds, "least time between two states to go on from")
      ->capture_default_str()
      ->check(within(at_least(0)))
      ->type_name("X");
}

/// How many predecessors of a changed model are kept.
inline void add_versions(CLI::App& app, VersionLimits& limits) {
  app.add_option("--keep-versions", limits.count, "predecessors of the model to keep in MODEL.versions; 0: none")
      ->capture_default_str()
      ->check(within(range(0, 1000000)))
      ->type_name("N");
  app.add_option_function<int64_t>(
         "--keep-mib", [&limits](int64_t mib) { limits.bytes = mib << 20; },
         "MiB that they take at most; the newest is kept all the same")
      ->default_str(std::to_string(limits.bytes >> 20))
      ->check(within(range(0, 1e9)))
      ->type_name("N");
}

/// Names of objects separated by commas, quoted where they hold one.
inline CLI::Option* add_objects(CLI::App& app, std::vector<std::string>& objects, const std::string& help) {
  const auto set = [&objects](const std::vector<std::string>& texts) {
    objects.clear();
    for (const std::string& text : texts)
      for (const std::string& name : parse_objects(text)) objects.push_back(name);
  };
  return app.add_option_function<std::vector<std::string>>("--objects", set, help)
      ->allow_extra_args(false)
      ->type_name("A,B");
}

/// The objects of each step, in one of two flags.
struct StreamFlags {
  std::string steps, stream;
  CLI::Option *steps_option = nullptr, *stream_option = nullptr;

  void add(CLI::App& app, const std::string& steps_help, const std::string& stream_help) {
    steps_option = app.add_option("--steps", steps, steps_help)->type_name("STEPS");
    stream_option = app.add_option("--stream", stream, stream_help)->type_name("NAME")->excludes(steps_option);
  }
  /// What was asked for; nothing without a flag.
  std::optional<Stream> over(const std::vector<std::string>& objects) const {
    if (!stream.empty()) return parse_stream(stream, objects);
    if (!steps.empty()) return parse_steps(steps, objects);
    return std::nullopt;
  }
};

}  // namespace iuf
