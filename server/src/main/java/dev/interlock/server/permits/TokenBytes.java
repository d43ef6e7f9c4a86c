package dev.interlock.server.permits;

import dev.interlock.store.GivenTrial;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fields of a permit as bytes: numbers in groups of 7 bits, texts in UTF-8 after their length. For one use. */
final class TokenBytes {
    private static final byte PLAIN = 1;
    private static final byte WITH_TRIALS = 2;
    private static final byte WITHIN_OTHERS = 3;

    /** Set as well where a caller is named, which processes of an earlier version do not know. */
    private static final byte WITH_CALLER = 4;

    /**
     * In place of a life: not a permit, but the trial of one. The release before takes it for a permit of which it knows
     * nothing.
     */
    private static final long NO_PERMIT = -1;

    private byte[] bytes;
    private int at;
    private final int end;

    /** To write into. */
    TokenBytes() {
        bytes = new byte[160];
        end = 0;
    }

    /** To read from. */
    TokenBytes(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    void write(PermitToken token) {
        int kind = !token.around().isEmpty() ? WITHIN_OTHERS : token.trials().isEmpty() ? PLAIN : WITH_TRIALS;
        String caller = token.caller();
        put((byte) (caller == null ? kind : kind | WITH_CALLER));
        number(token.generation());
        number(token.number());
        number(token.issuedTicks());
        number(token.issuedMillis());
        text(token.organization());
        text(token.agent());
        number(token.dependencies().size());
        token.dependencies().forEach(this::text);
        for (long epoch : token.epochs()) {
            number(epoch);
        }
        if (!token.trials().isEmpty() || !token.around().isEmpty()) {
            number(token.trials().size());
            for (GivenTrial trial : token.trials()) {
                number(names(token.agent(), token.dependencies()).indexOf(trial.name()));
                text(trial.round());
                text(trial.trial());
            }
        }
        if (!token.around().isEmpty()) {
            write(token.around(), names(token.agent(), token.dependencies()));
        }
        if (caller != null) {
            text(caller);
        }
    }

    /** A name that comes again is written once. */
    private void write(List<Ancestor> permits, List<String> names) {
        List<Ancestor> around = new ArrayList<>(permits);
        for (Ancestor each : permits) {
            each.trials()
                    .forEach((trial, since) -> around.add(new Ancestor(
                            NO_PERMIT, 0, List.of(trial.name(), trial.round(), trial.trial(), Long.toString(since)))));
        }
        int own = names.size();
        for (Ancestor each : around) {
            for (String name : each.circuits()) {
                if (!names.contains(name)) {
                    names.add(name);
                }
            }
        }
        number(names.size() - own);
        names.subList(own, names.size()).forEach(this::text);
        number(around.size());
        for (Ancestor each : around) {
            number(each.generation());
            number(each.number());
            number(each.circuits().size());
            each.circuits().forEach(name -> number(names.indexOf(name)));
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IndexOutOfBoundsException if bytes are missing
     * @throws IllegalArgumentException if the bytes are of another version, or too many
     */
    PermitToken read() {
        byte kind = get();
        boolean named = (kind & WITH_CALLER) != 0;
        int version = kind & ~WITH_CALLER;
        if (version < PLAIN || version > WITHIN_OTHERS) {
            throw new IllegalArgumentException("another version");
        }
        long generation = number();
        long number = number();
        long ticks = number();
        long millis = number();
        String organization = text();
        String agent = text();
        int count = Math.toIntExact(number());
        List<String> dependencies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            dependencies.add(text());
        }
        long[] epochs = new long[count + 1];
        for (int i = 0; i <= count; i++) {
            epochs[i] = number();
        }
        List<GivenTrial> trials = version == PLAIN ? List.of() : trials(organization, names(agent, dependencies));
        List<Ancestor> around = version == WITHIN_OTHERS ? around(organization, names(agent, dependencies)) : List.of();
        String caller = named ? text() : null;
        if (at != end) {
            throw new IllegalArgumentException("too many bytes");
        }
        return new PermitToken(
                organization, agent, dependencies, epochs, generation, number, ticks, millis, trials, around, caller);
    }

    private List<Ancestor> around(String organization, List<String> names) {
        int more = Math.toIntExact(number());
        for (int i = 0; i < more; i++) {
            names.add(text());
        }
        int count = Math.toIntExact(number());
        List<Ancestor> around = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long generation = number();
            long number = number();
            int size = Math.toIntExact(number());
            List<String> circuits = new ArrayList<>();
            for (int j = 0; j < size; j++) {
                circuits.add(names.get(Math.toIntExact(number())));
            }
            if (generation == NO_PERMIT) {
                lends(around, organization, circuits);
            } else {
                around.add(new Ancestor(generation, number, circuits));
            }
        }
        return around;
    }

    /** The innermost permit of the circuit is the one that tries it. */
    private static void lends(List<Ancestor> around, String organization, List<String> trial) {
        GivenTrial given = new GivenTrial(organization, trial.get(0), trial.get(1), trial.get(2));
        for (int i = 0; i < around.size(); i++) {
            Ancestor each = around.get(i);
            if (each.circuits().contains(given.name())) {
                Map<GivenTrial, Long> trials = new HashMap<>(each.trials());
                trials.put(given, Long.parseLong(trial.get(3)));
                around.set(i, new Ancestor(each.generation(), each.number(), each.circuits(), trials));
                return;
            }
        }
        throw new IllegalArgumentException("a trial of no permit");
    }

    private List<GivenTrial> trials(String organization, List<String> names) {
        int count = Math.toIntExact(number());
        List<GivenTrial> trials = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = names.get(Math.toIntExact(number()));
            trials.add(new GivenTrial(organization, name, text(), text()));
        }
        return trials;
    }

    /** Where a trial is one of these, its number among them stands for its name. */
    private static List<String> names(String agent, List<String> dependencies) {
        List<String> names = new ArrayList<>(dependencies);
        names.add(0, agent);
        return names;
    }

    int length() {
        return at;
    }

    /** What was written, and room behind it. */
    byte[] toArray(int room) {
        return Arrays.copyOf(bytes, at + room);
    }

    private void number(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        put((byte) rest);
    }

    private long number() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number too long");
    }

    private void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, at, utf8.length);
        at += utf8.length;
    }

    private String text() {
        int length = Math.toIntExact(number());
        if (length < 0 || length > end - at) {
            throw new IndexOutOfBoundsException(length);
        }
        String value = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    private void put(byte value) {
        room(1);
        bytes[at++] = value;
    }

    private byte get() {
        if (at >= end) {
            throw new IndexOutOfBoundsException(at);
        }
        return bytes[at++];
    }

    private void room(int more) {
        if (at + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(at + more, bytes.length * 2));
        }
    }
}
