#pragma once

#include <string>
#include <vector>

#include "iuf/features/features.h"

// The same photograph several times: exports, bursts, a folder that was copied twice.
namespace iuf {

/// Of each photograph the first that has the same pixels: itself, where it is no copy.
std::vector<size_t> originals(const std::vector<ImageFacts>& facts);

/// Where the photographs stand that are no copies, in order.
std::vector<size_t> distinct(const std::vector<ImageFacts>& facts);

/// "bottle: 12 of 20 photographs are copies of others and count once, first: b.png = a.png"; empty where there is none.
/// `first_of`: what originals() says of the files.
std::string copies_text(const std::string& object, const std::vector<std::string>& files,
                        const std::vector<size_t>& first_of);

}  // namespace iuf
