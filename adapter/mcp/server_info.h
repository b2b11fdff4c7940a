// What the server says about itself in `initialize` and `server/discover`.
#ifndef HOWDAH_ADAPTER_MCP_SERVER_INFO_H_
#define HOWDAH_ADAPTER_MCP_SERVER_INFO_H_

#include <string>

namespace howdah::mcp {

struct ServerInfo {
  std::string name = "howdah";
  std::string title = "Howdah";
  std::string version = {};
  // JSON array; empty for none.
  std::string icons_json = {};
  std::string instructions =
      "Howdah runs PostgreSQL clusters: create, inspect, scale and delete "
      "them, their roles and their databases. Look before you change: "
      "list_postgres_clusters and get_cluster_status are cheap and safe. Every "
      "change takes dry_run=true, which says what would happen. Deleting needs "
      "confirm_deletion=true; ask the user first. Creating a cluster takes a "
      "minute or so: pass wait=true to see progress, or poll "
      "get_cluster_status. Passwords are kept in Kubernetes Secrets and never "
      "shown.";
  // Items on one page of tools/list and prompts/list.
  int page_size = 100;
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_SERVER_INFO_H_
