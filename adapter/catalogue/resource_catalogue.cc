#include "adapter/catalogue/resource_catalogue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace howdah::catalogue {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::MethodDescriptor;

const std::string& KindOf(const FieldDescriptor& field) {
  return field.options().GetExtension(howdah::mcp::v1::field).names();
}

ResourceCatalogue::ResourceCatalogue(Catalogue& catalogue) {
  for (const MethodDescriptor* method : catalogue.methods()) {
    AddSource(*method, catalogue.tables());
  }
  for (const MethodDescriptor* method : catalogue.methods()) {
    const auto& facts = method->options().GetExtension(howdah::mcp::v1::method);
    for (const auto& resource : facts.resources()) {
      ResourceKind& kind = resources_.emplace_back();
      kind.rpc = DescribeRpc(*method, catalogue.tables());
      kind.facts = &resource;
      kind.uri = UriTemplate(resource.uri_template());
      kind.description = catalogue.comments().Of(*method);
      kind.arguments.table = &catalogue.tables().For(*method->input_type());
      for (const std::string& variable : kind.uri.variables()) {
        const auto* field = method->input_type()->FindFieldByName(variable);
        if (field != nullptr) kind.names[variable] = KindOf(*field);
      }
      kind.listed_by = ListOf(kind);
    }
  }
}

void ResourceCatalogue::AddSource(const MethodDescriptor& method,
                                  transcoding::MessageTables& tables) {
  if (!absl::StartsWith(method.name(), "List")) return;
  const Descriptor& answer = *method.output_type();
  for (int i = 0; i < answer.field_count(); ++i) {
    const FieldDescriptor& items = *answer.field(i);
    if (!items.is_repeated() || items.message_type() == nullptr) continue;
    NameSource source;
    source.items = &items;
    for (int j = 0; j < items.message_type()->field_count(); ++j) {
      const FieldDescriptor& field = *items.message_type()->field(j);
      if (!KindOf(field).empty()) source.names[KindOf(field)] = &field;
    }
    if (source.names.empty()) continue;
    source.rpc = DescribeRpc(method, tables);
    sources_.push_back(std::move(source));
  }
}

const NameSource* ResourceCatalogue::ListOf(const ResourceKind& kind) const {
  if (kind.names.empty()) return nullptr;
  for (const NameSource& source : sources_) {
    if (std::all_of(kind.names.begin(), kind.names.end(),
                    [&](const auto& variable) {
                      return source.names.count(variable.second) > 0;
                    })) {
      return &source;
    }
  }
  return nullptr;
}

std::optional<ResourceCatalogue::Found> ResourceCatalogue::Find(
    absl::string_view uri) const {
  for (const ResourceKind& kind : resources_) {
    if (std::optional<UriValues> values = kind.uri.Match(uri)) {
      return Found{&kind, *std::move(values)};
    }
  }
  return std::nullopt;
}

const NameSource* ResourceCatalogue::SourceOf(absl::string_view kind) const {
  for (const NameSource& source : sources_) {
    if (source.names.count(std::string(kind)) > 0) return &source;
  }
  return nullptr;
}

}  // namespace howdah::catalogue
