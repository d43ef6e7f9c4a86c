package dev.interlock.checks;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * A parser that must survive any bytes: it answers, or throws what it says it throws, which its {@link Target} expects.
 * Each build tries the seeds and what is near them; {@code checks/fuzz} lets Jazzer look further. Immutable.
 *
 * @param target reads bytes
 * @param seeds what it knows, and what is nearly that
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Fuzzed(Target target, String... seeds) {
    private static final int TRIES = 20_000;
    private static final int MOST_CHANGES = 6;
    private static final byte[] ODD =
            "\0\u0001\"\\{}[]:,-+.eE09%&=*\n\r\t \u007f\u00e9\ud83d\ude00\u2028".getBytes(StandardCharsets.UTF_8);

    /** Reads bytes; whatever it throws is a defect. */
    @FunctionalInterface
    public interface Target {
        /**
         * Reads them.
         *
         * @param input any bytes
         * @throws Exception what the parser may not throw
         */
        void read(byte[] input) throws Exception;
    }

    /**
     * A test for each parser: its seeds, and a share of 20,000 inputs that are like them, the same at each run.
     *
     * @param parsers by name
     * @return the tests
     */
    public static Stream<DynamicTest> tests(Map<String, Fuzzed> parsers) {
        return parsers.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), each.getValue()::readAll));
    }

    /**
     * What Jazzer looks at: the parser that {@code -Dinterlock.fuzz} names.
     *
     * @param parsers by name
     * @param input any bytes
     * @throws Exception what the parser may not throw
     * @throws IllegalArgumentException if there is no such parser
     */
    public static void read(Map<String, Fuzzed> parsers, byte[] input) throws Exception {
        Fuzzed parser = parsers.get(System.getProperty("interlock.fuzz", ""));
        if (parser == null) {
            throw new IllegalArgumentException("-Dinterlock.fuzz must be one of " + parsers.keySet());
        }
        parser.target.read(input);
    }

    private void readAll() throws Exception {
        Random random = new Random(1);
        for (String seed : seeds) {
            target.read(seed.getBytes(StandardCharsets.UTF_8));
        }
        for (int i = Rounds.of(TRIES, 1); i > 0; i--) {
            byte[] input = near(seeds[random.nextInt(seeds.length)].getBytes(StandardCharsets.UTF_8), random);
            try {
                target.read(input);
            } catch (Exception | Error defect) {
                throw new AssertionError("Read: " + new String(input, StandardCharsets.UTF_8), defect);
            }
        }
    }

    /** A few bytes changed, put in, left out or repeated. */
    private static byte[] near(byte[] seed, Random random) {
        StringBuilder bytes = new StringBuilder(new String(seed, StandardCharsets.ISO_8859_1));
        for (int change = random.nextInt(MOST_CHANGES); change >= 0; change--) {
            int at = random.nextInt(bytes.length() + 1);
            int end = Math.min(bytes.length(), at + random.nextInt(8));
            switch (random.nextInt(4)) {
                case 0 -> bytes.insert(at, odd(random));
                case 1 -> bytes.delete(at, end);
                case 2 -> bytes.insert(at, bytes.substring(at, end).repeat(random.nextInt(40)));
                default -> bytes.replace(at, Math.min(bytes.length(), at + 1), odd(random));
            }
        }
        return bytes.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String odd(Random random) {
        int one = random.nextInt(4) == 0 ? random.nextInt(256) : ODD[random.nextInt(ODD.length)] & 0xff;
        return String.valueOf((char) one);
    }
}
