#pragma once

#include <filesystem>
#include <istream>
#include <ostream>

namespace iuf::bench {

/// Answers one line per line, so that another program can take turns with it:
///   list         the works' names as a JSON array
///   prepare N    makes the work of this number and drops the one before; its inputs, weights and outputs are written
///   to
///                folder/work.safetensors; answers a JSON object with its kind, options and images
///   time         one call; answers its seconds
/// Ends with the input. Throws Error for anything else.
int serve_peers(const std::filesystem::path& folder, std::istream& in, std::ostream& out);

}  // namespace iuf::bench
