package dev.interlock.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Whom circuits blame, simulated on the real core with a hand-driven clock: the same seed gives the same figures,
 * except for the part that shares circuits over Redis, which takes ten minutes. Each
 * part answers one question and is a class of its own; arguments name the parts to play, none means all.
 */
public final class Blame {
    private static final long SEED = 20_261_128;

    private static final List<BlamePart> PARTS =
            List.of(new CallsWithinCalls(), new Waits(), new CallersOfUpstreams(), new CallersOfThreeProcesses());

    private Blame() {}

    /**
     * Plays.
     *
     * @param arguments {@code --seed N}, and the names of parts
     */
    public static void main(String... arguments) {
        long seed = SEED;
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--seed") && i + 1 < arguments.length) {
                seed = Long.parseLong(arguments[++i]);
            } else {
                wanted.add(arguments[i]);
            }
        }
        List<String> known = PARTS.stream().map(BlamePart::name).toList();
        if (!known.containsAll(wanted)) {
            throw new IllegalArgumentException("Parts are " + known + ", but asked for were " + wanted);
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println("Seed " + seed + ".");
        for (BlamePart part : PARTS) {
            if (wanted.isEmpty() || wanted.contains(part.name())) {
                out.println();
                part.play(out, seed);
            }
        }
    }
}
