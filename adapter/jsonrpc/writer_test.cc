#include "adapter/jsonrpc/writer.h"

#include <limits>
#include <string>

#include "adapter/jsonrpc/raw_json.h"
#include "gtest/gtest.h"

namespace howdah::jsonrpc {
namespace {

std::string Quoted(absl::string_view text) {
  std::string out;
  AppendString(out, text);
  return out;
}

TEST(WriterTest, EveryByteBelowSpaceComesBack) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = {'<', static_cast<char>(c), '>'};
    EXPECT_EQ(DecodeString(Quoted(text)), text) << c;
    EXPECT_EQ(Quoted(text).find('\n'), std::string::npos);
  }
}

// Longer text is looked at in words of eight bytes.
TEST(WriterTest, EveryByteIsSeenAtEveryPlace) {
  for (int c = 0; c < 0x80; ++c) {
    const bool plain = c >= 0x20 && c != '"' && c != '\\';
    for (size_t place = 0; place < 19; ++place) {
      std::string text = "\xC3\x84 !#[]^0aZ~ 12345678";
      text[2 + place] = static_cast<char>(c);
      EXPECT_EQ(DecodeString(Quoted(text)), text) << c << " at " << place;
      EXPECT_EQ(Quoted(text).size() == text.size() + 2, plain) << c;
    }
  }
}

TEST(WriterTest, InvalidUtf8IsReplacedAndTheRestKept) {
  EXPECT_EQ(Quoted("a\xff\xC3\x84z"), "\"a\xEF\xBF\xBD\xC3\x84z\"");
  EXPECT_EQ(Quoted("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(Quoted("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

TEST(WriterTest, NumbersAreShort) {
  std::string out;
  AppendNumber(out, 50);
  out += ' ';
  AppendNumber(out, 0.1);
  out += ' ';
  AppendNumber(out, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(out, "50 0.1 null");
}

TEST(WriterTest, AnErrorEchoesTheIdAndCarriesData) {
  Error error = InvalidParams("no \"x\"");
  error.data_json = R"({"uri":"a"})";
  EXPECT_EQ(ErrorMessage("\"i\"", error),
            R"({"jsonrpc":"2.0","id":"i","error":{"code":-32602,)"
            R"("message":"no \"x\"","data":{"uri":"a"}}})");
  EXPECT_EQ(ErrorMessage("", ParseError("p")),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,)"
            R"("message":"p"}})");
  EXPECT_EQ(ErrorMessage("", ParseError("p"), UnknownId::kOmit),
            R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"p"}})");
}

TEST(WriterTest, AResultBeginsWithTheId) {
  EXPECT_EQ(BeginResult("7"), R"({"jsonrpc":"2.0","id":7,"result":)");
}

}  // namespace
}  // namespace howdah::jsonrpc
