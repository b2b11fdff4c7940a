// Rules for the contract that a compiler does not check. They hold for every
// RPC, message and field of howdah.*, read from the embedded descriptors.
#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "howdah/mcp/v1/annotations.pb.h"
#include "proto/descriptors/descriptors.h"

namespace howdah {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptor;
using google::protobuf::SourceLocation;
using mcp::v1::Field;
using mcp::v1::Method;

// Clients cut descriptions off here.
constexpr size_t kLongestDescription = 1024;
// What fits into one line of a list of tools or flags.
constexpr size_t kLongestFirstSentence = 120;

template <typename T>
std::string Comment(const T& element) {
  SourceLocation location;
  if (!element.GetSourceLocation(&location)) return "";
  return std::string(absl::StripAsciiWhitespace(
      absl::StrReplaceAll(location.leading_comments, {{"\n", ""}})));
}

std::string FirstSentence(const std::string& comment) {
  return comment.substr(0, comment.find(". "));
}

void ExpectReadable(const std::string& comment) {
  EXPECT_TRUE(absl::EndsWith(comment, ".")) << comment;
  EXPECT_LE(comment.size(), kLongestDescription);
  const std::string first = FirstSentence(comment);
  EXPECT_LE(first.size(), kLongestFirstSentence) << first;
}

const Method& Facts(const MethodDescriptor& method) {
  return method.options().GetExtension(mcp::v1::method);
}

const Field& Facts(const FieldDescriptor& field) {
  return field.options().GetExtension(mcp::v1::field);
}

// Names of the variables of a URI template.
std::vector<std::string> Variables(absl::string_view uri_template) {
  std::vector<std::string> names;
  for (size_t open = uri_template.find('{'); open != uri_template.npos;
       open = uri_template.find('{', open + 1)) {
    names.emplace_back(
        uri_template.substr(open + 1, uri_template.find('}', open) - open - 1));
  }
  return names;
}

bool Changes(const Method& facts) {
  return facts.effect() != mcp::v1::EFFECT_READ;
}

class ContractLintTest : public ::testing::Test {
 protected:
  ContractLintTest() {
    FileDescriptorSet set;
    const auto bytes = descriptors::FileDescriptorSetBytes();
    EXPECT_TRUE(set.ParseFromArray(bytes.data(), bytes.size()));
    for (const auto& file : set.file()) {
      const FileDescriptor* built = pool_.BuildFile(file);
      EXPECT_NE(built, nullptr) << file.name();
      if (absl::StartsWith(built->package(), "howdah.")) Collect(*built);
    }
    EXPECT_FALSE(methods_.empty());
  }

  void ForEachMethod(const std::function<void(const MethodDescriptor&,
                                              const Method&)>& check) {
    for (const MethodDescriptor* method : methods_) {
      SCOPED_TRACE(method->full_name());
      check(*method, Facts(*method));
    }
  }

  void ForEachTool(const std::function<void(const MethodDescriptor&,
                                            const Method&)>& check) {
    ForEachMethod([&](const MethodDescriptor& method, const Method& facts) {
      if (facts.has_tool()) check(method, facts);
    });
  }

  void ForEachRequestField(
      const std::function<void(const FieldDescriptor&, const Field&)>& check) {
    ForEachMethod([&](const MethodDescriptor& method, const Method&) {
      for (int i = 0; i < method.input_type()->field_count(); ++i) {
        const FieldDescriptor& field = *method.input_type()->field(i);
        SCOPED_TRACE(field.name());
        check(field, Facts(field));
      }
    });
  }

  std::vector<const MethodDescriptor*> methods_;
  std::vector<const Descriptor*> messages_;

  DescriptorPool pool_;

 private:
  void Collect(const FileDescriptor& file) {
    for (int i = 0; i < file.service_count(); ++i) {
      for (int j = 0; j < file.service(i)->method_count(); ++j) {
        methods_.push_back(file.service(i)->method(j));
      }
    }
    for (int i = 0; i < file.message_type_count(); ++i) {
      messages_.push_back(file.message_type(i));
    }
  }
};

TEST_F(ContractLintTest, EveryMethodDeclaresItsEffectAndDeadline) {
  ForEachMethod([](const MethodDescriptor&, const Method& facts) {
    EXPECT_NE(facts.effect(), mcp::v1::EFFECT_UNSPECIFIED);
    EXPECT_GT(facts.deadline_seconds(), 0);
  });
}

TEST_F(ContractLintTest, EveryMethodAndServiceIsDescribed) {
  ForEachMethod([](const MethodDescriptor& method, const Method&) {
    ExpectReadable(Comment(method));
    EXPECT_FALSE(Comment(*method.service()).empty());
  });
}

TEST_F(ContractLintTest, ToolNamesAreLegalAndUnique) {
  std::set<std::string> seen;
  ForEachTool([&](const MethodDescriptor&, const Method& facts) {
    const std::string& name = facts.tool().name();
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_LE(name.size(), 64u);
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
      return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
    })) << name;
    EXPECT_FALSE(facts.tool().title().empty());
  });
}

TEST_F(ContractLintTest, ReadsAreNeverDestructive) {
  ForEachMethod([](const MethodDescriptor& method, const Method& facts) {
    if (Changes(facts)) return;
    EXPECT_FALSE(facts.destructive());
    EXPECT_EQ(method.input_type()->FindFieldByName("dry_run"), nullptr);
  });
}

TEST_F(ContractLintTest, DeletesAreDestructiveAndNeedAConfirmation) {
  ForEachMethod([](const MethodDescriptor& method, const Method& facts) {
    if (facts.effect() == mcp::v1::EFFECT_DELETE) {
      EXPECT_TRUE(facts.destructive());
    }
    if (!facts.destructive()) {
      EXPECT_TRUE(facts.confirmation_field().empty());
      return;
    }
    const FieldDescriptor* confirmation =
        method.input_type()->FindFieldByName(facts.confirmation_field());
    ASSERT_NE(confirmation, nullptr) << facts.confirmation_field();
    EXPECT_EQ(confirmation->type(), FieldDescriptor::TYPE_BOOL);
    EXPECT_EQ(Facts(*confirmation).default_json(), "false");
  });
}

TEST_F(ContractLintTest, ChangesCanBeTriedAndRepeated) {
  ForEachTool([](const MethodDescriptor& method, const Method& facts) {
    if (!Changes(facts)) return;
    const FieldDescriptor* dry_run =
        method.input_type()->FindFieldByName("dry_run");
    ASSERT_NE(dry_run, nullptr);
    EXPECT_EQ(dry_run->type(), FieldDescriptor::TYPE_BOOL);
    EXPECT_NE(method.output_type()->FindFieldByName("dry_run"), nullptr);
    const FieldDescriptor* request_id =
        method.input_type()->FindFieldByName("request_id");
    ASSERT_NE(request_id, nullptr);
    EXPECT_EQ(Facts(*request_id).format(), mcp::v1::FORMAT_REQUEST_ID);
    EXPECT_TRUE(Facts(*request_id).hidden());
  });
}

TEST_F(ContractLintTest, ListsHavePages) {
  ForEachMethod([](const MethodDescriptor& method, const Method&) {
    if (!absl::StartsWith(method.name(), "List")) return;
    for (const char* name : {"page_size", "page_token"}) {
      EXPECT_NE(method.input_type()->FindFieldByName(name), nullptr) << name;
    }
    EXPECT_NE(method.output_type()->FindFieldByName("next_page_token"),
              nullptr);
  });
}

TEST_F(ContractLintTest, WaitableMethodsCanBeWaitedFor) {
  ForEachMethod([](const MethodDescriptor& method, const Method& facts) {
    if (!facts.waitable()) return;
    for (const char* name : {"wait", "timeout"}) {
      EXPECT_NE(method.input_type()->FindFieldByName(name), nullptr) << name;
    }
    EXPECT_NE(method.output_type()->FindFieldByName("operation"), nullptr);
  });
}

TEST_F(ContractLintTest, ToolsBelongToAToolset) {
  ForEachTool([](const MethodDescriptor& method, const Method&) {
    EXPECT_FALSE(method.service()
                     ->options()
                     .GetExtension(mcp::v1::service)
                     .toolset()
                     .empty());
  });
}

// The field of a listed item that is what KIND_name means: null if none.
const FieldDescriptor* NameOfItems(const MethodDescriptor& method,
                                   absl::string_view variable) {
  if (!absl::StartsWith(method.name(), "List")) return nullptr;
  for (int i = 0; i < method.output_type()->field_count(); ++i) {
    const FieldDescriptor& items = *method.output_type()->field(i);
    if (!items.is_repeated() || items.message_type() == nullptr) continue;
    for (int j = 0; j < items.message_type()->field_count(); ++j) {
      const FieldDescriptor* field = items.message_type()->field(j);
      const std::string& kind = Facts(*field).names();
      if (!kind.empty() && variable == absl::StrCat(kind, "_name")) {
        return field;
      }
    }
  }
  return nullptr;
}

TEST_F(ContractLintTest, ResourcesAreReadsNamedByTheirRequestsOrItems) {
  std::set<std::string> names;
  std::set<std::string> templates;
  ForEachMethod([&](const MethodDescriptor& method, const Method& facts) {
    for (const auto& resource : facts.resources()) {
      SCOPED_TRACE(resource.uri_template());
      EXPECT_FALSE(Changes(facts));
      EXPECT_FALSE(method.server_streaming());
      EXPECT_TRUE(names.insert(resource.name()).second);
      EXPECT_TRUE(templates.insert(resource.uri_template()).second);
      EXPECT_TRUE(absl::StartsWith(resource.uri_template(), "howdah://"));
      EXPECT_FALSE(resource.title().empty());
      for (const std::string& kind : resource.watched_kinds()) {
        EXPECT_NE(pool_.FindEnumValueByName(absl::StrCat(
                      "howdah.changes.v1.KIND_", absl::AsciiStrToUpper(kind))),
                  nullptr)
            << kind;
      }
      for (const std::string& variable : Variables(resource.uri_template())) {
        const FieldDescriptor* field =
            method.input_type()->FindFieldByName(variable);
        if (field == nullptr) field = NameOfItems(method, variable);
        ASSERT_NE(field, nullptr) << variable;
        EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING);
        EXPECT_FALSE(Facts(*field).names().empty()) << variable;
      }
    }
  });
}

TEST_F(ContractLintTest, WhatIsNamedIsListedSomewhere) {
  std::set<std::string> listed;
  ForEachMethod([&](const MethodDescriptor& method, const Method&) {
    if (!absl::StartsWith(method.name(), "List")) return;
    for (int i = 0; i < method.output_type()->field_count(); ++i) {
      const FieldDescriptor& items = *method.output_type()->field(i);
      if (!items.is_repeated() || items.message_type() == nullptr) continue;
      for (int j = 0; j < items.message_type()->field_count(); ++j) {
        listed.insert(Facts(*items.message_type()->field(j)).names());
      }
    }
  });
  ForEachRequestField([&](const FieldDescriptor& field, const Field& facts) {
    EXPECT_TRUE(facts.names().empty() || listed.count(facts.names()) == 1)
        << facts.names();
    if (!facts.names().empty()) {
      EXPECT_EQ(field.type(), FieldDescriptor::TYPE_STRING);
    }
  });
}

TEST_F(ContractLintTest, EveryRequestFieldIsDescribed) {
  ForEachRequestField([](const FieldDescriptor& field, const Field&) {
    ExpectReadable(Comment(field));
  });
}

TEST_F(ContractLintTest, EveryValueThatACallerMayChooseIsDescribed) {
  ForEachRequestField([](const FieldDescriptor& field, const Field&) {
    const EnumDescriptor* choices = field.enum_type();
    if (choices == nullptr) return;
    EXPECT_TRUE(absl::EndsWith(choices->value(0)->name(), "_UNSPECIFIED"));
    for (int i = 1; i < choices->value_count(); ++i) {
      EXPECT_FALSE(Comment(*choices->value(i)).empty())
          << choices->value(i)->full_name();
    }
  });
}

TEST_F(ContractLintTest, DefaultsFitTheirFields) {
  ForEachRequestField([](const FieldDescriptor& field, const Field& facts) {
    const std::string& text = facts.default_json();
    if (text.empty()) return;
    EXPECT_FALSE(facts.required()) << "a required field needs no default";
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        EXPECT_TRUE(text == "true" || text == "false") << text;
        break;
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_INT64: {
        int64_t value = 0;
        EXPECT_TRUE(absl::SimpleAtoi(text, &value)) << text;
        if (facts.has_minimum()) {
          EXPECT_GE(value, facts.minimum());
        }
        if (facts.has_maximum()) {
          EXPECT_LE(value, facts.maximum());
        }
        break;
      }
      default:
        EXPECT_TRUE(text.size() >= 2 && text.front() == '"' &&
                    text.back() == '"')
            << text;
    }
  });
}

TEST_F(ContractLintTest, BoundsAreOnNumbersAndInOrder) {
  ForEachRequestField([](const FieldDescriptor& field, const Field& facts) {
    if (!facts.has_minimum() && !facts.has_maximum()) return;
    EXPECT_TRUE(field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
                field.cpp_type() == FieldDescriptor::CPPTYPE_INT64);
    if (facts.has_minimum() && facts.has_maximum()) {
      EXPECT_LE(facts.minimum(), facts.maximum());
    }
  });
}

TEST_F(ContractLintTest, RequiredNamesHaveAnExample) {
  ForEachRequestField([](const FieldDescriptor& field, const Field& facts) {
    if (facts.required() && facts.format() != mcp::v1::FORMAT_UNSPECIFIED) {
      EXPECT_FALSE(facts.example().empty());
    }
    if (facts.identifier() || facts.secret()) {
      EXPECT_EQ(field.type(), FieldDescriptor::TYPE_STRING);
    }
  });
}

TEST_F(ContractLintTest, ColumnsOfATableDiffer) {
  for (const Descriptor* message : messages_) {
    std::set<std::string> titles;
    for (int i = 0; i < message->field_count(); ++i) {
      const std::string& title = Facts(*message->field(i)).column();
      if (title.empty()) continue;
      EXPECT_TRUE(titles.insert(title).second)
          << message->full_name() << " " << title;
    }
  }
}

TEST_F(ContractLintTest, AnswersWithASummaryBeginWithIt) {
  for (const Descriptor* message : messages_) {
    const FieldDescriptor* summary = message->FindFieldByName("summary");
    if (summary == nullptr) continue;
    EXPECT_EQ(summary->number(), 1) << message->full_name();
    EXPECT_EQ(summary->type(), FieldDescriptor::TYPE_STRING);
  }
}

}  // namespace
}  // namespace howdah
