// All that a server has to offer. Without a provider its capability is not
// announced and its methods do not exist.
//
//   mcp::Server server({.tools = rpc_tools, .prompts = &runbooks}, info);
#ifndef HOWDAH_ADAPTER_MCP_PROVIDERS_H_
#define HOWDAH_ADAPTER_MCP_PROVIDERS_H_

#include "adapter/mcp/completion_provider.h"
#include "adapter/mcp/list_changes.h"
#include "adapter/mcp/prompt_provider.h"
#include "adapter/mcp/resource_provider.h"
#include "adapter/mcp/task_provider.h"
#include "adapter/mcp/tool_provider.h"

namespace howdah::mcp {

// All must outlive the server.
struct Providers {
  ToolProvider& tools;
  ResourceProvider* resources = nullptr;
  PromptProvider* prompts = nullptr;
  CompletionProvider* completion = nullptr;
  TaskProvider* tasks = nullptr;
  // Null if no list ever changes.
  ListChanges* changes = nullptr;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_PROVIDERS_H_
