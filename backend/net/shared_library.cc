#include "backend/net/shared_library.h"

#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::net {

SharedLibrary::SharedLibrary(const Facts& facts)
    : facts_(facts), handle_(dlopen(facts.file, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) Refuse(dlerror());
}

void SharedLibrary::Refuse(absl::string_view why) {
  if (!status_.ok()) return;
  status_ = support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                                  facts_.reason, support::kHowdahDomain)
                .Message(absl::StrCat(
                    facts_.file, ", with which the backend ", facts_.purpose,
                    ", cannot be used: ", why,
                    ". Install it (on Debian: apt-get install ", facts_.package,
                    ") and start the backend again."))
                .With("library", facts_.file)
                .Build();
}

void* SharedLibrary::Address(const char* name) {
  if (handle_ == nullptr) return nullptr;
  void* const address = dlsym(handle_, name);
  if (address == nullptr) Refuse(absl::StrCat("it has no function ", name));
  return address;
}

}  // namespace howdah::net
