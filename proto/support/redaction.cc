#include "proto/support/redaction.h"

#include <memory>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::support {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kRedacted[] = "[redacted]";

void RedactField(Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    reflection.ClearField(&message, field);
  } else if (!field->is_repeated()) {
    reflection.SetString(&message, field, kRedacted);
  } else {
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      reflection.SetRepeatedString(&message, field, i, kRedacted);
    }
  }
}

std::unique_ptr<Message> RedactedCopy(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  Redact(*copy);
  return copy;
}

}  // namespace

void Redact(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  if (message.GetDescriptor()->full_name() ==
      google::protobuf::Any::descriptor()->full_name()) {
    reflection.ClearField(&message,
                          message.GetDescriptor()->FindFieldByName("value"));
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->options().GetExtension(mcp::v1::field).secret()) {
      RedactField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      Redact(*reflection.MutableMessage(&message, field));
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        Redact(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

std::string RedactedJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(
      *RedactedCopy(message), &json, options);
  // Only an Any of an unknown type cannot be printed.
  return status.ok() ? json : "{}";
}

std::string RedactedText(const Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(*RedactedCopy(message), &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::vector<std::pair<std::string, std::string>> Identifiers(
    const Message& message) {
  std::vector<std::pair<std::string, std::string>> identifiers;
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const mcp::v1::Field& facts = field->options().GetExtension(mcp::v1::field);
    if (!facts.identifier() || facts.secret() || field->is_repeated() ||
        field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      continue;
    }
    identifiers.emplace_back(field->name(),
                             reflection.GetString(message, field));
  }
  return identifiers;
}

}  // namespace howdah::support
