#pragma once

#include <filesystem>
#include <istream>
#include <ostream>

namespace iuf::bench {

/// Answers every line of the input with one line, so that another program can alternate with it:
///   list         answers the works' names as a JSON array
///   prepare N    makes the work of this number and drops the one before; writes its inputs, weights and outputs to
///                folder/work.safetensors; answers a JSON object with its kind, options and images
///   time         makes one call; answers its seconds
/// Ends with the input. Throws Error for any other line.
int serve_peers(const std::filesystem::path& folder, std::istream& in, std::ostream& out);

}  // namespace iuf::bench
