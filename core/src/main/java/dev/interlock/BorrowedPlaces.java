package dev.interlock;

import dev.interlock.store.GivenTrial;
import dev.interlock.store.TrialLoan;
import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the calls around a call whose permits may be of other processes. If those calls hold places of trials that
 * all processes know, the call takes these places over: each was asked for before, and has a name of its own. Settle it
 * once the call has asked for its permits; places that the call has not taken go back to the call around it. Settling
 * counts nothing.
 */
final class BorrowedPlaces extends Permit {
    /** How long a place that is not renewed yet can be taken. */
    private static final long USABLE = 4_000 * TrialDesk.MILLI;

    private final CircuitId agent;
    private final Caller caller;
    private final @Nullable Permit enclosing;
    private final List<Loan> loans = new ArrayList<>();
    private volatile boolean settled;

    private BorrowedPlaces(CircuitId agent, Caller caller, @Nullable Permit enclosing) {
        this.agent = agent;
        this.caller = caller;
        this.enclosing = enclosing;
    }

    /**
     * Asks all processes for the places that a call needs.
     *
     * @param circuits those around the call
     * @param around the trials around it, the innermost first, and how long ago each began
     * @param enclosing the innermost permit around it whose object is here, or null
     * @return completes once all have answered, in bounded time; never fails
     */
    static CompletionStage<Permit> ask(
            CircuitBreaker[] circuits,
            Map<GivenTrial, Duration> around,
            @Nullable Permit enclosing,
            CircuitId agent,
            Caller caller) {
        BorrowedPlaces borrowed = new BorrowedPlaces(agent, caller, enclosing);
        List<CompletableFuture<?>> asked = new ArrayList<>();
        for (CircuitBreaker circuit : circuits) {
            around.entrySet().stream()
                    .filter(each -> each.getKey().name().equals(circuit.id().name())
                            && each.getKey().organization().equals(circuit.id().organization()))
                    .findFirst()
                    .ifPresent(each -> borrowed.ask(circuit, each.getKey(), each.getValue(), asked));
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).handle((done, failed) -> borrowed);
    }

    /** Nothing is asked of a circuit that is closed here, or while this process goes by itself. */
    private void ask(CircuitBreaker circuit, GivenTrial around, Duration age, List<CompletableFuture<?>> asked) {
        Policy policy = circuit.policy();
        Fleet fleet = policy.fleet;
        long left = policy.trials.timeout() - Nanos.of(age);
        if (fleet != null && fleet.isTogether() && left > 0 && !(circuit.current() instanceof ClosedEpoch)) {
            Loan loan = new Loan(circuit, fleet.places(), around, policy.time.ticks());
            loans.add(loan);
            try {
                asked.add(fleet.places()
                        .borrow(around, Duration.ofNanos(left))
                        .toCompletableFuture()
                        .thenAccept(answer -> loan.answer = answer));
            } catch (RuntimeException notAsked) {
                Reporting.report(notAsked); // the call asks as if it was not within another
            }
        }
    }

    /** The place of one circuit's trial, under its new name. For one thread at a time. */
    private final class Loan implements InnerCall.Enclosing {
        final CircuitBreaker circuit;
        private final TrialPlaces places;
        private final GivenTrial around;
        private final long asked;

        /** What all processes have answered; they may not have, and then the call asks as if it was not within another. */
        volatile TrialLoan answer = TrialLoan.LOST;

        private @Nullable SharedPlace place;
        private TrialRules rules;
        private boolean isOut;

        /** Hears how the call ends; null until it has been admitted by all of its circuits. */
        private volatile SharedPlace.@Nullable Ending kept;

        /** The call around this one here, and its place, which has been this one's since. */
        private @Nullable SinglePermit holder;

        private Place held = Place.NONE;

        Loan(CircuitBreaker circuit, TrialPlaces places, GivenTrial around, long asked) {
            this.circuit = circuit;
            this.places = places;
            this.around = around;
            this.asked = asked;
            this.rules = circuit.policy().trials;
        }

        @Override
        public Engine engine() {
            return circuit.policy().engine;
        }

        /** Noted with the permits around the call, wherever these are settled. */
        @Override
        public void note(InnerCall what) {}

        @Override
        public boolean hasLent() {
            return answer.answer() != TrialLoan.Answer.LOST;
        }

        @Override
        public boolean holdsPlace(Epoch tried, long now) {
            return answer.given() != null && !isOut && !settled && now - asked < USABLE && circuit.current() == tried;
        }

        @Override
        public @Nullable Place lend(HalfOpenEpoch trying, long now) {
            Policy policy = circuit.policy();
            Place taken = take(trying, trying.rules(policy), now);
            if (taken == null) {
                return null;
            }
            findHolder(trying, now);
            if (trying.admit(policy, now, taken, held)) {
                return taken;
            }
            isOut = false; // by what is known here there is no place
            return null;
        }

        @Override
        public @Nullable Place lendFirst(Epoch cooled, TrialRules wanted, long now) {
            return take(cooled, wanted, now);
        }

        @Override
        public void takeBack(Epoch tried, Place returned) {
            SinglePermit lender = holder;
            if (lender != null && tried instanceof HalfOpenEpoch trying) {
                trying.giveBack(returned, held);
                if (lender.place() != held) { // it has ended meanwhile
                    trying.giveBack(held);
                }
            } else {
                tried.giveBack(returned);
            }
            isOut = false;
        }

        private @Nullable Place take(Epoch tried, TrialRules wanted, long now) {
            GivenTrial given = answer.given();
            if (given == null || !holdsPlace(tried, now)) {
                return null;
            }
            SharedPlace taken = place;
            if (taken == null) {
                long left = Math.min(wanted.timeout(), Nanos.of(answer.left()) - (now - asked));
                taken = new SharedPlace(now + left, given, this::ended);
                place = taken;
                rules = wanted;
            }
            isOut = true;
            return taken;
        }

        /** Of the calls around this one whose objects are here, one may hold the place by its name of before. */
        private void findHolder(HalfOpenEpoch trying, long now) {
            holder = null;
            held = Place.NONE;
            for (Permit each = parent(); each != null; each = each.parent()) {
                if (each.admittedBy(circuit.id()) instanceof SinglePermit permit) {
                    Place present = permit.place();
                    if (trying.holds(present, now)) {
                        holder = permit;
                        held = present;
                        return;
                    }
                }
            }
        }

        private void ended(boolean succeeded, int failedCaller) {
            SharedPlace.Ending hears = kept;
            if (hears != null) {
                hears.ended(succeeded, failedCaller);
            } else {
                isOut = false; // no call was made
            }
        }

        /** The call has been admitted or refused. */
        void close() {
            GivenTrial given = answer.given();
            SharedPlace taken = place;
            if (isOut && taken != null) {
                kept = places.onLoan(
                        circuit.id(), taken, rules, asked, circuit.policy().time.ticks());
            } else if (given != null) {
                places.handBack(given, around);
            }
        }
    }

    @Override
    public CircuitId id() {
        return agent;
    }

    @Override
    public Settlement settle(Outcome outcome) {
        if (settled) {
            return Settlement.REPEATED;
        }
        giveBack();
        return Settlement.IGNORED;
    }

    @Override
    public boolean isSettled() {
        return settled;
    }

    @Override
    public long[] epochs() {
        return new long[0];
    }

    @Override
    public boolean isTrial() {
        return false;
    }

    @Override
    public List<GivenTrial> trials() {
        return List.of();
    }

    @Override
    void giveBack() {
        settled = true;
        loans.forEach(Loan::close);
    }

    @Override
    FailureClassifier classifier() {
        return caller.classifier;
    }

    @Override
    @Nullable
    Permit parent() {
        Permit around = enclosing;
        return around == null || !around.isSettled() ? around : around.parent();
    }

    @Override
    boolean isNoted() {
        return true;
    }

    @Override
    void encloses() {
        if (enclosing != null) {
            enclosing.encloses();
        }
    }

    @Override
    InnerCall.@Nullable Enclosing admittedBy(CircuitId id) {
        for (Loan loan : loans) {
            if (loan.circuit.id().equals(id)) {
                return loan;
            }
        }
        return null;
    }
}
