package dev.interlock.replay;

import dev.interlock.CircuitId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All names of a replay, found by their UTF-8 bytes: most rows bear names that came before, and for these no string is
 * made. Open addressing; grows with the number of different names, not of rows.
 */
final class Names {
    private static final class Entry {
        final byte[] bytes;
        final int hash;
        final Name name;

        Entry(byte[] bytes, int hash, Name name) {
            this.bytes = bytes;
            this.hash = hash;
            this.name = name;
        }
    }

    private static final String KEY = "key:";

    private @Nullable Entry[] table = new @Nullable Entry[256];
    private int size;

    /** The name in these bytes. */
    Name of(String column, byte[] source, int from, int to) throws BadRowException {
        int hash = hash(source, from, to);
        int place = hash & table.length - 1;
        while (true) {
            Entry entry = table[place];
            if (entry == null) {
                return add(column, Arrays.copyOfRange(source, from, to), hash, place);
            }
            if (entry.hash == hash && Arrays.equals(entry.bytes, 0, entry.bytes.length, source, from, to)) {
                return entry.name;
            }
            place = place + 1 & table.length - 1;
        }
    }

    Name of(String column, String text) throws BadRowException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return of(column, bytes, 0, bytes.length);
    }

    /** The name of a key's circuit: with its prefix, also where a row leaves it out. */
    Name key(String column, String text) throws BadRowException {
        return of(column, text.startsWith(KEY) ? text : KEY + text);
    }

    private Name add(String column, byte[] bytes, int hash, int place) throws BadRowException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Name name;
        try {
            name = new Name(size, CircuitId.of(text));
        } catch (IllegalArgumentException notAName) {
            throw BadRowException.of(column, text, "a name of 1 to 256 characters without control characters");
        }
        table[place] = new Entry(bytes, hash, name);
        size++;
        if (size > table.length / 2) {
            grow();
        }
        return name;
    }

    private void grow() {
        @Nullable Entry[] old = table;
        table = new @Nullable Entry[old.length * 2];
        for (Entry entry : old) {
            if (entry != null) {
                int place = entry.hash & table.length - 1;
                while (table[place] != null) {
                    place = place + 1 & table.length - 1;
                }
                table[place] = entry;
            }
        }
    }

    private static int hash(byte[] source, int from, int to) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + source[i];
        }
        return hash ^ hash >>> 16;
    }
}
