#include "backend/validation/request_validator.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/validation/field_rules.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::validation {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

struct MessagePlan {
  std::vector<FieldRules> fields;
  // Fields that are messages, with the plan of their type.
  std::vector<std::pair<const FieldDescriptor*, const MessagePlan*>> messages;
};

namespace {

// Field path and what is wrong with it.
using Violations = std::vector<std::pair<std::string, Complaint>>;

constexpr size_t kMostNamed = 5;

// Walks one request. Valid requests allocate nothing here.
class Walk {
 public:
  void Message(const MessagePlan& plan, google::protobuf::Message& message,
               const std::string& prefix) {
    for (const FieldRules& rules : plan.fields) Field(rules, message, prefix);
    for (const auto& [field, inner] : plan.messages) {
      Inner(*field, *inner, message, prefix);
    }
  }

  const Violations& violations() const { return violations_; }

 private:
  void Field(const FieldRules& rules, google::protobuf::Message& message,
             const std::string& prefix) {
    if (!rules.IsPresent(message)) {
      if (rules.set_default) {
        rules.set_default(message);
      } else if (rules.facts.required()) {
        violations_.emplace_back(prefix + rules.field->name(), rules.Missing());
      }
      return;
    }
    if (!rules.field->is_repeated()) {
      Complaint complaint = rules.CheckValue(message, 0);
      if (!complaint.empty()) {
        violations_.emplace_back(prefix + rules.field->name(),
                                 std::move(complaint));
      }
      return;
    }
    const int size = message.GetReflection()->FieldSize(message, rules.field);
    for (int i = 0; i < size; ++i) {
      Complaint complaint = rules.CheckValue(message, i);
      if (complaint.empty()) continue;
      violations_.emplace_back(
          absl::StrCat(prefix, rules.field->name(), "[", i, "]"),
          std::move(complaint));
    }
  }

  void Inner(const FieldDescriptor& field, const MessagePlan& plan,
             google::protobuf::Message& message, const std::string& prefix) {
    const Reflection& reflection = *message.GetReflection();
    if (!field.is_repeated()) {
      if (reflection.HasField(message, &field)) {
        Message(plan, *reflection.MutableMessage(&message, &field),
                absl::StrCat(prefix, field.name(), "."));
      }
      return;
    }
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      Message(plan, *reflection.MutableRepeatedMessage(&message, &field, i),
              absl::StrCat(prefix, field.name(), "[", i, "]."));
    }
  }

  Violations violations_;
};

absl::Status ToStatus(const Violations& violations) {
  std::vector<std::string> sentences;
  for (const auto& [path, complaint] : violations) {
    if (sentences.size() == kMostNamed) break;
    sentences.push_back(absl::StrCat(path, " ", complaint));
  }
  std::string message = absl::StrJoin(sentences, ". ");
  if (violations.size() > sentences.size()) {
    absl::StrAppend(&message, ". And ", violations.size() - sentences.size(),
                    " more fields are wrong");
  }
  support::ErrorBuilder error(absl::StatusCode::kInvalidArgument,
                              "INVALID_FIELD", support::kHowdahDomain);
  error.Message(message + ".").With("field", violations.front().first);
  for (const auto& [path, complaint] : violations) {
    error.Field(path, complaint);
  }
  return error.Build();
}

}  // namespace

RequestValidator::RequestValidator() = default;
RequestValidator::~RequestValidator() = default;

absl::Status RequestValidator::Add(const Descriptor& type) {
  if (plans_.contains(&type)) return absl::OkStatus();
  // In the map before its fields are looked at: types may contain themselves.
  MessagePlan& plan =
      *plans_.emplace(&type, std::make_unique<MessagePlan>()).first->second;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    ASSIGN_OR_RETURN(FieldRules rules, PrepareRules(field));
    const bool message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (message && !field.is_map()) {
      RETURN_IF_ERROR(Add(*field.message_type()));
      plan.messages.emplace_back(&field, plans_.at(field.message_type()).get());
    }
    if (!message || rules.facts.required()) {
      plan.fields.push_back(std::move(rules));
    }
  }
  return absl::OkStatus();
}

absl::Status RequestValidator::Check(Message& request) const {
  const auto plan = plans_.find(request.GetDescriptor());
  if (plan == plans_.end()) {
    return absl::InternalError(
        absl::StrCat("no validation plan for ", request.GetTypeName()));
  }
  Walk walk;
  walk.Message(*plan->second, request, "");
  return walk.violations().empty() ? absl::OkStatus()
                                   : ToStatus(walk.violations());
}

}  // namespace howdah::validation
