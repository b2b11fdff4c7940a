// Runs the adapter's one thread.
//
//   RunLoop(io);   // returns when the io_context is stopped
//
// A core that has gone idle takes 30 µs and more to wake on a virtual machine,
// and whoever wakes it pays too: as long as a backend needs to answer from
// memory. Whoever calls in a loop, and the backend that is asked, come back
// within that time. So the thread does not sleep at once: for a moment after
// the last event it only lets others have the core.
#ifndef HOWDAH_ADAPTER_SERVER_RUN_LOOP_H_
#define HOWDAH_ADAPTER_SERVER_RUN_LOOP_H_

namespace boost::asio {
class io_context;
}

namespace howdah::adapter {

// Threads: the caller's. Limits: up to 100 µs of processor time after an event
// that nothing follows.
void RunLoop(boost::asio::io_context& io);

}  // namespace howdah::adapter

#endif  // HOWDAH_ADAPTER_SERVER_RUN_LOOP_H_
