// A shared library that is loaded when it is first needed, because loading it
// costs a start more than the rest of the program, and few calls need it.
//
//   SharedLibrary library({.file = "libcurl.so.4", .purpose = "talks HTTP",
//                          .package = "libcurl4",
//                          .reason = "HTTP_LIBRARY_MISSING"});
//   library.Find("curl_easy_init", functions.easy_init);
//   RETURN_IF_ERROR(library.status());
#ifndef HOWDAH_BACKEND_NET_SHARED_LIBRARY_H_
#define HOWDAH_BACKEND_NET_SHARED_LIBRARY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace howdah::net {

// Threads: one; what Find gave may be called from any, if the library allows.
// Owns: nothing. The library stays loaded until the program ends: its threads
//   and exit handlers may outlive its users.
// Limits: functions only, found under their C names.
class SharedLibrary {
 public:
  struct Facts {
    const char* file;     // As the dynamic linker looks for it.
    const char* purpose;  // What "the backend" does with it.
    const char* package;  // Debian's name.
    const char* reason;   // Of the error, for machines.
  };

  explicit SharedLibrary(const Facts& facts);

  // Sets `function`, or status().
  template <typename Function>
  void Find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(Address(name));
  }

  // For a library that was found but does not work.
  void Refuse(absl::string_view why);

  // FAILED_PRECONDITION that says what to install, by the first thing that was
  // missing.
  const absl::Status& status() const { return status_; }

 private:
  void* Address(const char* name);

  const Facts facts_;
  void* handle_ = nullptr;
  absl::Status status_;
};

}  // namespace howdah::net

#endif  // HOWDAH_BACKEND_NET_SHARED_LIBRARY_H_
