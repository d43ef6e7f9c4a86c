package dev.interlock.redis;

import dev.interlock.store.CallerSlots;
import dev.interlock.store.CircuitCoordination;
import dev.interlock.store.CircuitTally;
import dev.interlock.store.GivenTrial;
import dev.interlock.store.ProbeAsk;
import dev.interlock.store.ProbeLease;
import dev.interlock.store.TallyAnswer;
import dev.interlock.store.TallyAnswer.Judgement;
import dev.interlock.store.TallyRules;
import dev.interlock.store.TrialAnswer;
import dev.interlock.store.TrialAnswer.Place;
import dev.interlock.store.TrialAsk;
import dev.interlock.store.TrialEnd;
import dev.interlock.store.TrialHold;
import dev.interlock.store.TrialLoan;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Circuits that are judged and tried together: each question is one script, which Redis runs as one step. */
final class RedisCoordination implements CircuitCoordination {
    /** How long a trial is kept that its process does not renew, and how long before the end of a cooldown it is given. */
    private static final long KEPT_MICROS = TimeUnit.SECONDS.toMicros(5);

    private static final long AHEAD_MICROS = TimeUnit.MILLISECONDS.toMicros(500);

    private final RedisLink link;
    private final Keys keys;

    RedisCoordination(RedisLink link, Keys keys) {
        this.link = link;
        this.keys = keys;
    }

    @Override
    public boolean isAttached() {
        return link.isAttached();
    }

    @Override
    public CompletionStage<TallyAnswer> tally(CircuitTally tally) {
        TallyRules rules = tally.rules();
        Duration window = rules.window();
        return this.<List<String>>run(
                        Script.TALLY,
                        ScriptOutputType.MULTI,
                        tally.organization(),
                        tally.name(),
                        RecordCodec.epoch(tally.basis()),
                        Integer.toString(tally.calls()),
                        Integer.toString(tally.failures()),
                        Integer.toString(tally.timed()),
                        Integer.toString(tally.slow()),
                        Integer.toString(tally.failuresSinceSuccess()),
                        Integer.toString(rules.failureThreshold()),
                        Double.toString(rules.failureRate()),
                        Double.toString(rules.slowCallRate()),
                        Integer.toString(rules.minimum()),
                        window == null ? "0" : micros(window),
                        Integer.toString(rules.windowCalls()),
                        tally.process(),
                        slots(tally.callers().asked()),
                        slots(tally.callers().failing()),
                        slots(tally.callers().answered()),
                        micros(tally.longestWait()))
                .thenApply(RedisCoordination::tallyAnswer);
    }

    @Override
    public CompletionStage<TrialAnswer> askForTrial(TrialAsk ask) {
        return this.<List<String>>run(
                        Script.ASK,
                        ScriptOutputType.MULTI,
                        ask.organization(),
                        ask.name(),
                        ask.trial(),
                        Integer.toString(ask.most()),
                        Integer.toString(ask.atOnce()),
                        Integer.toString(ask.needed()),
                        Long.toString(KEPT_MICROS),
                        Long.toString(AHEAD_MICROS),
                        micros(ask.left()))
                .thenApply(answer -> trialAnswer(ask, answer));
    }

    @Override
    public CompletionStage<TrialHold> renewTrial(GivenTrial trial) {
        return this.<String>run(
                        Script.RENEW,
                        ScriptOutputType.VALUE,
                        trial.organization(),
                        trial.name(),
                        trial.round(),
                        trial.trial(),
                        Long.toString(KEPT_MICROS))
                .thenApply(answer -> switch (answer) {
                    case "kept" -> TrialHold.KEPT;
                    case "wanted" -> TrialHold.WANTED;
                    case "ended" -> TrialHold.ENDED;
                    default -> TrialHold.LOST;
                });
    }

    @Override
    public CompletionStage<Boolean> endTrial(GivenTrial trial, TrialEnd end) {
        return end(trial, end, false);
    }

    @Override
    public CompletionStage<Boolean> endTrialOfAnother(GivenTrial trial, TrialEnd end) {
        return end(trial, end, true);
    }

    /** A place that is given after nobody waits for it any more goes back. */
    @Override
    public CompletionStage<TrialLoan> borrowTrial(GivenTrial around, String name, Duration left) {
        GivenTrial other = new GivenTrial(around.organization(), around.name(), around.round(), name);
        CompletableFuture<TrialLoan> asked = this.<List<String>>run(
                        Script.LEND,
                        ScriptOutputType.MULTI,
                        around.organization(),
                        around.name(),
                        around.round(),
                        around.trial(),
                        name,
                        Long.toString(KEPT_MICROS),
                        micros(left))
                .thenApply(answer -> switch (answer.get(0)) {
                    case "given" ->
                        new TrialLoan(
                                TrialLoan.Answer.GIVEN,
                                other,
                                Duration.of(Long.parseLong(answer.get(1)), ChronoUnit.MICROS));
                    case "lent" -> TrialLoan.LENT;
                    default -> TrialLoan.LOST;
                });
        CompletableFuture<TrialLoan> inTime = new CompletableFuture<>();
        asked.whenComplete((loan, failed) -> {
            if (failed != null) {
                inTime.completeExceptionally(failed);
            } else if (!inTime.complete(loan) && loan.given() != null) {
                returnTrial(other, around);
            }
        });
        return inTime.orTimeout(2 * link.settings().slowAfter().toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public CompletionStage<Boolean> returnTrial(GivenTrial borrowed, GivenTrial around) {
        return this.<Long>run(
                        Script.UNLEND,
                        ScriptOutputType.INTEGER,
                        borrowed.organization(),
                        borrowed.name(),
                        borrowed.round(),
                        borrowed.trial(),
                        around.trial(),
                        Long.toString(KEPT_MICROS))
                .thenApply(returned -> returned == 1);
    }

    @Override
    public CompletionStage<ProbeLease> askToProbe(ProbeAsk ask) {
        try {
            return Script.PROBE
                    .<String>run(
                            link.attached().commands(),
                            ScriptOutputType.VALUE,
                            new String[] {keys.probing(ask.organization(), ask.name(), ask.purpose())},
                            ask.process(),
                            Long.toString(Math.max(1, ask.kept().toMillis())),
                            ask.ready() ? "1" : "0")
                    .thenApply(answer -> switch (answer) {
                        case "given" -> ProbeLease.GIVEN;
                        case "ready" -> ProbeLease.READY;
                        default -> ProbeLease.ELSEWHERE;
                    });
        } catch (RuntimeException away) {
            return CompletableFuture.failedFuture(away);
        }
    }

    private CompletionStage<Boolean> end(GivenTrial trial, TrialEnd end, boolean ofAnother) {
        return this.<Long>run(
                        Script.END,
                        ScriptOutputType.INTEGER,
                        trial.organization(),
                        trial.name(),
                        trial.round(),
                        trial.trial(),
                        end.succeeded() ? "1" : "0",
                        Integer.toString(end.needed()),
                        ofAnother ? "1" : "0",
                        Integer.toString(end.failedCaller()))
                .thenApply(enough -> enough == 1);
    }

    private static TallyAnswer tallyAnswer(List<String> answer) {
        Judgement judgement = switch (answer.get(0)) {
            case "stays" -> Judgement.STAYS;
            case "streak" -> Judgement.FAILURE_STREAK;
            case "rate" -> Judgement.FAILURE_RATE;
            case "slow" -> Judgement.SLOW_CALL_RATE;
            case "later" -> Judgement.LATER;
            case "record" -> Judgement.OTHER_RECORD;
            default -> Judgement.NO_RECORD;
        };
        if (judgement == Judgement.OTHER_RECORD || judgement == Judgement.NO_RECORD) {
            return new TallyAnswer(judgement, 0, 0, 0, 0, 0, Duration.ZERO, CallerSlots.NONE, Duration.ZERO);
        }
        return new TallyAnswer(
                judgement,
                Integer.parseInt(answer.get(1)),
                Integer.parseInt(answer.get(2)),
                Integer.parseInt(answer.get(3)),
                Integer.parseInt(answer.get(4)),
                Integer.parseInt(answer.get(5)),
                Duration.of(Long.parseLong(answer.get(6)), ChronoUnit.MICROS),
                new CallerSlots(slots(answer.get(7)), slots(answer.get(8)), slots(answer.get(9))),
                Duration.of(Long.parseLong(answer.get(10)), ChronoUnit.MICROS));
    }

    private static TrialAnswer trialAnswer(TrialAsk ask, List<String> answer) {
        Duration none = Duration.ZERO;
        return switch (answer.get(0)) {
            case "given" -> {
                GivenTrial given = new GivenTrial(ask.organization(), ask.name(), answer.get(1), ask.trial());
                yield new TrialAnswer(Place.GIVEN, given, none, Integer.parseInt(answer.get(2)));
            }
            case "full" -> new TrialAnswer(Place.FULL, null, none, Integer.parseInt(answer.get(2)));
            case "enough" -> new TrialAnswer(Place.ENOUGH, null, none, Integer.parseInt(answer.get(2)));
            case "cooling" -> {
                Duration left = Duration.of(Long.parseLong(answer.get(1)), ChronoUnit.MICROS);
                yield new TrialAnswer(Place.COOLING, null, left, TrialEnd.NOBODY);
            }
            case "not-tried" -> new TrialAnswer(Place.NOT_TRIED, null, none, TrialEnd.NOBODY);
            default -> new TrialAnswer(Place.NO_RECORD, null, none, TrialEnd.NOBODY);
        };
    }

    private static String micros(Duration duration) {
        return Long.toString(TimeUnit.SECONDS.toMicros(duration.getSeconds()) + duration.getNano() / 1_000);
    }

    /** Callers as text; scripts know no numbers of 64 bits. */
    private static String slots(long word) {
        return HexFormat.of().toHexDigits(word);
    }

    private static long slots(String word) {
        return Long.parseUnsignedLong(word, 16);
    }

    private <T> CompletableFuture<T> run(
            Script script, ScriptOutputType type, String organization, String name, String... arguments) {
        try {
            return script.run(
                    link.attached().commands(),
                    type,
                    new String[] {
                        keys.record(organization, name), keys.live(organization, name), keys.callers(organization, name)
                    },
                    arguments);
        } catch (RuntimeException away) {
            return CompletableFuture.failedFuture(away);
        }
    }
}
