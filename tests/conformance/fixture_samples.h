// Contents that tools, resources and prompts of the fixture server share.
#ifndef HOWDAH_TESTS_CONFORMANCE_FIXTURE_SAMPLES_H_
#define HOWDAH_TESTS_CONFORMANCE_FIXTURE_SAMPLES_H_

namespace howdah::conformance {

// One red pixel.
inline constexpr char kPngBase64[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ"
    "/pLvAAAAAElFTkSuQmCC";
// One silent sample.
inline constexpr char kWavBase64[] =
    "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA==";

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_FIXTURE_SAMPLES_H_
