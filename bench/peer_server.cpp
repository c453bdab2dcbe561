#include "bench/peer_server.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bench/works.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf::bench {

int serve_peers(const std::filesystem::path& folder, std::istream& in, std::ostream& out) {
  make_folder(folder);
  const std::vector<WorkMaker> works = model_works();
  std::optional<Work> work;
  for (std::string line; std::getline(in, line);) {
    if (line == "list") {
      nlohmann::json names = nlohmann::json::array();
      for (const WorkMaker& maker : works) names.push_back(maker.name);
      out << names.dump() << std::endl;
    } else if (line.starts_with("prepare ")) {
      work.reset();
      work = works.at(std::stoul(line.substr(8))).make();
      SafetensorsWriter writer;
      NamedTensors tensors = work->tensors();
      for (const auto& output : work->outputs()) tensors.push_back(output);
      for (const auto& [name, tensor] : tensors) writer.add(name, tensor);
      writer.write(folder / "work.safetensors");
      out << nlohmann::json{{"name", work->name},
                            {"kind", work->kind},
                            {"options", work->options},
                            {"images", work->images}}
                 .dump()
          << std::endl;
    } else if (line == "time" && work) {
      const auto start = std::chrono::steady_clock::now();
      work->run();
      out << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << std::endl;
    } else {
      fail("serve: cannot '", line, "'");
    }
  }
  return 0;
}

}  // namespace iuf::bench
