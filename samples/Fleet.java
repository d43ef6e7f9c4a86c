import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Makes {@code fleet.csv}, a morning of forty agents that were guarded by nobody: {@code java samples/Fleet.java}
 * writes it to standard output, the same one each time. Another morning has another seed: {@code java
 * samples/Fleet.java 7}.
 *
 * <p>An agent does one thing after the other: it asks its model, uses up to three tools, thinks. What fails is tried
 * again a few times. The incidents are invented; names of models are, too.
 */
public final class Fleet {
    private static final Instant START = Instant.parse("2026-01-05T08:00:00Z");
    private static final long END = Duration.ofHours(3).toMillis();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.S'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final String LARGE = "model:atlas-large";
    private static final String MINI = "model:atlas-mini";
    private static final String ORION = "model:orion-2";
    private static final String BROWSER = "tool:browser";

    private static final List<Role> ROLES = List.of(
            new Role("planner", 6, LARGE, "tool:tickets", "tool:calendar", "tool:search"),
            new Role("coder", 14, LARGE, "tool:editor", "tool:shell", "tool:git", "tool:tests"),
            new Role("reviewer", 6, MINI, "tool:git", "tool:tests", "tool:tickets"),
            new Role("researcher", 8, ORION, "tool:search", BROWSER, "tool:fetch", "tool:vector-store"),
            new Role("support", 6, MINI, "tool:mail", "tool:tickets", "tool:database"));

    /** What goes wrong: from when to when, whose calls, which share of them, how, and how long a failure takes. */
    private static final List<Incident> INCIDENTS = List.of(
            // A model without capacity: most calls are turned away at once.
            new Incident("08:35", "09:05", "", LARGE, 0.80, "OVERLOADED", 400),
            // A tool that hangs, then breaks.
            new Incident("09:20", "09:50", "", BROWSER, 0.55, "TIMEOUT", 30_000),
            new Incident("09:20", "09:50", "", BROWSER, 0.50, "TOOL_ERROR", 2_500),
            // The key that all researchers share has been used up.
            new Incident("10:00", "10:18", "", ORION, 1.00, "QUOTA_EXHAUSTED", 150),
            // Three bursts above a rate limit.
            new Incident("08:50", "08:52", "", MINI, 0.60, "RATE_LIMITED", 120),
            new Incident("09:40", "09:43", "", MINI, 0.60, "RATE_LIMITED", 120),
            new Incident("10:30", "10:32", "", MINI, 0.60, "RATE_LIMITED", 120),
            // One agent that cannot read what its model answers, while all others can.
            new Incident("10:25", "10:45", "coder-7", LARGE, 0.85, "MALFORMED_OUTPUT", 5_000));

    private static final String[] MODEL_FAILURES = {
        "TIMEOUT", "SERVER_ERROR", "CONNECTION", "EMPTY_RESPONSE", "MALFORMED_OUTPUT", "CONTEXT_LENGTH", "RATE_LIMITED"
    };
    private static final String[] TOOL_FAILURES = {"TOOL_ERROR", "TOOL_ERROR", "TIMEOUT", "INVALID_REQUEST"};

    private final Random random;
    private final StringWriter csv = new StringWriter();
    private final PrintWriter out = new PrintWriter(csv);

    private Fleet(long seed) {
        random = new Random(seed);
    }

    /** Writes the log to standard output; the only argument is a seed. */
    public static void main(String[] args) {
        long seed = args.length == 0 ? 1 : Long.parseLong(args[0]);
        byte[] log = new Fleet(seed).morning().getBytes(StandardCharsets.UTF_8);
        System.out.write(log, 0, log.length);
        System.out.flush();
    }

    private String morning() {
        PriorityQueue<Agent> agents = new PriorityQueue<>();
        for (Role role : ROLES) {
            for (int i = 1; i <= role.count; i++) {
                agents.add(new Agent(role.name + "-" + i, role, random.nextInt(60_000), agents.size()));
            }
        }
        out.print("time,agent,target,duration_ms,ok,kind\n");
        while (agents.peek().next < END) {
            Agent agent = agents.poll();
            step(agent);
            agents.add(agent);
        }
        return csv.toString();
    }

    /** One call of an agent, and what it does after. */
    private void step(Agent agent) {
        String target = agent.tools > 0 ? agent.tool : agent.role.model;
        Ending ending = end(agent, target);
        out.print(TIME.format(START.plusMillis(agent.next)) + "," + agent.name + "," + target + "," + ending.took + ","
                + ending.ok + "," + ending.kind + "\n");
        agent.next += ending.took;
        if (!ending.ok && agent.tries++ < 3) {
            agent.next += (long) (2_000 << agent.tries) + random.nextInt(1_000); // tries again
            return;
        }
        boolean gaveUp = agent.tries > 3;
        agent.tries = 0;
        agent.tools = agent.tools > 0 ? agent.tools - 1 : gaveUp ? 0 : random.nextInt(4);
        agent.tool = agent.role.tools[random.nextInt(agent.role.tools.length)];
        agent.next += 1_000 + exponential(agent.tools > 0 ? 10_000 : gaveUp ? 90_000 : 120_000);
    }

    private Ending end(Agent agent, String target) {
        boolean model = target.startsWith("model:");
        long took = model ? 1_500 + exponential(6_000) : 40 + exponential(900);
        for (Incident incident : INCIDENTS) {
            if (incident.hits(agent, target) && random.nextDouble() < incident.share) {
                return new Ending(false, incident.kind, incident.took + random.nextInt(incident.took / 4 + 1));
            }
        }
        double luck = random.nextDouble();
        if (luck < 0.004) {
            return new Ending(true, "CANCELLED", took);
        }
        if (luck < (model ? 0.018 : 0.030)) {
            String[] kinds = model ? MODEL_FAILURES : TOOL_FAILURES;
            String kind = kinds[random.nextInt(kinds.length)];
            return new Ending(false, kind, kind.equals("TIMEOUT") ? 30_000 : took);
        }
        return new Ending(true, "", took);
    }

    /** A duration that is mostly short and sometimes long; StrictMath is the same on every machine. */
    private long exponential(double mean) {
        return Math.min(600_000, (long) (-mean * StrictMath.log(1 - random.nextDouble())));
    }

    private static final class Role {
        final String name;
        final int count;
        final String model;
        final String[] tools;

        Role(String name, int count, String model, String... tools) {
            this.name = name;
            this.count = count;
            this.model = model;
            this.tools = tools;
        }
    }

    private static final class Agent implements Comparable<Agent> {
        final String name;
        final Role role;
        final int number;
        long next;
        int tries;
        int tools;
        String tool = "";

        Agent(String name, Role role, long next, int number) {
            this.name = name;
            this.role = role;
            this.next = next;
            this.number = number;
        }

        @Override
        public int compareTo(Agent other) {
            int byTime = Long.compare(next, other.next);
            return byTime != 0 ? byTime : Integer.compare(number, other.number);
        }
    }

    private record Incident(
            String from, String to, String agent, String target, double share, String kind, int took) {
        boolean hits(Agent who, String what) {
            long now = START.toEpochMilli() + who.next;
            return what.equals(target) && (agent.isEmpty() || agent.equals(who.name)) && at(from) <= now && now < at(to);
        }

        private static long at(String time) {
            return START.atZone(ZoneOffset.UTC).with(LocalTime.parse(time)).toInstant().toEpochMilli();
        }
    }

    private record Ending(boolean ok, String kind, long took) {}
}
