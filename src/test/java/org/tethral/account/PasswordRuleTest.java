package org.tethral.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordRuleTest {

    private static final EmailAddress ADA = new EmailAddress("ada.lovelace@example.org");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "elevenchars",
                "ADA.Lovelace@example.org",
                " ada.lovelace@example.org ",
                "aaaaaaaaaaaaaaa",
                "ababababababab"
            })
    void refusesWhatIsEasilyGuessed(String password) {
        assertThatThrownBy(() -> PasswordRule.checked(password, ADA))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesWhateverElseIsLongEnough() {
        for (var password :
                new String[] {
                    "correct horse battery staple", "pässwörter mit ümlaut", "x".repeat(253) + "yz1"
                }) {
            assertThat(PasswordRule.checked(password, ADA).reveal()).isEqualTo(password);
        }
        assertThatThrownBy(() -> PasswordRule.checked("x".repeat(254) + "yz1", ADA))
                .hasMessageContaining("256");
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "10.0.0.7                         | 10.0.0.7",
                "2001:db8:1:2:3:4:5:6             | 2001:db8:1:2:",
                "2001:db8:1:2:ffff:0:0:1%eth0     | 2001:db8:1:2:",
                "0:0:0:0:0:0:0:1                  | 0:0:0:0:"
            },
            delimiter = '|')
    void takesWhatOneAttackerMayHaveForOneAddress(String address, String block) {
        assertThat(AddressBlock.of(address)).isEqualTo(block);
    }
}
