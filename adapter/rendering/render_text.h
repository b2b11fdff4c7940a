// An answer as compact text for people and models, driven by the contract: the
// summary first, lists as tables of the fields that have a `column`, everything
// else as "name: value" lines, and how to get the next page.
//
//   RenderText(response, table, {.budget = 25000});
//
//   2 clusters in namespace default, 1 healthy.
//
//   NAME   HEALTH   READY  PRIMARY
//   demo   healthy  3/3    demo-1
//   other  -        0/1    -
//
// What is already told in the summary is not repeated, and neither is what is
// empty.
#ifndef HOWDAH_ADAPTER_RENDERING_RENDER_TEXT_H_
#define HOWDAH_ADAPTER_RENDERING_RENDER_TEXT_H_

#include <cstddef>
#include <string>

#include "adapter/transcoding/message_table.h"
#include "google/protobuf/message.h"

namespace howdah::rendering {

struct RenderOptions {
  // Longest text in characters, the note about what was left out included.
  size_t budget = 25000;
  // Lists as one block per item with all its fields, not as tables.
  bool detailed = false;
  // Whether the caller can ask for fewer items at once.
  bool has_page_size = false;
};

std::string RenderText(const google::protobuf::Message& message,
                       const transcoding::MessageTable& table,
                       const RenderOptions& options);

// The same answer as JSON. Where that would be longer than the budget, items
// of the longest list are left out and a member "truncated" says so.
std::string RenderJson(const google::protobuf::Message& message,
                       const transcoding::MessageTable& table,
                       const RenderOptions& options);

}  // namespace howdah::rendering

#endif  // HOWDAH_ADAPTER_RENDERING_RENDER_TEXT_H_
