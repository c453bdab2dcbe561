#pragma once

#include <string>

#include "iuf/data/dataset.h"
#include "iuf/data/name_words.h"

// Good parts that were rejected by mistake: false_reject, overkill, Pseudofehler.
namespace iuf {

/// Whether consecutive words (fine_words_of) say so.
bool say_false_reject(const Words& words);

/// How many of an object's defective test images lie in a kind called so or are called so themselves, and the first, in
/// a sentence; empty for none. By the rule for folders they count as defects.
std::string false_rejects(const Dataset& data, const std::string& object);

}  // namespace iuf
