package dev.interlock.server.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
    /** The example of the specification of Standard Webhooks. */
    @Test
    void signs_as_standard_webhooks_do() {
        assertThat(Signature.of(
                        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1_614_265_330L,
                        "{\"test\": 2432232314}"))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void a_new_secret_is_one_and_another_each_time() {
        assertThat(Signature.isSecret(Signature.newSecret())).isTrue();
        assertThat(Signature.newSecret()).isNotEqualTo(Signature.newSecret());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "whsec_", "whsec_AAAA", "whsec_#", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    void what_is_too_short_or_no_base64_is_no_secret(String text) {
        assertThat(Signature.isSecret(text)).isFalse();
    }
}
