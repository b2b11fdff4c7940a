#include "proto/support/network_of.h"

#include "gtest/gtest.h"

namespace howdah::support {
namespace {

TEST(NetworkOfTest, AnAddressOfIpv6StandsForAllOfItsNetwork) {
  EXPECT_EQ(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:2:ffff::7"));
  EXPECT_NE(NetworkOf("2001:db8:1:2::1"), NetworkOf("2001:db8:1:3::1"));
}

TEST(NetworkOfTest, AnAddressOfIpv4StandsForItself) {
  EXPECT_EQ(NetworkOf("192.0.2.1"), "192.0.2.1");
  EXPECT_NE(NetworkOf("::ffff:192.0.2.1"), NetworkOf("::ffff:192.0.2.2"));
}

}  // namespace
}  // namespace howdah::support
