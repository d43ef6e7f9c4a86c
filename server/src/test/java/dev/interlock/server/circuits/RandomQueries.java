package dev.interlock.server.circuits;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Queries of words that mean something for a fleet, changed here and there by a slip of the finger. */
final class RandomQueries {
    private static final List<String> FIELDS =
            List.of("kind", "cause", "dep", "by", "policy", "state", "health", "team", "owner", "key", "KIND", "Team");
    private static final List<String> VALUES = List.of(
            "LOOP",
            "TIMEOUT",
            "failure_rate",
            "override",
            "open",
            "held",
            "half_open",
            "critical",
            "well",
            "model:*",
            "default",
            "bob",
            "\"ada l\"",
            "billing",
            "\"R&D, East\"",
            "*",
            "",
            "\"\"",
            "search",
            "İstanbul straße");
    private static final String SIGNS = "ab*-,:=\"_1İß. ";
    private static final String BLANKS = "   \t\u00a0\u2003";

    private final Random random;
    private final List<String> names = new ArrayList<>();

    RandomQueries(Random random, JsonArray fleet) {
        this.random = random;
        fleet.forEach(each -> names.add(((JsonObject) each).getString("agent_id")));
    }

    String next() {
        StringBuilder query = new StringBuilder();
        int words = 1 + random.nextInt(3);
        for (int i = 0; i < words; i++) {
            query.append(i == 0 && random.nextInt(8) > 0 ? "" : BLANKS.charAt(random.nextInt(BLANKS.length())));
            query.append(random.nextInt(4) == 0 ? "-" : "").append(random.nextInt(2) == 0 ? name() : field());
        }
        return random.nextInt(3) == 0 ? slipped(query) : query.toString();
    }

    private String field() {
        StringBuilder word = new StringBuilder(one(FIELDS))
                .append(random.nextInt(4) == 0 ? '=' : ':')
                .append(one(VALUES));
        while (random.nextInt(4) == 0) {
            word.append(',').append(one(VALUES));
        }
        return word.toString();
    }

    /** A stretch of a name, with a star in it or not. */
    private String name() {
        String name = one(names);
        int from = random.nextInt(3) == 0 ? 0 : random.nextInt(name.length());
        int to = from + 1 + random.nextInt(name.length() - from);
        String part = name.substring(from, to);
        if (random.nextInt(3) == 0) {
            int star = random.nextInt(part.length() + 1);
            part = (random.nextBoolean() ? "*" : "") + part.substring(0, star) + "*" + part.substring(star);
        }
        return switch (random.nextInt(6)) {
            case 0 -> part.toUpperCase(Locale.ROOT);
            case 1 -> '"' + part + '"';
            default -> part;
        };
    }

    /** One to three letters are left out, doubled or put in. */
    private String slipped(StringBuilder query) {
        for (int slips = 1 + random.nextInt(3); slips > 0 && query.length() > 0; slips--) {
            int at = random.nextInt(query.length());
            switch (random.nextInt(3)) {
                case 0 -> query.deleteCharAt(at);
                case 1 -> query.insert(at, query.charAt(at));
                default -> query.insert(at, SIGNS.charAt(random.nextInt(SIGNS.length())));
            }
        }
        return query.toString();
    }

    private String one(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}
