#include "adapter/catalogue/rpc.h"

#include "absl/strings/str_cat.h"

namespace howdah::catalogue {
namespace {

constexpr int kDefaultDeadlineSeconds = 60;
constexpr size_t kDefaultBudget = 25000;

}  // namespace

Rpc DescribeRpc(const google::protobuf::MethodDescriptor& method,
                transcoding::MessageTables& tables) {
  const auto& facts = method.options().GetExtension(howdah::mcp::v1::method);
  auto& factory = *google::protobuf::MessageFactory::generated_factory();
  Rpc rpc;
  rpc.path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  rpc.method = &method;
  rpc.facts = &facts;
  rpc.request = factory.GetPrototype(method.input_type());
  rpc.response = factory.GetPrototype(method.output_type());
  rpc.answer = &tables.For(*method.output_type());
  rpc.deadline =
      absl::Seconds(facts.deadline_seconds() > 0 ? facts.deadline_seconds()
                                                 : kDefaultDeadlineSeconds);
  rpc.result_budget = facts.result_budget() > 0
                          ? static_cast<size_t>(facts.result_budget())
                          : kDefaultBudget;
  return rpc;
}

}  // namespace howdah::catalogue
