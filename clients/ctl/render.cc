#include "clients/ctl/render.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/ctl/field_values.h"
#include "clients/ctl/table.h"
#include "google/rpc/error_details.pb.h"
#include "howdah/mcp/v1/annotations.pb.h"
#include "proto/support/status_details.h"

namespace howdah::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Column(const FieldDescriptor& field) {
  return field.options().GetExtension(mcp::v1::field).column();
}

bool ToldInSummary(const FieldDescriptor& field) {
  return field.options().GetExtension(mcp::v1::field).told_in_summary();
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         !IsTimestamp(*field.message_type()) && !IsJson(*field.message_type());
}

// What may have lines of its own.
bool IsText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
         (field.message_type() != nullptr && IsJson(*field.message_type()));
}

std::vector<const FieldDescriptor*> Columns(const Descriptor& type) {
  std::vector<const FieldDescriptor*> columns;
  for (int i = 0; i < type.field_count(); ++i) {
    if (!Column(*type.field(i)).empty()) columns.push_back(type.field(i));
  }
  return columns;
}

// What `-o wide` adds: the other fields that fit into a cell.
std::vector<const FieldDescriptor*> MoreColumns(const Descriptor& type) {
  std::vector<const FieldDescriptor*> columns;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool fits = !field.is_repeated() && !IsMessage(field) &&
                      !ToldInSummary(field) && field.name() != "summary";
    if (fits && Column(field).empty()) columns.push_back(&field);
  }
  return columns;
}

// "instance_details" => "Instance details"
std::string Title(const FieldDescriptor& field) {
  std::string title = absl::StrReplaceAll(field.name(), {{"_", " "}});
  if (!title.empty()) title[0] = absl::ascii_toupper(title[0]);
  return title;
}

class Renderer {
 public:
  Renderer(const Wording& wording, const Style& style, const Extent& extent)
      : wording_(wording), style_(style), extent_(extent) {}

  std::string Render(const Message& answer) {
    const FieldDescriptor* list = ListOf(answer);
    Summary(answer);
    if (list != nullptr) {
      TableOf(answer, *list);
      NextPage(answer);
    } else {
      Body(answer);
    }
    return text_.empty() ? "Done.\n" : std::move(text_);
  }

 private:
  // The repeated field that an answer of a List method is about.
  static const FieldDescriptor* ListOf(const Message& answer) {
    const Descriptor& type = *answer.GetDescriptor();
    if (type.FindFieldByName("next_page_token") == nullptr) return nullptr;
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->is_repeated() && IsMessage(*type.field(i))) {
        return type.field(i);
      }
    }
    return nullptr;
  }

  void Summary(const Message& message) {
    const auto* field = message.GetDescriptor()->FindFieldByName("summary");
    if (field == nullptr) return;
    const std::string summary = FieldText(message, *field);
    if (summary.empty()) return;
    Gap();
    absl::StrAppend(&text_, wording_.Say(Harmless(summary)), "\n");
  }

  // Fields that fit on a line, then texts of several lines, lists and parts.
  void Body(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    std::vector<std::pair<std::string, std::string>> lines;
    std::vector<const FieldDescriptor*> parts;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.name() == "summary" || ToldInSummary(field)) continue;
      if (IsPart(message, field)) {
        parts.push_back(&field);
        continue;
      }
      std::string value = FieldText(message, field);
      if (!value.empty()) lines.emplace_back(Title(field), std::move(value));
    }
    Lines(lines);
    for (const FieldDescriptor* field : parts) Part(message, *field);
  }

  static bool IsPart(const Message& message, const FieldDescriptor& field) {
    if (IsMessage(field)) return true;
    if (!IsText(field)) return false;
    if (field.is_repeated()) return field.name() != "managed_roles";
    return absl::StrContains(FieldText(message, field), '\n');
  }

  void Lines(const std::vector<std::pair<std::string, std::string>>& lines) {
    if (lines.empty()) return;
    Gap();
    size_t widest = 0;
    for (const auto& [title, value] : lines) {
      widest = std::max(widest, title.size());
    }
    for (const auto& [title, value] : lines) {
      const absl::string_view colour = StateColour(value, style_);
      absl::StrAppend(&text_, style_.dim, title, style_.reset,
                      std::string(widest + 2 - title.size(), ' '), colour,
                      Harmless(value), colour.empty() ? "" : style_.reset,
                      "\n");
    }
  }

  void Part(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      if (reflection.FieldSize(message, &field) == 0) return;
      if (!IsMessage(field)) {
        Bullets(message, field);
      } else if (!Columns(*field.message_type()).empty()) {
        Gap();
        TableOf(message, field);
      }
      return;
    }
    if (IsText(field)) {
      Gap();
      // A manifest is shown as it is, but without control characters.
      const std::string manifest = FieldText(message, field);
      for (absl::string_view line :
           absl::StrSplit(absl::StripTrailingAsciiWhitespace(manifest), '\n')) {
        absl::StrAppend(&text_, Harmless(line), "\n");
      }
      return;
    }
    if (!reflection.HasField(message, &field)) return;
    const Message& part = reflection.GetMessage(message, &field);
    if (field.message_type()->name() == "Operation") {
      Operation(part);
    } else {
      Summary(part);
      Body(part);
    }
  }

  void Operation(const Message& operation) {
    const Descriptor& type = *operation.GetDescriptor();
    if (FieldText(operation, *type.FindFieldByName("done")) == "yes") return;
    const std::string name =
        FieldText(operation, *type.FindFieldByName("name"));
    if (name.empty()) return;
    Gap();
    absl::StrAppend(&text_, style_.dim, "Follow it: ", style_.reset,
                    "howdahctl operations wait ", Harmless(name), "\n");
  }

  void Bullets(const Message& message, const FieldDescriptor& field) {
    Gap();
    absl::StrAppend(&text_, style_.bold, Title(field), style_.reset, "\n");
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const std::string line =
          Harmless(reflection.GetRepeatedString(message, &field, i));
      absl::StrAppend(&text_, "  - ", line, "\n");
    }
  }

  void TableOf(const Message& message, const FieldDescriptor& list) {
    auto columns = Columns(*list.message_type());
    std::vector<std::string> titles;
    for (const FieldDescriptor* column : columns) {
      titles.push_back(Column(*column));
    }
    if (extent_.wide) {
      for (const FieldDescriptor* more : MoreColumns(*list.message_type())) {
        columns.push_back(more);
        titles.push_back(absl::AsciiStrToUpper(Title(*more)));
      }
    }
    Table table(std::move(titles));
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &list); ++i) {
      const Message& row = reflection.GetRepeatedMessage(message, &list, i);
      std::vector<std::string> cells;
      for (const FieldDescriptor* column : columns) {
        cells.push_back(FieldText(row, *column));
      }
      table.Add(std::move(cells));
    }
    if (table.empty()) return;
    Gap();
    text_ += table.ToText(style_, extent_.width);
  }

  void NextPage(const Message& answer) {
    const auto* field =
        answer.GetDescriptor()->FindFieldByName("next_page_token");
    const std::string token = FieldText(answer, *field);
    if (token.empty()) return;
    Gap();
    absl::StrAppend(&text_, style_.dim, "More: ", style_.reset, "--page-token ",
                    Harmless(token), "\n");
  }

  // An empty line between two blocks.
  void Gap() {
    if (!text_.empty() && !absl::EndsWith(text_, "\n\n")) text_ += '\n';
  }

  const Wording& wording_;
  const Style& style_;
  const Extent extent_;
  std::string text_;
};

}  // namespace

std::string RenderAnswer(const Message& answer, const Wording& wording,
                         const Style& style, const Extent& extent) {
  return Renderer(wording, style, extent).Render(answer);
}

std::string RenderError(const absl::Status& status, const Wording& wording,
                        const Style& style) {
  const auto say = [&](absl::string_view sentence) {
    return wording.Say(Harmless(sentence));
  };
  google::rpc::BadRequest bad_request;
  support::GetDetail(status, bad_request);
  absl::string_view rest = status.message();
  std::string text = absl::StrCat(style.red, "error:", style.reset, " ");
  // A sentence about one field begins with its name.
  if (bad_request.field_violations_size() == 1) {
    const std::string& field = bad_request.field_violations(0).field();
    if (absl::StartsWith(rest, absl::StrCat(field, " "))) {
      absl::ConsumePrefix(&rest, field);
      absl::StrAppend(&text, wording.ArgumentName(field));
    }
  }
  absl::StrAppend(&text, say(rest), "\n");
  for (const auto& violation : bad_request.field_violations()) {
    // One violation is often the whole sentence.
    if (absl::StrContains(status.message(), violation.description())) continue;
    absl::StrAppend(&text, "  ", wording.ArgumentName(violation.field()), ": ",
                    say(violation.description()), "\n");
  }
  const bool wants_yes =
      wording.is_destructive() &&
      support::ErrorReason(status) == "CONFIRMATION_REQUIRED";
  google::rpc::PreconditionFailure precondition;
  // That of a confirmation says no more than the sentence.
  if (!wants_yes && support::GetDetail(status, precondition)) {
    for (const auto& violation : precondition.violations()) {
      // As a rule the sentence tells it already.
      if (absl::StrContains(status.message(), violation.description())) {
        continue;
      }
      absl::StrAppend(&text, "  ", say(violation.subject()), ": ",
                      say(violation.description()), "\n");
    }
  }
  google::rpc::RetryInfo retry;
  if (support::GetDetail(status, retry)) {
    absl::StrAppend(&text, "Try again in ",
                    std::max<int64_t>(1, retry.retry_delay().seconds()),
                    " s.\n");
  }
  if (wants_yes && !absl::StrContains(text, "--yes")) {
    absl::StrAppend(&text, "--yes confirms it.\n");
  }
  return text;
}

}  // namespace howdah::ctl
