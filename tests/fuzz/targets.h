#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

// What is read from outside, one target a reader: any bytes are read or refused with an Error; every other exception,
// signal, sanitizer report or run of over ten seconds is a finding.
namespace iuf::fuzz {

using Bytes = std::span<const std::byte>;

struct Target {
  std::string name;
  /// Reads the bytes. `scratch` is an empty folder for readers that want a file; what is left in it is removed.
  void (*read)(Bytes bytes, const std::filesystem::path& scratch);
  /// Files in tests/ to start from, and text.
  std::vector<std::string> seed_files = {}, seed_texts = {};
  /// Mends the checksums of mutated bytes, so that what lies behind them is reached, too.
  void (*mend)(std::vector<std::byte>& bytes) = nullptr;
  /// Further seeds, that are made when they are asked for.
  std::vector<std::vector<std::byte>> (*made_seeds)() = nullptr;
};

const std::vector<Target>& file_targets();
const std::vector<Target>& folder_targets();
const std::vector<Target>& live_targets();
const std::vector<Target>& http_targets();  // where the build has a server
const std::vector<Target>& targets();       // all
/// Bytes to start from; Error where none has at most `most` bytes.
std::vector<std::vector<std::byte>> seeds_of(const Target& target, size_t most);
/// Mends the checksum at the start of a safetensors file, or puts one there.
void mend_safetensors(std::vector<std::byte>& bytes);
/// Mends the hashes of a journal's lines (iuf/run/checked_lines.h).
void mend_lines(std::vector<std::byte>& bytes);
/// Calls the target; Errors are what is expected.
void run(const Target& target, Bytes bytes, const std::filesystem::path& scratch);

}  // namespace iuf::fuzz
