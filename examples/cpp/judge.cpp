// judge MODEL IMAGE...: a line for every image. The files are read here, and two threads share the model.
//
//   c++ -std=c++17 judge.cpp -o judge $(pkg-config --cflags --libs iuf) -pthread
#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <iuf.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<char> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string line(const iuf::Model& model, const std::string& path) {
  try {
    const std::vector<char> bytes = read(path);
    const iuf::Judgement j = model.judge_encoded(bytes.data(), bytes.size());
    char score[32];
    std::snprintf(score, sizeof score, "%.17g", j.score());
    return path + "," + score + "," + j.verdict_name() + "," + j.object() + "\n";
  } catch (const std::exception& e) {
    return path + ",,error," + e.what() + "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: judge MODEL IMAGE...\n");
    return 2;
  }
  try {
    iuf_set_threads(1);  // several images at once instead of several threads for each
    const iuf::Model model(argv[1]);
    const std::vector<std::string> files(argv + 2, argv + argc);
    std::vector<std::string> lines(files.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i; (i = next++) < files.size();) lines[i] = line(model, files[i]);
    };
    std::thread other(work);
    work();
    other.join();
    for (const std::string& text : lines) std::fputs(text.c_str(), stdout);
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "judge: %s\n", e.what());
    return 1;
  }
}
