// What the adapter needs to know about a message and its fields, looked up once
// and kept in flat tables, so that the way of a call asks no descriptor.
//
//   MessageTables tables;
//   const MessageTable& table = tables.For(*Cluster::descriptor());
//   table.Find("health")->enumeration->Name(1);   // "healthy"
#ifndef HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TABLE_H_
#define HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TABLE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"

namespace howdah::transcoding {

// Value names as people write them: lower case, without the prefix that proto
// wants, and without the "unspecified" value.
class EnumTable {
 public:
  explicit EnumTable(const google::protobuf::EnumDescriptor& descriptor);

  // Empty for unspecified and for numbers that this program does not know.
  absl::string_view Name(int number) const;
  // Ignores case; accepts the full proto name too.
  std::optional<int> Number(absl::string_view name) const;
  const std::vector<std::pair<int, std::string>>& values() const {
    return values_;
  }

 private:
  const google::protobuf::EnumDescriptor& descriptor_;
  std::vector<std::pair<int, std::string>> values_;
};

// How a field looks in JSON.
enum class FieldKind {
  kBool,
  kInteger,      // 32 bits: a number
  kLongInteger,  // 64 bits: a string, as numbers in JSON lose precision
  kNumber,
  kString,
  kBytes,
  kEnum,
  kTimestamp,
  kDuration,
  kAny,
  kJson,  // google.protobuf.Value: any JSON, only in answers
  kMessage,
  kMap,
};

struct MessageTable;

struct FieldTable {
  const google::protobuf::FieldDescriptor* descriptor = nullptr;
  // Of the message that has the field.
  const google::protobuf::Reflection* reflection = nullptr;
  absl::string_view name;
  std::string json_key;  // with quotes and colon
  FieldKind kind = FieldKind::kString;
  bool repeated = false;  // a list; false for maps
  bool has_presence = false;
  const EnumTable* enumeration = nullptr;
  const MessageTable* message = nullptr;          // kMessage; entry of kMap
  const howdah::mcp::v1::Field* facts = nullptr;  // never null
};

struct MessageTable {
  const google::protobuf::Descriptor* descriptor = nullptr;
  std::vector<FieldTable> fields;  // in the order of the proto
  // One page of a list; its lists are shown even when empty.
  bool is_page = false;

  const FieldTable* Find(absl::string_view name) const;
};

// Makes the tables on first use and keeps them.
//
// Threads: not safe. Owns: the tables; they live as long as it does.
class MessageTables {
 public:
  MessageTables();
  ~MessageTables();

  // `descriptor` is of the generated pool.
  const MessageTable& For(const google::protobuf::Descriptor& descriptor);

 private:
  const EnumTable* For(const google::protobuf::EnumDescriptor& descriptor);

  std::map<const google::protobuf::Descriptor*, std::unique_ptr<MessageTable>>
      messages_;
  std::map<const google::protobuf::EnumDescriptor*, std::unique_ptr<EnumTable>>
      enums_;
};

}  // namespace howdah::transcoding

#endif  // HOWDAH_ADAPTER_TRANSCODING_MESSAGE_TABLE_H_
