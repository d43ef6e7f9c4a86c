package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An inner call at another server than its outer trial asked like a stranger. Now the place gets another name, for the inner
 * call; there is one place all the time.
 */
class LentPlacesTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private static Processes processes;

    private GivenTrial outer = new GivenTrial("default", "planner", "", "");

    @BeforeAll
    static void start() {
        processes = new Processes();
    }

    @AfterAll
    static void stop() {
        processes.close();
    }

    @BeforeEach
    void oneTrialIsOut() {
        processes.next();
        Instant now = Instant.now();
        processes.open(now.minusSeconds(60), now.minusSeconds(1));
        outer = Objects.requireNonNull(processes.ask("outer", Duration.ZERO).given());
    }

    @Test
    void aPlaceIsLentOnceAndIsOneAllTheTime() {
        GivenTrial inner = borrow("inner");

        assertThat(inner).isEqualTo(new GivenTrial("default", outer.name(), outer.round(), "inner"));
        assertThat(processes.borrow(outer, "another", LONG)).isEqualTo(TrialLoan.LENT);
        assertThat(places()).containsExactly("t:inner");
        assertThat(processes.ask("stranger", Duration.ZERO).place()).isEqualTo(TrialAnswer.Place.FULL);
        assertThat(processes.renew(outer)).as("it is not lost").isEqualTo(TrialHold.KEPT);
        assertThat(processes.renew(inner)).isNotEqualTo(TrialHold.LOST);
    }

    @Test
    void theOuterEndFreesNothingAndTheInnerOneCounts() {
        GivenTrial inner = borrow("inner");
        assertThat(processes.end(outer, false)).isFalse();
        assertThat(places()).containsExactly("t:inner");
        assertThat(processes.end(inner, true)).as("enough have succeeded").isTrue();
        assertThat(places()).isEmpty();
    }

    @Test
    void norDoesTheOuterEndThatAnotherProcessHeard() {
        GivenTrial inner = borrow("inner");
        processes.endOfAnother(outer, false);
        assertThat(places()).containsExactly("t:inner");
        assertThat(processes.renew(outer)).isEqualTo(TrialHold.ENDED);
        assertThat(processes.renew(inner)).isEqualTo(TrialHold.KEPT);
    }

    @Test
    void theOuterProcessHearsOfTheInnerEnd() {
        GivenTrial inner = borrow("inner");
        processes.end(inner, false);
        assertThat(processes.renew(outer)).isEqualTo(TrialHold.ENDED);
        assertThat(processes.ask("stranger", Duration.ZERO).place()).isEqualTo(TrialAnswer.Place.GIVEN);
        assertThat(processes.borrow(outer, "another", LONG))
                .as("its outcome has settled the place")
                .isEqualTo(TrialLoan.LENT);
    }

    @Test
    void aPlaceWhoseBorrowerHasDiedIsFreeForAll() {
        borrow("inner");
        processes.lapse("inner");
        assertThat(processes.renew(outer)).isEqualTo(TrialHold.ENDED);
        assertThat(processes.ask("stranger", Duration.ZERO).place()).isEqualTo(TrialAnswer.Place.GIVEN);
    }

    @Test
    void aPlaceThatIsNotUsedGoesBackAndCanBeLentAgain() {
        GivenTrial inner = borrow("inner");
        assertThat(processes.giveBack(inner, outer)).isTrue();
        assertThat(places()).containsExactly("t:outer");
        assertThat(processes.live().keySet()).noneMatch(field -> field.startsWith("l:") || field.startsWith("u:"));
        assertThat(processes.giveBack(inner, outer)).as("once").isFalse();
        assertThat(places()).containsExactly("t:outer");
        borrow("another");
        assertThat(places()).containsExactly("t:another");
    }

    @Test
    void aPlaceThatIsNotUsedIsFreeIfTheOuterCallHasEnded() {
        GivenTrial inner = borrow("inner");
        processes.end(outer, false);
        assertThat(processes.giveBack(inner, outer)).isFalse();
        assertThat(places()).isEmpty();
    }

    @Test
    void aPlaceThatHasLapsedDoesNotGoBack() {
        GivenTrial inner = borrow("inner");
        processes.lapse("inner");
        assertThat(processes.giveBack(inner, outer)).isFalse();
        assertThat(places()).isEmpty();
    }

    @Test
    void anInnerCallLendsItOnToOneWithinItself() {
        GivenTrial middle = borrow("middle");
        GivenTrial inner = borrow(middle, "inner", LONG);
        assertThat(places()).containsExactly("t:inner");
        assertThat(processes.renew(outer)).isEqualTo(TrialHold.KEPT);
        assertThat(processes.renew(middle)).isEqualTo(TrialHold.KEPT);
        processes.end(inner, false);
        assertThat(processes.renew(outer)).isEqualTo(TrialHold.ENDED);
        assertThat(processes.renew(middle)).isEqualTo(TrialHold.ENDED);
    }

    @Test
    void theLeaseIsTheFirstOnes() {
        TrialLoan first = processes.borrow(outer, "middle", Duration.ofSeconds(30));
        assertThat(first.left()).isEqualTo(Duration.ofSeconds(30));
        TrialLoan second = processes.borrow(Objects.requireNonNull(first.given()), "inner", LONG);
        assertThat(second.left()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(30));
        processes.set("u:inner", Long.toString(processes.now() - 1));
        assertThat(processes.borrow(Objects.requireNonNull(second.given()), "innermost", LONG))
                .isEqualTo(TrialLoan.LOST);
        assertThat(places()).containsExactly("t:inner");
    }

    @Test
    void thereIsNothingToLendOfAPlaceThatIsLostOrOfAnotherRound() {
        GivenTrial earlier = new GivenTrial("default", outer.name(), "0", "outer");
        assertThat(processes.borrow(earlier, "inner", LONG)).isEqualTo(TrialLoan.LOST);
        assertThat(processes.borrow(outer, "inner", Duration.ZERO)).isEqualTo(TrialLoan.LOST);
        processes.lapse("outer");
        assertThat(processes.borrow(outer, "inner", LONG)).isEqualTo(TrialLoan.LOST);
        processes.end(outer, false);
        assertThat(processes.borrow(outer, "inner", LONG)).isEqualTo(TrialLoan.LOST);
        assertThat(places()).isEmpty();
    }

    @Test
    void whatIsLeftOfLoansGoesWithTheCallsEnds() {
        GivenTrial inner = borrow("inner");
        processes.end(inner, false);
        processes.end(outer, false);
        assertThat(processes.live().keySet()).noneMatch(field -> field.startsWith("l:") || field.startsWith("u:"));
    }

    /** It goes on with its call, whose outcome is ignored by its notes. */
    @Test
    void aProcessThatKnowsOfNoLoansTakesItsPlaceForLostAndEndsNothing() {
        GivenTrial inner = borrow("inner");
        assertThat(processes.renewBefore(outer)).isEqualTo("lost");
        processes.endBefore(outer.round(), outer.trial(), false);
        assertThat(places()).containsExactly("t:inner");
        assertThat(processes.renew(inner)).isEqualTo(TrialHold.KEPT);
        assertThat(processes.askBefore("stranger").get(0)).isEqualTo("full");
    }

    private GivenTrial borrow(String name) {
        return borrow(outer, name, LONG);
    }

    private GivenTrial borrow(GivenTrial around, String name, Duration left) {
        TrialLoan loan = processes.borrow(around, name, left);
        assertThat(loan.answer()).isEqualTo(TrialLoan.Answer.GIVEN);
        return Objects.requireNonNull(loan.given());
    }

    private List<String> places() {
        return processes.live().keySet().stream()
                .filter(field -> field.startsWith("t:"))
                .toList();
    }
}
