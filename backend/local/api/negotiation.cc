#include "backend/local/api/negotiation.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace howdah::local {
namespace {

struct Clause {
  std::string type;
  double quality = 1;
  std::map<std::string, std::string> parameters;

  // The more exact first, among those of equal quality.
  int Vagueness() const {
    return type == "*/*" ? 2 : absl::string_view(type).back() == '*' ? 1 : 0;
  }
};

std::vector<Clause> Clauses(absl::string_view accept) {
  std::vector<Clause> clauses;
  for (absl::string_view text : absl::StrSplit(accept, ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
    Clause clause;
    clause.type = std::string(absl::StripAsciiWhitespace(parts[0]));
    if (clause.type == "*") clause.type = "*/*";
    if (std::count(clause.type.begin(), clause.type.end(), '/') != 1) continue;
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::vector<absl::string_view> pair = absl::StrSplit(parts[i], '=');
      if (pair.size() != 2 || pair[1].empty()) continue;
      const absl::string_view name = absl::StripAsciiWhitespace(pair[0]);
      const absl::string_view value = absl::StripAsciiWhitespace(pair[1]);
      if (name != "q") {
        clause.parameters[std::string(name)] = std::string(value);
      } else if (!absl::SimpleAtod(value, &clause.quality)) {
        clause.quality = 0;
      }
    }
    clauses.push_back(std::move(clause));
  }
  std::stable_sort(clauses.begin(), clauses.end(),
                   [](const Clause& a, const Clause& b) {
                     if (a.quality != b.quality) return a.quality > b.quality;
                     return a.Vagueness() < b.Vagueness();
                   });
  return clauses;
}

std::string Parameter(const Clause& clause, const std::string& name) {
  const auto found = clause.parameters.find(name);
  return found == clause.parameters.end() ? "" : found->second;
}

bool CanTransform(Transforms transforms, const std::string& as,
                  const std::string& group, const std::string& version) {
  if (transforms == Transforms::kDiscovery) {
    return as == "APIGroupDiscoveryList" && group == "apidiscovery.k8s.io" &&
           version == "v2";
  }
  return transforms == Transforms::kObjects && group == "meta.k8s.io" &&
         (version == "v1" || version == "v1beta1") &&
         (as == "Table" || as == "PartialObjectMetadata" ||
          as == "PartialObjectMetadataList");
}

}  // namespace

std::optional<MediaChoice> Negotiate(absl::string_view accept,
                                     Transforms transforms) {
  if (accept.empty()) return MediaChoice();
  for (const Clause& clause : Clauses(accept)) {
    MediaChoice choice;
    choice.yaml = clause.type == "application/yaml";
    if (!choice.yaml && clause.type != "application/json" &&
        clause.type != "application/*" && clause.type != "*/*") {
      continue;
    }
    choice.as = Parameter(clause, "as");
    choice.version = Parameter(clause, "v");
    const std::string group = Parameter(clause, "g");
    const bool plain =
        choice.as.empty() && choice.version.empty() && group.empty();
    if (!plain && !CanTransform(transforms, choice.as, group, choice.version)) {
      continue;
    }
    const std::string stream = Parameter(clause, "stream");
    if (!stream.empty() && (choice.yaml || stream != "watch")) continue;
    choice.pretty = Parameter(clause, "pretty") == "1";
    return choice;
  }
  return std::nullopt;
}

}  // namespace howdah::local
