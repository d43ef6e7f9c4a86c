package dev.interlock.redis;

import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reports line by line what is asked about trials and figures, and what is answered: each question has a number, which its
 * answer bears as well. Calls within calls across processes, and probes, are not in the lines.
 */
final class ToldCoordination implements CircuitCoordination {
    private final CircuitCoordination coordination;
    private final ToldStore.Book book;
    private final AtomicLong numbers = new AtomicLong();

    ToldCoordination(CircuitCoordination coordination, ToldStore.Book book) {
        this.coordination = coordination;
        this.book = book;
    }

    @Override
    public boolean isAttached() {
        return coordination.isAttached();
    }

    @Override
    public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
        String question = String.join(
                " ",
                Long.toString(tally.basis()),
                Integer.toString(tally.calls()),
                Integer.toString(tally.failures()),
                Integer.toString(tally.failuresSinceSuccess()));
        return note(
                "counts",
                "counted",
                tally.name(),
                question,
                () -> coordination.tally(tally),
                answer -> words(answer.judgement()) + " " + answer.consecutiveFailures());
    }

    @Override
    public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
        String question = ask.trial() + " " + ask.most() + " " + ask.atOnce() + " " + ask.needed();
        return note(
                "asks",
                "asked",
                ask.name(),
                question,
                () -> coordination.askForTrial(ask),
                answer -> words(answer.place())
                        + (answer.given() == null ? "" : " " + answer.given().round()));
    }

    @Override
    public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
        return note(
                "renews",
                "renewed",
                trial.name(),
                trial.trial() + " " + trial.round(),
                () -> coordination.renewTrial(trial),
                ToldCoordination::words);
    }

    @Override
    public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
        return note(
                "settles",
                "settled",
                trial.name(),
                trial.trial() + " " + trial.round() + " " + (end.succeeded() ? "good" : "bad"),
                () -> coordination.endTrial(trial, end),
                enough -> enough ? "enough" : "more");
    }

    @Override
    public CompletionStage<ProbeLease> askToProbe(ProbeAsk ask) {
        return coordination.askToProbe(ask);
    }

    @Override
    public CompletionStage<TrialLoan> borrowTrial(GivenTrial around, String name, Duration left) {
        return coordination.borrowTrial(around, name, left);
    }

    @Override
    public CompletionStage<Boolean> returnTrial(GivenTrial borrowed, GivenTrial around) {
        return coordination.returnTrial(borrowed, around);
    }

    @Override
    public CompletionStage<Boolean> endTrialOfAnother(GivenTrial trial, TrialEnd end) {
        return coordination.endTrialOfAnother(trial, end);
    }

    private static String words(Enum<?> answer) {
        return answer.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The answer is reported before anybody here can act on it. */
    private <T> CompletionStage<T> note(
            String asks,
            String answered,
            String circuit,
            String question,
            Supplier<CompletionStage<T>> ask,
            Function<T, String> words) {
        long number = numbers.incrementAndGet();
        book.note(asks, circuit, number, question);
        return ask.get()
                .whenComplete((answer, away) ->
                        book.note(answered, circuit, number, away == null ? words.apply(answer) : "unknown"));
    }
}
