#include "backend/aws/debian_index.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace howdah::aws {

const CommandIndex& DebianIndex() {
  static const CommandIndex* const index = [] {
    std::ifstream file("backend/aws/debian_index.jsonl", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto parsed = TextIndex::Parse(text);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s\n", parsed.status().ToString().c_str());
      std::abort();
    }
    return parsed->release();
  }();
  return *index;
}

}  // namespace howdah::aws
