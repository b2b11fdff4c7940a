// Waits for SIGTERM, SIGINT or a request to stop.
//
//   StopSignal stop;              // before any thread is started
//   ... stop.Request("why") ...   // from any thread
//   std::string why = stop.Wait();
#ifndef HOWDAH_BACKEND_LOCAL_STOP_SIGNAL_H_
#define HOWDAH_BACKEND_LOCAL_STOP_SIGNAL_H_

#include <mutex>
#include <string>
#include <vector>

namespace howdah::local {

// Threads: Request from any; Wait from one. Owns: the handling of the two
// signals in this process.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Request(const std::string& reason);

  // Returns the reason. Ends also when one of `files` has ended or has input
  // that cannot be read any more; what it does have is thrown away.
  std::string Wait(const std::vector<int>& files = {});

 private:
  int signals_;
  int requests_;
  std::mutex mutex_;
  std::string reason_;
};

// With SIGTERM when the parent process ends, also if it has ended already.
void ExitWithParent();

}  // namespace howdah::local

#endif  // HOWDAH_BACKEND_LOCAL_STOP_SIGNAL_H_
