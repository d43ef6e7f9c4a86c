package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a call ended, as a value. */
class OutcomeTest {
    private static final Duration TWO = Duration.ofSeconds(2);
    private static final Duration NINE = Duration.ofSeconds(9);

    @Test
    void says_its_details_and_null_for_those_that_nobody_said() {
        Outcome plain = Outcome.failure(FailureKind.TIMEOUT);
        assertThat(plain.took()).isNull();
        assertThat(plain.retryAfter()).isNull();
        assertThat(plain.attributedTo()).isNull();

        Outcome full = plain.took(TWO).retryAfter(NINE).attributedTo("model:kimi");
        assertThat(full.kind()).isEqualTo(FailureKind.TIMEOUT);
        assertThat(full.took()).isEqualTo(TWO);
        assertThat(full.retryAfter()).isEqualTo(NINE);
        assertThat(full.attributedTo()).isEqualTo("model:kimi");
        assertThat(Outcome.success().took(Duration.ZERO).took()).isZero();
    }

    @Test
    void equals_one_with_the_same_details_and_no_other() {
        Outcome outcome =
                Outcome.failure(FailureKind.TIMEOUT).took(TWO).retryAfter(NINE).attributedTo("model:kimi");
        Outcome same = Outcome.failure(FailureKind.TIMEOUT)
                .attributedTo("model:kimi")
                .retryAfter(NINE)
                .took(TWO);

        assertThat(outcome).isEqualTo(same).hasSameHashCodeAs(same);
        List<Outcome> others = List.of(
                Outcome.failure(FailureKind.ERROR).took(TWO).retryAfter(NINE).attributedTo("model:kimi"),
                outcome.took(NINE),
                outcome.retryAfter(TWO),
                outcome.attributedTo("model:opus"),
                Outcome.success());
        assertThat(others).doesNotContain(outcome);
        assertThat(others)
                .extracting(Outcome::hashCode)
                .as("hash codes that distinguish them")
                .doesNotHaveDuplicates()
                .doesNotContain(outcome.hashCode());
        assertThat(outcome).isNotEqualTo("TIMEOUT");
    }
}
