package dev.interlock.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rows of several owners that wait in one bounded room. Owners are served in turns. An owner may reserve as much room as
 * is still free, so that one alone gets half of it, two get a third each, and there is always room for another. What
 * comes without a reservation is always taken; when the room is full, the owner that holds most loses its oldest rows.
 *
 * <p>For one thread at a time.
 *
 * @param <T> a row
 */
final class FairQueue<T> {
    /** What may wait. */
    record Bounds(int rows, long characters) {}

    private static final int LOST_SHARE = 64;

    private final class Lane {
        final String owner;
        final Deque<T> rows = new ArrayDeque<>();
        long characters;
        long reservedRows;
        long reservedCharacters;

        Lane(String owner) {
            this.owner = owner;
        }

        boolean isUnused() {
            return rows.isEmpty() && reservedRows == 0 && reservedCharacters == 0;
        }
    }

    private final Bounds bounds;
    private final Function<T, String> owner;
    private final ToIntFunction<T> characters;
    private final BiConsumer<String, Integer> lost;
    private final Map<String, Lane> lanes = new HashMap<>();

    /** The lanes that have rows, the next one to be served first. */
    private final Deque<Lane> turns = new ArrayDeque<>();

    private int rows;
    private long rowCharacters;
    private long reservedRows;
    private long reservedCharacters;

    /**
     * An empty queue.
     *
     * @param bounds what may wait
     * @param owner whose a row is
     * @param characters about how many characters a row has
     * @param lost hears of rows that had to make room
     */
    FairQueue(Bounds bounds, Function<T, String> owner, ToIntFunction<T> characters, BiConsumer<String, Integer> lost) {
        this.bounds = bounds;
        this.owner = owner;
        this.characters = characters;
        this.lost = lost;
    }

    int size() {
        return rows;
    }

    /** Whether {@link #poll} would give as much as that. */
    boolean fills(int someRows, long someCharacters) {
        return rows >= someRows || rowCharacters >= someCharacters;
    }

    boolean isEmpty() {
        return rows == 0;
    }

    /** Keeps room for rows that are about to come, unless the owner would hold more than is free. */
    boolean reserve(String name, int someRows, long someCharacters) {
        if (!hasRoom(name, someRows, someCharacters)) {
            return false;
        }
        Lane lane = lanes.computeIfAbsent(name, Lane::new);
        lane.reservedRows += someRows;
        lane.reservedCharacters += someCharacters;
        reservedRows += someRows;
        reservedCharacters += someCharacters;
        return true;
    }

    /** Whether a reservation would succeed. */
    boolean hasRoom(String name, int someRows, long someCharacters) {
        Lane lane = lanes.get(name);
        long ownRows = someRows + (lane == null ? 0 : lane.rows.size() + lane.reservedRows);
        long ownCharacters = someCharacters + (lane == null ? 0 : lane.characters + lane.reservedCharacters);
        return ownRows <= bounds.rows() - rows - reservedRows - someRows
                && ownCharacters <= bounds.characters() - rowCharacters - reservedCharacters - someCharacters;
    }

    /** Gives reserved room back. */
    void release(String name, int someRows, long someCharacters) {
        Lane lane = lanes.get(name);
        if (lane != null) {
            lane.reservedRows -= someRows;
            lane.reservedCharacters -= someCharacters;
            reservedRows -= someRows;
            reservedCharacters -= someCharacters;
            forgetUnused(lane);
        }
    }

    /** Takes rows in, and makes room if need be: the news matters more than what is old. */
    void add(Collection<T> some) {
        for (T row : some) {
            put(row, false);
        }
        makeRoom();
    }

    /** Takes rows back that {@link #poll} gave and nobody could write. */
    void addFirst(List<T> some) {
        List<T> newestFirst = new ArrayList<>(some);
        Collections.reverse(newestFirst);
        for (T row : newestFirst) {
            put(row, true);
        }
        makeRoom();
    }

    /** The next rows, of each owner one in turn. */
    List<T> poll(int mostRows, long mostCharacters) {
        List<T> some = new ArrayList<>(Math.min(mostRows, rows));
        long sum = 0;
        while (some.size() < mostRows && sum < mostCharacters) {
            Lane lane = turns.pollFirst();
            if (lane == null) {
                break;
            }
            T row = take(lane);
            if (!lane.rows.isEmpty()) {
                turns.addLast(lane);
            }
            sum += characters.applyAsInt(row);
            some.add(row);
        }
        return some;
    }

    /** Loses everything. */
    void clear() {
        for (Lane lane : List.copyOf(turns)) {
            lose(lane, lane.rows.size());
        }
    }

    private void put(T row, boolean first) {
        Lane lane = lanes.computeIfAbsent(owner.apply(row), Lane::new);
        if (lane.rows.isEmpty()) {
            turns.addLast(lane);
        }
        if (first) {
            lane.rows.addFirst(row);
        } else {
            lane.rows.addLast(row);
        }
        int length = characters.applyAsInt(row);
        lane.characters += length;
        rowCharacters += length;
        rows++;
    }

    private T take(Lane lane) {
        T row = lane.rows.removeFirst();
        int length = characters.applyAsInt(row);
        lane.characters -= length;
        rowCharacters -= length;
        rows--;
        forgetUnused(lane);
        return row;
    }

    private void makeRoom() {
        while (rows > bounds.rows() || rowCharacters > bounds.characters() && rows > 1) {
            boolean tooMany = rows > bounds.rows();
            Lane largest = largest(tooMany);
            if (largest == null) {
                return;
            }
            int some = Math.max(1, largest.rows.size() / LOST_SHARE);
            lose(largest, tooMany ? Math.min(some, rows - bounds.rows()) : 1);
        }
    }

    private @Nullable Lane largest(boolean byRows) {
        Lane largest = null;
        for (Lane lane : turns) {
            if (largest == null
                    || (byRows ? lane.rows.size() > largest.rows.size() : lane.characters > largest.characters)) {
                largest = lane;
            }
        }
        return largest;
    }

    private void lose(Lane lane, int some) {
        for (int i = 0; i < some; i++) {
            take(lane);
        }
        if (lane.rows.isEmpty()) {
            turns.remove(lane);
        }
        lost.accept(lane.owner, some);
    }

    private void forgetUnused(Lane lane) {
        if (lane.isUnused()) {
            lanes.remove(lane.owner);
        }
    }
}
