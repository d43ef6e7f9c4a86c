package dev.interlock.benchmarks;

import java.util.Arrays;
import java.util.List;

/** The flags of a benchmark. What it does not know is refused, before it measures for long and writes a page. */
record Flags(List<String> given) {
    /**
     * Reads them.
     *
     * @param arguments of the program
     * @param from where its flags begin
     * @param known which there are
     * @throws IllegalArgumentException if one is none of them
     */
    static Flags of(String[] arguments, int from, String... known) {
        List<String> given = List.of(arguments).subList(from, arguments.length);
        for (String flag : given) {
            if (!Arrays.asList(known).contains(flag)) {
                throw new IllegalArgumentException(flag + ": must be " + String.join(" or ", known));
            }
        }
        return new Flags(given);
    }

    boolean has(String flag) {
        return given.contains(flag);
    }
}
