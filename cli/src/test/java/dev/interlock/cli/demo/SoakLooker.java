package dev.interlock.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.cli.demo.SoakClient.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks, overrides and settles at the same time as the fleet, and holds what the server says against what it has
 * acknowledged before. What was not answered may have been done or not: nothing is expected of it. For one thread.
 */
final class SoakLooker {
    private static final int HELD = 12;
    private static final int MOST_KEYS = 12;
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(15);
    private static final long AWAY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * How long an agent is known to a server that can do its work until it is expected after a kill: the registry is
     * stored every few seconds.
     */
    private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final Pattern FIGURE =
            Pattern.compile("(?m)^(interlock_[a-z_]+|jvm_[a-z_]+)(\\{[^}]*})? ([0-9.eE+-]+)$");

    private final SoakClient client;
    private final SoakFindings findings;
    private final Random random;
    private final BooleanSupplier over;
    private final String admin;
    private final String viewer;
    private final String other;
    private final Map<String, Held> held = new LinkedHashMap<>();
    private final Map<String, Long> epochs = new HashMap<>();
    private final Map<String, Long> knownSince = new HashMap<>();
    private final Map<String, Boolean> keys = new LinkedHashMap<>();
    private final Map<String, String> keyIds = new HashMap<>();
    private final SoakClock workingTime = new SoakClock();
    private volatile int life;
    private volatile int acknowledged;
    private int seenLife;
    private int number;

    /** What a circuit was acknowledged to be: the reason of its hold, or null without one. */
    private record Held(String state, String reason, int life) {}

    SoakLooker(SoakClient client, String admin, SoakFindings findings, long seed, BooleanSupplier over)
            throws InterruptedException {
        this.client = client;
        this.admin = admin;
        this.findings = findings;
        this.random = new Random(seed);
        this.over = over;
        viewer = client.post("/api/v1/keys", admin, "{\"name\":\"looker\",\"role\":\"viewer\"}")
                .json()
                .path("key")
                .asText();
        other = client.post(
                        "/api/v1/keys", admin, "{\"name\":\"other\",\"role\":\"admin\",\"organization_id\":\"other\"}")
                .json()
                .path("key")
                .asText();
    }

    /** How many holds and releases are acknowledged that can be looked for. */
    int acknowledged() {
        return acknowledged;
    }

    /** How long the server could do its work so far. */
    SoakClock workingTime() {
        return workingTime;
    }

    /** Says that another life of the server has begun. */
    void reborn() {
        life++;
    }

    /** Goes on until the soak is over, and looks at everything once more. */
    void run() {
        try {
            while (!over.getAsBoolean()) {
                if (client.isAway()) {
                    LockSupport.parkNanos(AWAY_NANOS);
                    client.get("/healthz", viewer);
                    continue;
                }
                if (seenLife != life) {
                    seenLife = life;
                    lookAtAll();
                }
                step(random.nextInt(100));
                LockSupport.parkNanos(STEP_NANOS);
            }
            lookAtAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException mistake) {
            findings.broken("the looker ended by " + mistake);
        }
    }

    private void step(int chance) throws InterruptedException {
        if (chance < 55) {
            call();
        } else if (chance < 80) {
            override();
        } else if (chance < 88) {
            List<String> names = List.copyOf(held.keySet());
            if (!names.isEmpty()) {
                lookAtHeld(names.get(random.nextInt(names.size())));
            }
        } else if (chance < 92) {
            changeKeys();
        } else if (chance < 96) {
            lookAtLists();
        } else {
            lookAtFigures();
        }
    }

    private void lookAtAll() throws InterruptedException {
        for (String name : List.copyOf(held.keySet())) {
            lookAtHeld(name);
        }
        lookAtLists();
        lookAtFigures();
        for (String key : List.copyOf(keys.keySet())) {
            lookAtKey(key);
        }
    }

    /** A call of the other organization, whose permit is settled once, or tried to be settled twice. */
    private void call() throws InterruptedException {
        String agent = "other-" + random.nextInt(20);
        long began = System.nanoTime();
        Answer permit = client.post(SoakClient.circuit(agent, "/permits"), other, "{\"depends_on\":[\"other-model\"]}");
        if (permit.status() == 200) {
            findings.permit((System.nanoTime() - began) / 1_000);
        }
        findings.expect(
                permit.status() == 0 || permit.status() == 200 || permit.status() == 503,
                "a permit was answered " + permit.status() + " " + permit.body());
        if (permit.status() != 200) {
            return;
        }
        String outcome = random.nextInt(6) == 0 ? "\"failure\",\"kind\":\"TIMEOUT\"" : "\"success\"";
        String body = "{\"permit\":\"" + permit.json().path("permit").asText() + "\",\"outcome\":" + outcome + "}";
        int counted = 0;
        for (int i = random.nextInt(3); i >= 0; i--) {
            Answer settled = client.post(SoakClient.circuit(agent, "/outcomes"), other, body);
            counted += settled.json().path("status").asText().equals("counted") ? 1 : 0;
        }
        findings.expect(counted <= 1, "a permit was counted " + counted + " times");
        findings.count("calls of the looker, settled once to three times");
    }

    /** Holds, releases, and remembers what was acknowledged as stored. */
    private void override() throws InterruptedException {
        acknowledged = held.size();
        String name = held.size() < HELD
                ? "held-" + ++number
                : List.copyOf(held.keySet()).get(random.nextInt(HELD));
        String action = List.of("hold_open", "hold_closed", "release").get(random.nextInt(3));
        String reason = "soak " + ++number;
        Answer answer = client.post(
                SoakClient.circuit(name, "/action"),
                admin,
                "{\"action\":\"" + action + "\",\"reason\":\"" + reason + "\"}");
        if (answer.status() == 200) {
            String state = action.equals("hold_open") ? "open" : action.equals("hold_closed") ? "closed" : "";
            Held before = held.get(name);
            boolean repeats =
                    before != null && !state.isEmpty() && before.state().equals(state);
            held.put(name, new Held(state, repeats ? before.reason() : state.isEmpty() ? null : reason, life));
            findings.count("overrides acknowledged as stored");
        } else {
            held.remove(name); // done or not: another name takes its place
            findings.count(
                    answer.status() == 202 ? "overrides acknowledged, not stored yet" : "overrides not answered");
            findings.expect(
                    answer.status() == 0 || answer.status() == 202 || answer.status() == 503,
                    "an override was answered " + answer.status() + " " + answer.body());
        }
    }

    private void lookAtHeld(String name) throws InterruptedException {
        Held expected = held.get(name);
        Answer answer = client.get(SoakClient.circuit(name, ""), viewer);
        if (expected == null || answer.status() != 200) {
            return;
        }
        JsonNode hold = answer.json().path("hold");
        if (expected.reason() == null) {
            findings.expect(!hold.isObject(), name + " was released, and is held: " + hold);
        } else {
            findings.expect(
                    expected.reason().equals(hold.path("reason").asText())
                            && expected.state()
                                    .equals(answer.json().path("state").asText()),
                    name + " was held " + expected + ", and is " + answer.body());
        }
        if (expected.life() != life) {
            findings.count(Soak.FOUND);
        }
    }

    private void lookAtLists() throws InterruptedException {
        Answer answer = client.get("/api/v1/circuits/", viewer);
        if (answer.status() != 200) {
            return;
        }
        JsonNode circuits = answer.json();
        long now = workingTime.nanos();
        circuits.fields().forEachRemaining(each -> {
            String name = each.getKey();
            findings.expect(!name.startsWith("other-"), "default sees " + name);
            if (!each.getValue().path("idle").asBoolean()) {
                long epoch = each.getValue().path("epoch").asLong();
                Long before = epochs.put(name, epoch);
                findings.expect(
                        before == null || before <= epoch, name + " had epoch " + before + ", and has " + epoch);
            }
            knownSince.putIfAbsent(name, now);
        });
        for (Iterator<Map.Entry<String, Long>> all = knownSince.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Long> known = all.next();
            if (!circuits.has(known.getKey())) {
                findings.expect(now - known.getValue() < KNOWN_NANOS, known.getKey() + " is missing");
                all.remove();
            }
        }
        client.get("/api/v1/circuits/", other)
                .json()
                .fieldNames()
                .forEachRemaining(name -> findings.expect(name.startsWith("other-"), "other sees " + name));
        findings.count("looks at the whole fleet");
    }

    private void lookAtFigures() throws InterruptedException {
        Answer answer = client.get("/metrics", admin);
        Matcher figure = FIGURE.matcher(answer.body());
        while (figure.find()) {
            double value = Double.parseDouble(figure.group(3));
            String labels = figure.group(2) == null ? "" : figure.group(2);
            switch (figure.group(1)) {
                case "interlock_broken_promises_total", "interlock_threads_lost_total" ->
                    findings.expect(value == 0, figure.group());
                case "interlock_http_requests_seconds_count" ->
                    findings.expect(value == 0 || !labels.contains("status=\"500\""), figure.group());
                default -> {}
            }
        }
    }

    /** Keys come and go; what was answered for works, or does not, from then on. */
    private void changeKeys() throws InterruptedException {
        List<String> alive = new ArrayList<>();
        keys.forEach((key, works) -> {
            if (works) {
                alive.add(key);
            }
        });
        if (alive.size() < MOST_KEYS / 2) {
            Answer made = client.post("/api/v1/keys", admin, "{\"name\":\"soak\",\"role\":\"viewer\"}");
            if (made.status() == 201) {
                String key = made.json().path("key").asText();
                keys.put(key, true);
                keyIds.put(key, made.json().path("id").asText());
                findings.count("keys created");
            }
        } else if (random.nextInt(4) == 0) {
            String key = alive.get(random.nextInt(alive.size()));
            Answer gone = client.ask("DELETE", "/api/v1/keys/" + keyIds.get(key), admin, null);
            if (gone.status() == 204) {
                keys.put(key, false);
                findings.count("keys revoked");
            } else {
                keys.remove(key);
            }
            if (keys.size() > MOST_KEYS) {
                keys.remove(keys.keySet().iterator().next());
            }
        } else {
            lookAtKey(alive.get(random.nextInt(alive.size())));
        }
    }

    private void lookAtKey(String key) throws InterruptedException {
        Boolean works = keys.get(key);
        int status = client.get("/api/v1/me", key).status();
        if (works != null && (status == 200 || status == 401)) {
            findings.expect(
                    works == (status == 200),
                    String.format(
                            Locale.ROOT, "a key that %s was answered %d", works ? "works" : "was revoked", status));
        }
    }
}
