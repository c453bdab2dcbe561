#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iuf/data/dataset.h"

// Verdicts that names tell by codes, of which only both together mean something: P and F.
namespace iuf {

/// By what, in lower case and without separators, two classes are usually told apart.
inline constexpr std::pair<std::string_view, std::string_view> opposing_codes[] = {{"0", "1"},
                                                                                   {"positive", "negative"},
                                                                                   {"pos", "neg"},
                                                                                   {"yes", "no"},
                                                                                   {"y", "n"},
                                                                                   {"true", "false"},
                                                                                   {"p", "n"},
                                                                                   {"p", "f"},
                                                                                   {"g", "b"},
                                                                                   {"ja", "nein"},
                                                                                   {"class0", "class1"},
                                                                                   {"gradea", "gradeb"},
                                                                                   {"gradea", "gradec"},
                                                                                   {"a", "r"},
                                                                                   {"t", "f"}};

/// Throws Error where the names of normal images of one folder end or begin with both codes of a pair: the first file
/// of each, and how many. Not where further codes of that length stand there (R, G, B), or the names of defects have
/// both. 0 and 1 count where all names end so and none differ in that alone, as views of one part do; so too the codes
/// at one place between the first and the last word, counted from either side (SN4711_P_1015, SN4711P_1015), of which
/// 0 and 1, which may be cameras, get a remark instead, and A and B anywhere. A remark also tells of a code for defects
/// on some names where the others have none.
void refuse_verdict_codes(const std::vector<Sample>& samples, std::vector<std::string>& remarks);

}  // namespace iuf
