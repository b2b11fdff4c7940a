#include "backend/auth/rhonabwy_library.h"

#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "proto/support/status_details.h"

namespace howdah::auth {
namespace {

constexpr char kFile[] = "librhonabwy.so.1.1";

absl::Status Unusable(absl::string_view why) {
  return support::ErrorBuilder(absl::StatusCode::kFailedPrecondition,
                               "TOKEN_LIBRARY_MISSING", support::kHowdahDomain)
      .Message(absl::StrCat(kFile,
                            ", with which the backend verifies tokens, cannot "
                            "be used: ",
                            why,
                            ". Install it (on Debian: apt-get install "
                            "librhonabwy1.1) and start the backend again."))
      .With("library", kFile)
      .Build();
}

class Loader {
 public:
  Loader() {
    // Never closed: what it brings has exit handlers of its own.
    handle_ = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) {
      status_ = Unusable(dlerror());
      return;
    }
    Find("r_global_init", library_.global_init);
    Find("r_jwk_free", library_.jwk_free);
    Find("r_jwk_import_from_json_str", library_.jwk_import_from_json_str);
    Find("r_jwk_init", library_.jwk_init);
    Find("r_jwk_key_type", library_.jwk_key_type);
    Find("r_jws_advanced_compact_parsen", library_.jws_advanced_compact_parsen);
    Find("r_jws_free", library_.jws_free);
    Find("r_jws_get_alg", library_.jws_get_alg);
    Find("r_jws_get_payload", library_.jws_get_payload);
    Find("r_jws_init", library_.jws_init);
    Find("r_jws_verify_signature", library_.jws_verify_signature);
    Find("r_str_to_jwa_alg", library_.str_to_jwa_alg);
    if (!status_.ok()) return;
    if (library_.global_init() != RHN_OK) {
      status_ = Unusable("it does not initialise");
    }
  }

  const absl::Status& status() const { return status_; }
  const RhonabwyLibrary& library() const { return library_; }

 private:
  template <typename Function>
  void Find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (function == nullptr && status_.ok()) {
      status_ = Unusable(absl::StrCat("it has no function ", name));
    }
  }

  void* handle_ = nullptr;
  absl::Status status_;
  RhonabwyLibrary library_ = {};
};

const Loader& TheLoader() {
  static const Loader* const loader = new Loader;
  return *loader;
}

}  // namespace

absl::Status LoadRhonabwy() { return TheLoader().status(); }

const RhonabwyLibrary& Rhonabwy() { return TheLoader().library(); }

}  // namespace howdah::auth
