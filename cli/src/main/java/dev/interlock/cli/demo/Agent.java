package dev.interlock.cli.demo;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An agent at work: it asks its model, uses a tool or two, pauses, and begins again. What is refused it does in another
 * way: with the spare model, with the reserve key, without the tool, or later. For the stage's thread.
 */
final class Agent {
    private static final int MOST_TOOLS = 2;
    private static final long LONGEST_WAIT = 4_000;

    private final Member member;
    private final long seed;
    private final World world;
    private final Stage stage;
    private final Gate gate;
    private final Tally tally;
    private final FallbackListener fallbacks;
    private long runs;
    private long calls;
    private long pauses;

    /** Hears that an agent does something in another way than usual. */
    interface FallbackListener {
        /**
         * Hears of a fallback.
         *
         * @param agent whose
         * @param from the circuit that refused
         * @param to what it uses instead; null if it does without
         */
        void fellBack(Member agent, String from, @Nullable String to);
    }

    Agent(Member member, long seed, World world, Stage stage, Gate gate, Tally tally, FallbackListener fallbacks) {
        this.member = member;
        this.seed = seed;
        this.world = world;
        this.stage = stage;
        this.gate = gate;
        this.tally = tally;
        this.fallbacks = fallbacks;
    }

    /** Begins its work within the next two seconds. */
    void begin() {
        stage.after(random().nextInt(2_000), this::run);
    }

    private void run() {
        runs++;
        ask(member.model(), member.key(), random().nextInt(MOST_TOOLS + 1));
    }

    private void ask(String model, String key, int toolsLeft) {
        Consumer<Ending> next = ending -> {
            if (!ending.isGood()) {
                pause(800, 800); // and tries again
            } else if (toolsLeft > 0) {
                use(toolsLeft);
            } else {
                rest();
            }
        };
        if (member.watched()) {
            call(model, key, null, next);
            return;
        }
        gate.ask(member.name(), List.of(model, key), answer -> {
            String by = answer.refusedBy();
            if (answer.leave() != null) {
                call(model, key, answer.leave(), next);
            } else if (by != null && by.equals(model) && !model.equals(member.spareModel())) {
                fallBack(by, member.spareModel());
                ask(member.spareModel(), key, toolsLeft);
            } else if (by != null && by.equals(key) && !key.equals(Cast.RESERVE_KEY)) {
                fallBack(by, Cast.RESERVE_KEY);
                ask(model, Cast.RESERVE_KEY, toolsLeft);
            } else {
                later(answer);
            }
        });
    }

    private void use(int toolsLeft) {
        List<String> tools = member.tools();
        String tool = tools.get(random().nextInt(tools.size()));
        Consumer<Ending> next = ending -> {
            if (toolsLeft > 1) {
                use(toolsLeft - 1);
            } else {
                rest();
            }
        };
        if (member.watched()) {
            call(tool, "", null, next);
            return;
        }
        gate.ask(member.name(), List.of(tool), answer -> {
            if (answer.leave() != null) {
                call(tool, "", answer.leave(), next);
            } else if (tool.equals(answer.refusedBy())) {
                fallBack(tool, null);
                rest();
            } else {
                later(answer);
            }
        });
    }

    private void call(String target, String key, @Nullable Consumer<Ending> leave, Consumer<Ending> next) {
        Call call = new Call(member.name(), runs, target, key, ++calls, stage.now());
        Ending ending = world.end(call);
        stage.after(ending.took(), () -> {
            tally.ended(ending);
            if (leave != null) {
                leave.accept(ending);
            }
            gate.log(call, ending, leave != null);
            next.accept(ending);
        });
    }

    private void fallBack(String from, @Nullable String to) {
        tally.refused(from);
        tally.fellBack(from);
        fallbacks.fellBack(member, from, to);
    }

    private void later(Answer answer) {
        if (answer.refusedBy() != null) {
            tally.refused(answer.refusedBy());
        }
        pause(Math.min(LONGEST_WAIT, Math.max(200, answer.waitMillis())), 300);
    }

    /** Who is watched works without a break: what only a log says is reported soon. */
    private void rest() {
        if (member.watched()) {
            pause(300, 600);
        } else {
            pause(1_200, 2_600);
        }
    }

    private void pause(long atLeast, int more) {
        stage.after(atLeast + random().nextInt(more), this::run);
    }

    /** Chance in what it does, apart from the chance in how its calls end. */
    private Random random() {
        return Randoms.of(seed, "pause of " + member.name(), ++pauses);
    }
}
