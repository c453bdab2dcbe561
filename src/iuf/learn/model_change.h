#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"

namespace iuf {

/// What a command made of a model. It says nothing of time, so that equal commands on equal images leave equal files;
/// the times stand beside the model (run/model_history.h).
struct ModelChange {
  int64_t version = 0;                    // of the model that it left, from 1
  std::string command = {};               // "train", "add", ...
  std::string program = {};               // the version of the program
  std::vector<std::string> objects = {};  // that it was about
  std::string what = {};                  // it did, one line

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("version", self.version, kCount);
    field("command", self.command);
    field("program", self.program);
    field("objects", self.objects, kUnlessEmpty);
    field("what", self.what);
  }
  bool operator==(const ModelChange&) const = default;
};

}  // namespace iuf
