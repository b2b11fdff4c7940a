#include "backend/aws/debian_index.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace howdah::aws {

const CommandIndex& DebianIndex() {
  static const CommandIndex* const kIndex = [] {
    std::filesystem::path path = "backend/aws/debian_index.jsonl";
    // A fuzzer is not started in its runfiles.
    if (!std::filesystem::exists(path)) {
      path = std::filesystem::read_symlink("/proc/self/exe").string() +
             ".runfiles/howdah/" + path.string();
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto parsed = TextIndex::Parse(text);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return parsed->release();
  }();
  return *kIndex;
}

}  // namespace howdah::aws
