#include "proto/support/help_page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/support/text_layout.h"

namespace howdah::support {
namespace {

using ::testing::ElementsAre;

TEST(HelpPageTest, ExplanationsStandBesideTheirTerms) {
  HelpPage page(30);
  page.Paragraph("Says what it is for, in a sentence.");
  page.Heading("Flags");
  page.Definitions({{"--a N", "a flag that takes a number"},
                    {"--a-flag-that-has-a-long-name", "and its text"}});
  EXPECT_EQ(page.Take(),
            "Says what it is for, in a\n"
            "sentence.\n"
            "\n"
            "Flags\n"
            "  --a N  a flag that takes a\n"
            "         number\n"
            "  --a-flag-that-has-a-long-name\n"
            "         and its text\n");
}

TEST(HelpPageTest, ListsCanBeAligned) {
  HelpPage page(30);
  page.Definitions({{"-x", "text"}}, 8);
  EXPECT_EQ(page.Take(), "  -x        text\n");
}

TEST(WrapTextTest, KeepsParagraphsAndLongWords) {
  EXPECT_THAT(WrapText("one two three\n\nincomprehensible", 8),
              ElementsAre("one two", "three", "", "incomprehensible"));
}

}  // namespace
}  // namespace howdah::support
