package dev.interlock.server.sync;

import dev.interlock.Gate;
import dev.interlock.StateTransition;
import dev.interlock.TimeSource;
import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Problem;
import dev.interlock.server.security.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All clients, each under the key that it came with, in bounded memory: of one key, and of an organization within its
 * share. One that is silent for long is forgotten. Safe for use by any thread.
 */
final class SyncClients {
    /** How long a client that says nothing is remembered, and its reports with it. */
    static final Duration REMEMBERED = Duration.ofMinutes(15);

    /** A client that said something so lately makes room for no other. */
    static final Duration LATELY = Duration.ofMinutes(1);

    /** The most clients of one key. */
    static final int MOST_OF_A_KEY = 5_000;

    private static final int PERCENT = 50;
    private static final int RETRY_SECONDS = 30;

    private final TimeSource time;
    private final Shares memory;
    private final int mostOfAKey;
    private final Map<String, Changes> organizations = new ConcurrentHashMap<>();
    private final Map<Key, OfKey> keys = new ConcurrentHashMap<>();

    private record Key(String organization, String source) {}

    /** The clients of one key, by their ids; who was silent for longest comes first. */
    private static final class OfKey {
        final Map<String, SyncClient> clients = new LinkedHashMap<>(4, 0.75f, true);
    }

    /**
     * None yet.
     *
     * @param time by whose ticks they are forgotten
     * @param bytes what all of them may take
     * @param mostOfAKey how many one key may have
     */
    SyncClients(TimeSource time, long bytes, int mostOfAKey) {
        this.time = time;
        this.memory = new Shares(bytes, PERCENT);
        this.mostOfAKey = mostOfAKey;
    }

    /** What changed of an organization. */
    Changes changes(String organization) {
        return organizations.computeIfAbsent(organization, name -> new Changes(name, memory));
    }

    /** A circuit has moved. */
    void moved(StateTransition transition) {
        Changes changes = organizations.get(transition.id().organization());
        if (changes != null) {
            changes.moved(transition.id(), transition.epoch());
        }
    }

    /** A policy of an organization was applied or removed. */
    void policyChanged(String organization, String pattern) {
        Changes changes = organizations.get(organization);
        if (changes != null) {
            changes.policyChanged(pattern);
        }
    }

    /** Moves were not heard of. */
    void missed() {
        organizations.values().forEach(Changes::missed);
    }

    /** Takes in the gates in effect; if two look at the same time, the later one's gates are kept. */
    synchronized void setGates(Supplier<List<Gate>> gates) {
        Map<String, List<Gate>> own = gates.get().stream().collect(Collectors.groupingBy(Gate::organization));
        organizations.forEach((organization, changes) -> {
            if (changes.setGates(own.getOrDefault(organization, List.of()))) {
                of(organization).forEach(SyncClient::wake);
            }
        });
    }

    /**
     * The client that says something, with what it says noted.
     *
     * @param ofThisLife whether it has heard this server before, since that started
     * @throws Problem 409 if nobody knows what it watches; 429 if there is no room for it
     */
    SyncClient heard(Caller caller, SyncRequest request, boolean ofThisLife) {
        Key key = new Key(caller.organization(), caller.source());
        SyncClient[] found = new SyncClient[1];
        keys.compute(key, (each, known) -> {
            OfKey of = known == null ? new OfKey() : known;
            SyncClient client = of.clients.get(request.client());
            if (client == null && request.watch() == null) {
                return known;
            }
            long more = more(client, request);
            if (more > 0 && !hasRoom(of, caller.organization(), client == null, more)) {
                return of.clients.isEmpty() ? null : of;
            }
            found[0] = client == null ? join(of, caller.organization(), request.client()) : client;
            note(found[0], caller, request, ofThisLife);
            return of;
        });
        if (found[0] != null) {
            return found[0];
        }
        if (request.watch() == null) {
            throw new Problem(
                    409,
                    "sync-unknown",
                    "The client is not known",
                    "This server does not know what this client watches: it has started since, or heard nothing of it"
                            + " for "
                            + REMEMBERED.toMinutes() + " minutes. Send the same with watch, and without cursor");
        }
        throw Problem.tooMany(
                "There is no room for more clients of this key or organization at this moment; fewer clients, or"
                        + " clients that watch fewer circuits, would have some",
                RETRY_SECONDS);
    }

    private SyncClient join(OfKey of, String organization, String id) {
        SyncClient client = new SyncClient(changes(organization));
        memory.hold(organization, client.bytes());
        of.clients.put(id, client);
        return client;
    }

    private void note(SyncClient client, Caller caller, SyncRequest request, boolean ofThisLife) {
        client.heard(request, ofThisLife, time.ticks());
        if (request.watch() != null) {
            long before = client.bytes();
            client.watch(request, caller);
            memory.give(caller.organization(), before);
            memory.hold(caller.organization(), client.bytes());
        }
    }

    /** What the request needs at most in addition to what is held. */
    private static long more(@Nullable SyncClient client, SyncRequest request) {
        List<String> names = request.watch();
        if (names == null || client != null && client.watchesAsIn(request)) {
            return 0;
        }
        long needed = client == null ? SyncClient.BYTES : 0;
        for (String each : names) {
            needed += SyncClient.BYTES_EACH + Changes.bytes(each);
        }
        return needed;
    }

    /** Whether there is room, once those that were silent for a while have made some. */
    private boolean hasRoom(OfKey of, String organization, boolean another, long bytes) {
        long now = time.ticks();
        Iterator<SyncClient> silent = of.clients.values().iterator();
        while (another && of.clients.size() >= mostOfAKey || !memory.fits(organization, bytes)) {
            if (!silent.hasNext()) {
                return false;
            }
            SyncClient eldest = silent.next();
            if (eldest.isParked() || now - eldest.heardAt() < LATELY.toNanos()) {
                return false;
            }
            silent.remove();
            forget(organization, eldest);
        }
        return true;
    }

    /** Forgets a client whose process ends, at once; what it had waiting is answered. */
    void left(Caller caller, String id) {
        keys.computeIfPresent(new Key(caller.organization(), caller.source()), (key, of) -> {
            SyncClient client = of.clients.remove(id);
            if (client != null) {
                forget(caller.organization(), client);
                client.wake();
            }
            return of.clients.isEmpty() ? null : of;
        });
    }

    /** Forgets who was silent for long. */
    void forgetSilent() {
        long now = time.ticks();
        for (Key key : keys.keySet()) {
            keys.computeIfPresent(key, (each, of) -> {
                of.clients.values().removeIf(client -> {
                    boolean gone = !client.isParked() && now - client.heardAt() >= REMEMBERED.toNanos();
                    if (gone) {
                        forget(key.organization(), client);
                    }
                    return gone;
                });
                return of.clients.isEmpty() ? null : of;
            });
        }
    }

    private void forget(String organization, SyncClient client) {
        long bytes = client.bytes();
        client.leave();
        memory.give(organization, bytes);
    }

    /** How many clients of an organization are known. */
    long count(String organization) {
        return of(organization).count();
    }

    /** How many of them wait for news. */
    long waiting(String organization) {
        return of(organization).filter(SyncClient::isParked).count();
    }

    /** How many of them have not confirmed the gates in effect. */
    long behindGates(String organization) {
        return of(organization).filter(client -> !client.obeysGates()).count();
    }

    /** Those that have not said yet that they obey the gates of a count, the one that was heard last first. */
    List<ClientBehind> behind(String organization, long mark) {
        return behind(organization, mark, time.ticks());
    }

    /** As of a moment; who was heard since then was silent for less than nothing. */
    List<ClientBehind> behind(String organization, long mark, long moment) {
        List<ClientBehind> behind = new ArrayList<>();
        keys.keySet().stream()
                .filter(key -> key.organization().equals(organization))
                .forEach(key -> named(key).forEach((id, client) -> {
                    if (!client.obeysGates(mark)) {
                        String name = client.name();
                        behind.add(new ClientBehind(
                                name == null ? id : name,
                                client.onUnreachable().name().toLowerCase(Locale.ROOT),
                                Duration.ofNanos(moment - client.heardAt())));
                    }
                }));
        behind.sort(Comparator.comparing(ClientBehind::silent));
        return behind;
    }

    /** How much memory all take. */
    long bytes() {
        return memory.total();
    }

    void all(Consumer<SyncClient> each) {
        keys.keySet().forEach(key -> of(key).forEach(each));
    }

    private Stream<SyncClient> of(String organization) {
        return keys.keySet().stream()
                .filter(key -> key.organization().equals(organization))
                .flatMap(this::of);
    }

    private Stream<SyncClient> of(Key key) {
        return named(key).values().stream();
    }

    private Map<String, SyncClient> named(Key key) {
        Map<String, SyncClient> copy = new LinkedHashMap<>();
        keys.computeIfPresent(key, (each, of) -> {
            copy.putAll(of.clients);
            return of;
        });
        return copy;
    }
}
