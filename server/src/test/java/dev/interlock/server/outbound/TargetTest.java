package dev.interlock.server.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/v1/models, true, api.example.com, 443, /v1/models",
        "http://api.example.com, false, api.example.com, 80, /",
        "HTTPS://API.Example.COM:8443?page=1, true, api.example.com, 8443, /?page=1",
        "http://10.0.0.7:9000/a/../b, false, 10.0.0.7, 9000, /a/../b",
        "http://[FD00::1]:9000/, false, fd00::1, 9000, /",
        "http://[::ffff:10.0.0.7]/, false, ::ffff:10.0.0.7, 80, /",
        "http://localhost/%41, false, localhost, 80, /%41",
    })
    void an_address_is_taken_apart(String url, boolean tls, String host, int port, String path) {
        assertThat(Target.of(url)).isEqualTo(new Target(tls, host, port, path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api.example.com",
                "//api.example.com/",
                "/v1/models",
                "file:///etc/passwd",
                "ftp://api.example.com/",
                "gopher://api.example.com/",
                "jar:http://api.example.com!/",
                "javascript:alert(1)",
                "https:api.example.com",
                "https:///v1",
                "https://",
                "https://:443/",
                "http://user@api.example.com/",
                "http://user:word@127.0.0.1/",
                "http://api.example.com@127.0.0.1/",
                "http://127.0.0.1#@api.example.com/",
                "http://127.0.0.1\\@example.com/",
                "http://2130706433/",
                "http://0x7f000001/",
                "http://0x7f.0.0.1/",
                "http://0177.0.0.1/",
                "http://017700000001/",
                "http://127.1/",
                "http://127.0.1/",
                "http://127.0.0.01/",
                "http://127.0.0.256/",
                "http://1.2.3.4.5/",
                "http://127.0.0.1./",
                "http://api.example.com./",
                "http://example.0x10/",
                "http://example.7/",
                "http://api..example.com/",
                "http://-api.example.com/",
                "http://api_x.example.com/",
                "http://api.éxample.com/",
                "http://１２７.0.0.1/",
                "http://127。0。0。1/",
                "http://127.0.0.1%00.example.com/",
                "http://%31%32%37.0.0.1/",
                "http://[::1/",
                "http://[::1%25eth0]/",
                "http://[fe80::1%eth0]/",
                "http://[127.0.0.1]/",
                "http://[]/",
                "http://api.example.com:0/",
                "http://api.example.com:65536/",
                "http://api.example.com:/",
                "http://api.example.com:-1/",
                "http://api.example.com:80:80/",
                "http://api.example.com/#part",
                "http://api.example.com/a b",
                "http://api.example.com/\r\nX: y",
                "http://api.example.com/\n",
                "\thttp://api.example.com/",
                "http://api.example.com/\u0000",
                "http://api.example.com\r\n/",
                "http://api.example.com/ü",
                "http://api.example.com\\/",
                "http://api.example.com/${secret:KEY}",
                " http://api.example.com/"
            })
    void what_some_would_read_otherwise_is_refused_with_what_would_be_right(String url) {
        assertThatThrownBy(() -> Target.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("an address such as https://api.example.com/v1/models, ");
    }

    @Test
    void a_long_one_is_refused() {
        assertThatThrownBy(() -> Target.of("https://api.example.com/" + "a".repeat(2_048)))
                .hasMessageContaining("at most 2048 characters");
    }

    @Test
    void a_list_of_hosts_admits_what_it_names() {
        OutboundHosts hosts = OutboundHosts.of(List.of("API.example.com", "*.models.test", "10.1.0.0/16", "fd00::/8"));
        assertThat(List.of(
                        "https://api.example.com/",
                        "https://a.models.test/",
                        "https://a.b.models.test/",
                        "http://10.1.2.3/",
                        "http://[::ffff:10.1.2.3]/",
                        "http://[fd00::1]/"))
                .allMatch(url -> hosts.admits(Target.of(url)));
        assertThat(List.of(
                        "https://example.com/",
                        "https://xapi.example.com/",
                        "https://api.example.com.evil.test/",
                        "https://models.test/",
                        "https://amodels.test/",
                        "http://10.2.0.1/",
                        "http://8.8.8.8/",
                        "http://127.0.0.1/"))
                .noneMatch(url -> hosts.admits(Target.of(url)));
        assertThat(OutboundHosts.none().admits(Target.of("https://api.example.com/")))
                .isFalse();
    }

    @Test
    void one_that_is_listed_with_a_port_is_admitted_with_no_other() {
        OutboundHosts hosts = OutboundHosts.of(List.of(
                "API.example.com:8443",
                "*.models.test:443",
                "10.1.2.3:8080",
                "[fd00::1]:8080",
                "two.test:81",
                "two.test:82",
                "fd00::2"));
        assertThat(List.of(
                        "https://api.example.com:8443/",
                        "https://a.models.test/",
                        "http://10.1.2.3:8080/",
                        "http://[::ffff:10.1.2.3]:8080/",
                        "http://[fd00::1]:8080/",
                        "http://two.test:81/",
                        "http://two.test:82/",
                        "http://[fd00::2]:9/"))
                .allMatch(url -> hosts.admits(Target.of(url)));
        assertThat(List.of(
                        "https://api.example.com/",
                        "http://a.models.test/",
                        "http://10.1.2.3/",
                        "http://[fd00::1]/",
                        "http://two.test:83/"))
                .noneMatch(url -> hosts.admits(Target.of(url)))
                .allMatch(url -> hosts.admitsAnyPortOf(Target.of(url)));
        assertThat(hosts.admitsAnyPortOf(Target.of("https://example.com/"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*.",
                "*.*",
                "https://api.example.com",
                "api.example.com/v1",
                "api.example.com:",
                "api.example.com:0",
                "api.example.com:65536",
                "api.example.com:0443",
                "api.example.com:https",
                "api.example.com:443:443",
                "api.example.com:443/",
                "10.1.0.0/16:443",
                "10.1.0.0:443/16",
                "[fd00::1]:",
                "[10.1.2.3]:443",
                ":443",
                "0x7f.1:443",
                "0x7f.1",
                "127.1",
                "10.0.0.0/33",
                "10.0.0.0/",
                "*.10.0.0.1",
                "a b"
            })
    void what_is_no_host_is_refused_in_a_list(String host) {
        assertThatThrownBy(() -> OutboundHosts.of(List.of(host)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names such as api.example.com")
                .hasMessageContaining("with a port, such as api.example.com:8443");
    }
}
