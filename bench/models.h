#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/json_fields.h"
#include "iuf/learn/model.h"

namespace iuf::bench {

/// The names that `--methods` gives: none or "all" are all of the registry.
std::vector<std::string> chosen_methods(const std::vector<std::string>& names);

/// A method's usual settings, but for how long a network is trained.
Settings short_settings(const std::string& method, int64_t epochs, uint64_t seed);
/// A model with these settings that has learned the objects of each step. `out` keeps features.
Model learned(const std::string& method, const Settings& settings, const std::vector<std::vector<Model::Source>>& steps,
              const std::filesystem::path& out);

/// What an earlier call kept in this file, of the same settings and images; else nothing is measured yet. T has a
/// `fingerprint`.
uint64_t fingerprint(const Settings& settings, const std::vector<std::string>& files);
template <class T>
T kept(const std::filesystem::path& file, uint64_t fingerprint) {
  if (std::filesystem::exists(file))
    if (T known = read_json_file<T>(file); known.fingerprint == fingerprint) return known;
  T nothing;
  nothing.fingerprint = fingerprint;
  return nothing;
}

}  // namespace iuf::bench
