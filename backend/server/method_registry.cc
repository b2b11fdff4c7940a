#include "backend/server/method_registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/support/status_details.h"
#include "proto/support/toolsets.h"

namespace howdah::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

}  // namespace

void MethodRegistry::Add(absl::string_view full_name,
                         const Message& request_prototype, Method functions) {
  const MethodDescriptor* descriptor =
      DescriptorPool::generated_pool()->FindMethodByName(
          std::string(full_name));
  if (descriptor == nullptr) {
    faults_.push_back(
        absl::StrCat("method ", full_name, " is not in the contract"));
    return;
  }
  if (descriptor->input_type() != request_prototype.GetDescriptor()) {
    faults_.push_back(absl::StrCat(
        "method ", full_name, " takes ", descriptor->input_type()->full_name(),
        ", its function takes ", request_prototype.GetTypeName()));
    return;
  }
  if (descriptor->client_streaming() ||
      descriptor->server_streaming() != (functions.stream != nullptr)) {
    faults_.push_back(absl::StrCat("method ", full_name,
                                   " and its function differ in streaming"));
    return;
  }
  functions.descriptor = descriptor;
  functions.facts = descriptor->options().GetExtension(mcp::v1::method);
  functions.toolset =
      descriptor->service()->options().GetExtension(mcp::v1::service).toolset();
  functions.path = absl::StrCat("/", descriptor->service()->full_name(), "/",
                                descriptor->name());
  functions.request_prototype = &request_prototype;
  if (functions.facts.effect() == mcp::v1::EFFECT_UNSPECIFIED) {
    faults_.push_back(
        absl::StrCat("method ", full_name, " declares no effect"));
  }
  methods_.push_back(std::make_unique<Method>(std::move(functions)));
}

std::vector<std::string> MethodRegistry::toolsets() const {
  std::vector<std::string> names;
  for (const auto& method : methods_) {
    const bool known =
        std::find(names.begin(), names.end(), method->toolset) != names.end();
    if (!known && !method->toolset.empty()) names.push_back(method->toolset);
  }
  return names;
}

std::vector<std::string> MethodRegistry::default_toolsets(
    const support::EnvironmentOf& environment) const {
  std::vector<std::string> names = toolsets();
  for (const auto& method : methods_) {
    if (!support::IsOnUnasked(*method->descriptor->service(), environment)) {
      std::erase(names, method->toolset);
    }
  }
  return names;
}

absl::Status MethodRegistry::Check() const {
  std::vector<std::string> faults = faults_;
  for (const std::string& name : services_) {
    const ServiceDescriptor* service =
        DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      faults.push_back(
          absl::StrCat("service ", name, " is not in the contract"));
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const auto functions = std::count_if(
          methods_.begin(), methods_.end(), [&](const auto& method) {
            return method->descriptor == service->method(i);
          });
      if (functions == 1) continue;
      faults.push_back(absl::StrCat(
          "method ", service->method(i)->full_name(), " has ",
          functions == 0 ? "no function" : "more than one function"));
    }
  }
  if (faults.empty()) return absl::OkStatus();
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "METHODS_INCOMPLETE", support::kHowdahDomain)
      .Message(absl::StrCat(
          "The server cannot start: ", absl::StrJoin(faults, "; "), "."))
      .Build();
}

}  // namespace howdah::server
