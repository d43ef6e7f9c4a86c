package dev.interlock.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    private final TrustedProxies proxies = TrustedProxies.of("10.0.0.7, 10.1.0.0/16,fd00::/8");

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 1.2.3.4, 192.0.2.1", // not a proxy of ours: anybody can write the header
        "10.0.0.7, 1.2.3.4, 1.2.3.4",
        "10.0.0.7, '6.6.6.6, 1.2.3.4', 1.2.3.4", // only the last was written by our proxy
        "10.0.0.7, '6.6.6.6, 1.2.3.4, 10.1.200.3', 1.2.3.4",
        "10.0.0.7, '10.1.0.1,10.1.0.2', 10.1.0.1",
        "10.0.0.7, '1.2.3.4, junk', 10.0.0.7",
        "10.0.0.7, '1.2.3.4, junk, 10.1.0.9', 10.1.0.9",
        "10.0.0.7, '', 10.0.0.7",
        "10.0.0.7, 1.2.3.4:5678, 1.2.3.4",
        "10.0.0.7, '[2001:db8::1]:80', 2001:db8::1",
        "::ffff:10.0.0.7, 1.2.3.4, 1.2.3.4",
        "fd12::1, 1.2.3.4, 1.2.3.4",
        "10.2.0.1, 1.2.3.4, 10.2.0.1"
    })
    void the_client_is_the_last_that_no_proxy_of_ours_is(String peer, String forwarded, String client) {
        assertThat(proxies.client(peer, List.of(forwarded))).isEqualTo(client);
    }

    @Test
    void several_headers_are_one_list() {
        assertThat(proxies.client("10.0.0.7", List.of("1.2.3.4", "10.1.0.1"))).isEqualTo("1.2.3.4");
        assertThat(proxies.client("10.0.0.7", List.of())).isEqualTo("10.0.0.7");
        assertThat(TrustedProxies.none().client("10.0.0.7", List.of("1.2.3.4"))).isEqualTo("10.0.0.7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "1.2.3.4,", "fd00::/129"})
    void what_is_no_address_is_refused_without_asking_a_name_server(String text) {
        assertThatThrownBy(() -> TrustedProxies.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
