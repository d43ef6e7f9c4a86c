package dev.interlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.LocalCircuits.Recovery;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialHold;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pastalab.fray.junit.junit5.FrayTestExtension;
import org.pastalab.fray.junit.junit5.annotations.FrayTest;

/** A trial that this process was given is made by one call or given back: one of them, and once. */
@ExtendWith(FrayTestExtension.class)
class TrialDeskFrayTest {
    private static final TrialRules RULES = new TrialRules(3, 3, 3, 60_000 * TrialDesk.MILLI);
    private static final Recovery TRIED = new Recovery(new Object(), null, true, 0, true);
    private static final GivenTrial GIVEN = new GivenTrial("default", "agent", "1", "trial");

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void two_calls_and_the_fleets_thread_share_what_is_given() throws Exception {
        TrialDesk desk = new TrialDesk(RULES, 0);
        AtomicInteger given = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger givenBack = new AtomicInteger();
        Runnable call = () -> {
            HeldTrial held = desk.take(RULES, null, 1_000 * TrialDesk.MILLI);
            if (held != null) {
                taken.incrementAndGet();
                ended.addAndGet(desk.end(held, 1_000 * TrialDesk.MILLI) ? 1 : 0);
            }
        };
        AtOnce.run(call, call, () -> {
            for (long now = 0; now <= 2_000 * TrialDesk.MILLI; now += 1_000 * TrialDesk.MILLI) {
                TrialWork work = desk.work(TRIED, now);
                givenBack.addAndGet(work.unused() == null ? 0 : 1);
                if (work.ask() != 0) {
                    given.incrementAndGet();
                    givenBack.addAndGet(desk.answered(work.ask(), GIVEN, false, now) ? 0 : 1);
                }
            }
        });
        int left = desk.clear() == null ? 0 : 1;

        assertThat(given.get()).isPositive();
        assertThat(ended.get()).isEqualTo(taken.get());
        assertThat(taken.get() + givenBack.get() + left).isEqualTo(given.get());
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void a_call_and_another_process_that_waits_for_the_place_do_not_both_get_it() throws Exception {
        TrialDesk desk = new TrialDesk(RULES, 0);
        desk.answered(desk.work(TRIED, 0).ask(), GIVEN, false, 0);
        HeldTrial waiting =
                desk.work(TRIED, 3_000 * TrialDesk.MILLI).renew().iterator().next();
        AtomicInteger called = new AtomicInteger();
        AtomicInteger givenBack = new AtomicInteger();
        Runnable call = () -> called.addAndGet(desk.take(RULES, null, 3_000 * TrialDesk.MILLI) == null ? 0 : 1);
        AtOnce.run(call, call, () -> {
            if (desk.renewed(waiting, TrialHold.WANTED, 3_000 * TrialDesk.MILLI)) {
                givenBack.incrementAndGet();
            }
        });

        assertThat(called.get() + givenBack.get()).isEqualTo(1);
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void an_answer_that_an_opening_overtakes_gives_no_trial_of_the_opening_before() throws Exception {
        TrialDesk desk = new TrialDesk(RULES, 0);
        int ask = desk.work(TRIED, 0).ask();
        AtomicInteger kept = new AtomicInteger();
        AtOnce.run(() -> kept.addAndGet(desk.answered(ask, GIVEN, false, 0) ? 1 : 0), () -> {
            desk.drop();
            assertThat(desk.hasTrial(0)).isFalse();
        });

        assertThat(desk.hasTrial(0)).isFalse();
        assertThat(kept.get()).isLessThanOrEqualTo(1);
    }

    @FrayTest(iterations = 200, resetClassLoaderPerIteration = false, abortThreadExecutionAfterMainExit = true)
    void a_desk_that_is_retired_holds_no_trial() throws Exception {
        TrialDesk desk = new TrialDesk(RULES, 0);
        AtomicInteger held = new AtomicInteger();
        AtomicInteger retired = new AtomicInteger();
        AtOnce.run(
                () -> held.addAndGet(desk.ofAnother(GIVEN, RULES, null, 0) == null ? 0 : 1),
                () -> retired.addAndGet(desk.retire() ? 1 : 0));

        assertThat(held.get() + retired.get()).isEqualTo(1);
        assertThat(desk.ofAnother(GIVEN, RULES, null, 0) == null).isEqualTo(retired.get() == 1);
    }
}
