package dev.interlock.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Each owner may hold a part of what is free, so that none can fill the room. */
class SharesTest {
    private final Shares shares = new Shares(1_000, 25);

    @Test
    void oneAloneGetsItsPartAndNotMore() {
        assertThat(shares.take("loud", 250)).isTrue();
        assertThat(shares.take("loud", 1)).isFalse();
        assertThat(shares.held("loud")).isEqualTo(250);
    }

    @Test
    void howeverManyFloodThereIsRoomForAnother() {
        for (int round = 0; round < 1_000; round++) {
            for (int owner = 0; owner < 7; owner++) {
                shares.take("loud-" + owner, 1);
            }
        }
        assertThat(shares.held("loud-3")).as("less as there are more").isBetween(90L, 110L);
        assertThat(shares.total()).isLessThanOrEqualTo(710);
        assertThat(shares.take("quiet", 70)).isTrue();
    }

    @Test
    void whatIsGivenBackIsFreeAgain() {
        assertThat(shares.take("one", 250)).isTrue();
        shares.give("one", 250);
        shares.give("one", 250);
        assertThat(shares.total()).isZero();
        assertThat(shares.take("one", 250)).isTrue();
    }

    @Test
    void whatIsThereAlreadyIsCounted() {
        shares.hold("one", 900);
        assertThat(shares.fits("one", 1)).isFalse();
        assertThat(shares.take("two", 25)).isTrue();
        assertThat(shares.take("two", 25)).isFalse();
    }

    @Test
    void aRoomHasAShareForOneAlone() {
        assertThatThrownBy(() -> new Shares(0, 25)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(10, 100)).isInstanceOf(IllegalArgumentException.class);
    }
}
