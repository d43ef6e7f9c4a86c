package dev.interlock.cli.demo;

import dev.interlock.FailureKind;
import java.util.Random;

/**
 * Decides how each call ends and how long it takes: a function of the seed, the call and its time, and of nothing else.
 * Immutable.
 */
final class World {
    private static final double TURNED_AWAY = 0.9;
    private static final double BAD_LUCK = 0.004;
    private static final FailureKind[] BAD_LUCK_OF_MODELS = {
        FailureKind.TIMEOUT, FailureKind.SERVER_ERROR, FailureKind.EMPTY_RESPONSE, FailureKind.CONTEXT_LENGTH
    };

    private final long seed;
    private final Troubles story;
    private final double badLuck;

    /**
     * A world.
     *
     * @param seed distinguishes it from others
     * @param story what goes wrong in it
     */
    World(long seed, Troubles story) {
        this(seed, story, BAD_LUCK);
    }

    /**
     * A world with noise of its own.
     *
     * @param seed distinguishes it from others
     * @param story what goes wrong in it
     * @param badLuck the share of calls that fail though nothing is wrong, 0 to 1
     */
    World(long seed, Troubles story, double badLuck) {
        this.seed = seed;
        this.story = story;
        this.badLuck = badLuck;
    }

    /** How a call ends. */
    Ending end(Call call) {
        Random random = Randoms.of(seed, call.agent(), call.number());
        return call.isOfModel() ? ofModel(call, random) : ofTool(call, random);
    }

    private Ending ofModel(Call call, Random random) {
        long at = call.at();
        if (story.isOn(at, Trouble.EXHAUSTED_KEY, call.key())) {
            return new Ending(FailureKind.QUOTA_EXHAUSTED, 120 + random.nextInt(80));
        }
        if (story.isOn(at, Trouble.OVERLOADED_MODEL, call.target()) && random.nextDouble() < TURNED_AWAY) {
            return new Ending(FailureKind.OVERLOADED, 300 + random.nextInt(500));
        }
        if (story.isOn(at, Trouble.LOOPING_AGENT, call.agent())) {
            return new Ending(FailureKind.LOOP, 600 + random.nextInt(400));
        }
        if (story.isOn(at, Trouble.GARBLED_ANSWERS, call.agent())) {
            return new Ending(FailureKind.MALFORMED_OUTPUT, 500 + random.nextInt(700));
        }
        long took = Math.min(2_600, 450 + exponential(random, 500));
        if (random.nextDouble() < badLuck) {
            return new Ending(BAD_LUCK_OF_MODELS[random.nextInt(BAD_LUCK_OF_MODELS.length)], took);
        }
        return new Ending(null, took);
    }

    private Ending ofTool(Call call, Random random) {
        if (story.isOn(call.at(), Trouble.SLOW_TOOL, call.target())) {
            return new Ending(null, 4_000 + random.nextInt(2_000));
        }
        long took = Math.min(1_200, 60 + exponential(random, 200));
        return new Ending(random.nextDouble() < badLuck ? FailureKind.TOOL_ERROR : null, took);
    }

    /** A duration that is mostly short and sometimes long; StrictMath is the same on every machine. */
    private static long exponential(Random random, double mean) {
        return (long) (-mean * StrictMath.log(1 - random.nextDouble()));
    }
}
