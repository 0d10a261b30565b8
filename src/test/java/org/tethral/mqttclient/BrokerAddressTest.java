package org.tethral.mqttclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tethral.kernel.Secret;

class BrokerAddressTest {

    @Test
    void knowsTheUsualPorts() {
        assertThat(BrokerAddress.parse("mqtt://broker"))
                .isEqualTo(new BrokerAddress("broker", 1883, false, null, null));
        assertThat(BrokerAddress.parse("mqtts://broker:9/"))
                .isEqualTo(new BrokerAddress("broker", 9, true, null, null));
        assertThat(BrokerAddress.parse("mqtts://broker").port()).isEqualTo(8883);
    }

    @Test
    void takesUserAndPasswordAndPrintsNeither() {
        var address = BrokerAddress.parse("mqtt://ops:h%40+x:y@broker");

        assertThat(address.user()).isEqualTo("ops");
        assertThat(address.password()).isEqualTo(new Secret("h@+x:y"));
        assertThat(address).hasToString("mqtt://broker:1883");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "broker:1883",
                "http://u:hunter2@b",
                "mqtt://",
                "mqtt://b/path",
                "mqtt://a b"
            })
    void refusesWhatIsNoBroker(String url) {
        assertThatThrownBy(() -> BrokerAddress.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("hunter2");
    }
}
