#include <algorithm>
#include <iostream>

#include "apps/command.h"
#include "iuf/run/verification.h"
#include "tensor/text.h"

namespace iuf {
namespace {

std::string files_text(int64_t count) {
  return std::to_string(count) + (count == 1 ? " file" : " files");
}

int verify_files(const std::filesystem::path& path, ProgressLine& progress) {
  const Verification found = verify(path, std::ref(progress));
  progress.finish();
  for (const std::string& line : found.origin) std::cout << line << "\n";
  const auto count = [&](VerifiedFile::State state) {
    return static_cast<int64_t>(std::ranges::count(found.files, state, &VerifiedFile::state));
  };
  for (const VerifiedFile& file : found.files)
    if (file.state == VerifiedFile::State::without_checksum)
      std::cout << "unsure    " << plain_text(file.path.string())
                << ": readable, but of an earlier version or someone else, without a checksum\n";
  const int64_t damaged = count(VerifiedFile::State::damaged);
  std::cout << "checked   " << files_text(static_cast<int64_t>(found.files.size())) << ": "
            << count(VerifiedFile::State::whole) << " whole, " << count(VerifiedFile::State::without_checksum)
            << " without a checksum, " << damaged << " damaged\n";
  for (const VerifiedFile& file : found.files)
    if (file.state == VerifiedFile::State::damaged) progress.error(file.fault);
  return damaged > 0;
}

}  // namespace

Action verify_command(CLI::App& app) {
  auto path = std::make_shared<std::filesystem::path>();
  app.add_option("path", *path, "a model, or the folder of a run or a comparison")->required()->type_name("MODEL|RUN");
  app.footer("Exit code 1 where a file is damaged, with a line for each. Nothing is changed.");
  return [path](ProgressLine& progress) { return verify_files(*path, progress); };
}

}  // namespace iuf
