package dev.interlock.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.interlock.CircuitOpenException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openjdk.jol.info.ClassLayout;
import org.openjdk.jol.vm.VM;

/** The bytes of a circuit are exact, so a test can hold them; the figures of speed need a quiet machine. */
class FootprintTest {
    @BeforeEach
    void referencesOfFourBytes() {
        Footprint.prepare();
        assumeThat(VM.current().details()).doesNotContain("disabled");
    }

    @Test
    void anIdleCircuitTakesAtMost56Bytes() {
        assertThat(Footprint.interlockIdle()).isLessThanOrEqualTo(56);
    }

    @Test
    void aCircuitWithAWindowOfTimeTakesAtMost208Bytes() {
        assertThat(Footprint.interlockWithWindow()).isLessThanOrEqualTo(208);
    }

    @Test
    void aCircuitWithAWindowOf20CallsTakesAtMost208Bytes() {
        assertThat(Footprint.interlockWithCountWindow()).isLessThanOrEqualTo(208);
    }

    @Test
    void anIdleUpstreamTakesAtMost56BytesSinceCallersAreRememberedOnceTheyAsk() {
        assertThat(Footprint.interlockIdleUpstream()).isLessThanOrEqualTo(56);
    }

    @Test
    void whatIsRememberedOfCallersTakesAtMost200Bytes() {
        assertThat(Footprint.interlockCallers()).isBetween(1L, 200L);
    }

    @Test
    void whatIsRememberedOfCallersOfASharedCircuitTakes232Bytes() {
        assertThat(Footprint.interlockSharedCallers()).isEqualTo(232);
    }

    @Test
    void whatIsRememberedOfAProbeTakesAtMost200Bytes() {
        assertThat(Footprint.interlockTrust()).isBetween(1L, 200L);
    }

    @Test
    void aRefusalAllocatesNoMoreThan56Bytes() {
        assertThat(ClassLayout.parseClass(CircuitOpenException.class).instanceSize())
                .isLessThanOrEqualTo(56);
    }
}
