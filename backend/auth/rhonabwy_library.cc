#include "backend/auth/rhonabwy_library.h"

#include "backend/net/shared_library.h"

namespace howdah::auth {
namespace {

class Loader {
 public:
  Loader() {
    file_.Find("r_global_init", library_.global_init);
    file_.Find("r_jwk_free", library_.jwk_free);
    file_.Find("r_jwk_import_from_json_str", library_.jwk_import_from_json_str);
    file_.Find("r_jwk_init", library_.jwk_init);
    file_.Find("r_jwk_key_type", library_.jwk_key_type);
    file_.Find("r_jws_advanced_compact_parsen",
               library_.jws_advanced_compact_parsen);
    file_.Find("r_jws_free", library_.jws_free);
    file_.Find("r_jws_get_alg", library_.jws_get_alg);
    file_.Find("r_jws_get_payload", library_.jws_get_payload);
    file_.Find("r_jws_init", library_.jws_init);
    file_.Find("r_jws_verify_signature", library_.jws_verify_signature);
    file_.Find("r_str_to_jwa_alg", library_.str_to_jwa_alg);
    if (!file_.status().ok()) return;
    if (library_.global_init() != RHN_OK) {
      file_.Refuse("it does not initialise");
    }
  }

  const absl::Status& status() const { return file_.status(); }
  const RhonabwyLibrary& library() const { return library_; }

 private:
  net::SharedLibrary file_{{.file = "librhonabwy.so.1.1",
                            .purpose = "verifies tokens",
                            .package = "librhonabwy1.1",
                            .reason = "TOKEN_LIBRARY_MISSING"}};
  RhonabwyLibrary library_ = {};
};

const Loader& TheLoader() {
  static const Loader* const kLoader = new Loader;
  return *kLoader;
}

}  // namespace

absl::Status LoadRhonabwy() { return TheLoader().status(); }

const RhonabwyLibrary& Rhonabwy() { return TheLoader().library(); }

}  // namespace howdah::auth
