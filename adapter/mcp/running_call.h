// A request that a provider is working on.
//
// Destroying it does not cancel. A provider that has answered already may give
// null instead.
#ifndef HOWDAH_ADAPTER_MCP_RUNNING_CALL_H_
#define HOWDAH_ADAPTER_MCP_RUNNING_CALL_H_

namespace howdah::mcp {

class RunningCall {
 public:
  virtual ~RunningCall() = default;
  // Ends the request; its `done` is not called any more. The backend's handler
  // sees the cancellation.
  virtual void Cancel() = 0;
  // The server is about to stop: what only waits answers with what there is,
  // all else goes on to its end.
  virtual void WrapUp() {}
};

}  // namespace howdah::mcp

#endif  // HOWDAH_ADAPTER_MCP_RUNNING_CALL_H_
