#include <omp.h>

#include <fstream>
#include <iostream>

#include "apps/command.h"
#include "iuf/image/image_header.h"
#include "iuf/live/broker.h"
#include "iuf/run/text.h"
#include "iuf/serve/http_server.h"
#include "nn/backbone.h"
#include "nn/file.h"
#include "tensor/blas.h"
#include "tensor/cpu_choice.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr uint64_t kEmbeddedHash = 0x05d33a1553e53901;  // Backbone::content_hash() of the weights in weights/

// The rest of the first line of a system file that starts with `key`, from its first letter or digit.
std::string line_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line.substr(std::min(line.size(), line.find_first_not_of(" \t:", key.size())));
  return "unknown";
}

std::string memory() {
  const auto size = [](const char* key) {
    return memory_text(1024 * std::strtod(line_of("/proc/meminfo", key).c_str(), nullptr));
  };
  return size("MemTotal") + ", " + size("MemAvailable") + " free";
}

std::string embedded_weights() {
  const uint64_t hash = Backbone::embedded().content_hash();
  if (hash != kEmbeddedHash)
    fail("the hash is ", std::hex, hash, " instead of ", kEmbeddedHash, ": build the program again");
  return "efficientnet_lite0, as expected";
}

std::string writable(const std::filesystem::path& folder) {
  make_folder(folder);
  const std::filesystem::path probe = folder / ".iuf-doctor";
  write_file(probe, std::string_view("probe"));
  std::filesystem::remove(probe);
  return folder.string() + ", " + memory_text(static_cast<double>(std::filesystem::space(folder).available)) + " free";
}

}  // namespace

Action doctor_command(CLI::App& app) {
  auto folder = std::make_shared<std::filesystem::path>(".");
  app.add_option("--cache", *folder, "a folder to write to, as the feature cache or a run would")
      ->capture_default_str()
      ->type_name("FOLDER");
  return [folder](ProgressLine&) {
    int broken = 0;
    const auto check = [&](const char* what, auto&& look) {
      try {
        const std::string found = look();
        std::cout << "ok    " << what << found << "\n";
      } catch (const std::exception& e) {
        std::cout << "FAIL  " << what << e.what() << "\n";
        broken = 1;
      }
    };
    check("program   ", [] { return std::string("iuf " IUF_VERSION ", compiled by " __VERSION__); });
    check("CPU       ", [] {
      const std::string level(name_of(cpu_level())), best(name_of(best_cpu_level()));
      return line_of("/proc/cpuinfo", "model name") + ", kernels for " + level +
             (level == best ? ", the best that it has" : ", as IUF_CPU asks; it has " + best);
    });
    check("threads   ",
          [] { return std::to_string(thread_count()) + " of " + std::to_string(omp_get_num_procs()) + " cores"; });
    check("memory    ", memory);
    check("BLAS      ", blas_description);
    check("weights   ", embedded_weights);
    check("images    ", [] {
      const std::string left_out = formats_left_out();
      return formats_read() + (left_out.empty() ? "" : "; " + left_out);
    });
    check("server    ", [] {
      const std::string library = http_library();
      return library.empty() ? "none (built without Boost.Beast; Debian: libboost-dev)" : "iuf serve, by " + library;
    });
    check("MQTT      ", [] {
      return std::string(has_mqtt() ? "--mqtt of iuf watch and iuf serve, by libmosquitto"
                                    : "none (built without libmosquitto; Debian: libmosquitto-dev)");
    });
    check("cache     ", [&] { return writable(*folder); });
    return broken;
  };
}

}  // namespace iuf
