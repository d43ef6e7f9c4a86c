package dev.interlock.benchmarks;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.benchmarks.IncidentProbes.Fault;
import dev.interlock.replay.Policies;
import dev.interlock.replay.Policy;
import dev.interlock.replay.ReplayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How well each named policy decides on incidents: logs are generated with stated assumptions and go through the product.
 * Prints a section of Markdown, or puts it into a page.
 */
public final class IncidentFigures {
    private static final long SEED = 20_261_128;
    private static final int INCIDENTS = 152;
    private static final String TITLE = "## Incidents";

    /** The 90th percentile of the durations. */
    private static final Duration SLOW = Duration.ofSeconds(29);

    private static final List<String> LONE =
            List.of("default", "recommended", "upstream", "attempts", "resilience4j", "litellm", "litellm-count");
    private static final List<String> SHARED =
            List.of("default", "recommended", "upstream", "resilience4j", "litellm", "litellm-count");

    private final long seed;
    private final int incidents;
    private final PrintStream out;
    private final Verdicts verdicts = new Verdicts();

    private IncidentFigures(long seed, int incidents, PrintStream out) {
        this.seed = seed;
        this.incidents = incidents;
        this.out = out;
    }

    /**
     * Plays.
     *
     * @param arguments {@code --seed N}, {@code --incidents N}, and {@code --write FILE} for a page whose section of that
     *     title is replaced
     * @throws Exception if something cannot be read or written
     */
    public static void main(String... arguments) throws Exception {
        long seed = SEED;
        int incidents = INCIDENTS;
        Path page = null;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--incidents" -> incidents = Integer.parseInt(arguments[i + 1]);
                case "--write" -> page = Path.of(arguments[i + 1]);
                default ->
                    throw new IllegalArgumentException(
                            arguments[i] + ": must be --seed N, --incidents N or --write FILE");
            }
        }
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        new IncidentFigures(seed, incidents, new PrintStream(section, true, StandardCharsets.UTF_8)).play();
        String text = section.toString(StandardCharsets.UTF_8);
        if (page == null) {
            new PrintStream(System.out, true, StandardCharsets.UTF_8).print(text);
        } else {
            write(page, text);
        }
    }

    private void play() throws ReplayException {
        out.println(TITLE);
        out.println();
        out.println("`benchmarks/incidents`, seed " + seed + ", " + incidents + " incidents. Logs are generated, run by"
                + " `replay --incidents`, and held against each other. Taken from recordings, as quantiles: lengths of"
                + " incidents of two model providers (10 min to 6 h, median 72 min), gaps (median 10.2 s) and durations"
                + " (median 7.1 s) of coding agents' calls. Assumed: a call fails with probability 0.018 outside of an"
                + " incident and 0.8 inside unless said otherwise, independently, with SERVER_ERROR. Each incident has its"
                + " own length before and after it. *Avoided*: failing calls inside that were refused. *Blocked*: good calls"
                + " that were refused. *Openings*: per incident, re-openings included.");
        out.println();
        steady(IncidentWorld.lone("A lone agent, p 0.8", 0.8), LONE);
        steady(IncidentWorld.shared("20 agents, one circuit for their model, p 0.8", 0.8), SHARED);
        steady(IncidentWorld.lone("A lone agent, p 0.5", 0.5), LONE);
        steady(IncidentWorld.shared("20 agents, p 0.5", 0.5), SHARED);
        steady(IncidentWorld.lone("A lone agent, p 0.3", 0.3), LONE);
        steady(IncidentWorld.shared("20 agents, p 0.3", 0.3), SHARED);
        steady(
                IncidentWorld.lone("A lone agent, 5 min bad and 5 min good in turn", 0.8)
                        .pulsed(300),
                LONE);
        steady(
                IncidentWorld.shared("20 agents, 5 min bad and 5 min good in turn", 0.8)
                        .pulsed(300),
                SHARED);
        out.println(
                "Only slow: inside calls take ten times as long and fail no more than outside. `+slow` is the same policy"
                        + " with a rule for slow calls of 29 s, the p90 of good calls, at a rate of 0.5; what it should refuse are"
                        + " the calls inside, so *blocked inside* is its protection.");
        out.println();
        slow(IncidentWorld.lone("A lone agent, ten times slower", 0).slow(10), "recommended");
        slow(IncidentWorld.shared("20 agents, ten times slower", 0).slow(10), "upstream");
        probes();
        KeyFigures.play(out, named(List.of("default", "upstream", "resilience4j", "litellm")), seed);
        Map<String, CircuitBreakerConfig> attempts = new LinkedHashMap<>();
        attempts.put("recommended", CircuitBreakerConfig.recommended());
        attempts.put("attempts", CircuitBreakerConfig.attempts());
        for (double failure : new double[] {0.3, 0.5, 0.8}) {
            Map<String, Double> refused = AttemptFigures.play(out, attempts, failure, incidents, seed);
            if (failure == 0.3) {
                verdicts.atMost(
                        "`attempts`, p 0.3, two retries: good calls refused",
                        Objects.requireNonNull(refused.get("attempts")),
                        0.005);
            }
        }
        verdicts.print(out);
    }

    private void steady(IncidentWorld world, List<String> names) throws ReplayException {
        for (IncidentTable.Row row : IncidentTable.play(out, world, named(names), incidents, seed)) {
            boolean isLone = world.agents() == 1;
            if (world.inside() == 0.8 && world.pulse() == 0) {
                String name = (isLone ? "lone `" : "20 agents `") + row.policy() + "`: ";
                if (isLone && row.policy().equals("recommended")) {
                    verdicts.atLeast(name + "avoided", row.avoided(), 0.88);
                    verdicts.atMost(name + "blocked outside", row.blocked(), 0.013);
                } else if (!isLone && row.policy().equals("upstream")) {
                    verdicts.atLeast(name + "avoided", row.avoided(), 0.985);
                    verdicts.atMost(name + "blocked outside", row.blocked(), 0.009);
                }
            }
        }
    }

    private void probes() throws ReplayException {
        out.println(
                "**Probes**, p 0.8. A probe fails as a call does, and answers at once. Each agent called once an hour"
                        + " before, so that probes may have earned trust, but for the rows that say *new*.");
        out.println();
        out.println("| policy | probes | avoided | blocked outside | openings | probes an incident |");
        out.println("|---|---|---:|---:|---:|---:|");
        IncidentWorld lone = IncidentWorld.lone("", 0.8);
        IncidentWorld shared = IncidentWorld.shared("", 0.8);
        IncidentTable.Row well = probed(lone, "recommended+probe", "fail as calls do", Fault.NONE);
        probed(lone.unknown(), "recommended+probe", "*new*, fail as calls do", Fault.NONE);
        probed(lone, "recommended+probe", "answered by the log", null);
        probed(lone, "recommended+probe", "see half of the failures", Fault.HALF_BLIND);
        IncidentTable.Row blind = probed(lone, "recommended+probe", "see nothing", Fault.BLIND);
        IncidentTable.Row dead = probed(lone, "recommended+probe", "never worked", Fault.DEAD);
        IncidentTable.Row dies = probed(lone, "recommended+probe", "die halfway before the incident", Fault.DIES);
        IncidentTable.Row many = probed(shared, "upstream+probe", "fail as calls do", Fault.NONE);
        probed(shared.unknown(), "upstream+probe", "*new*, fail as calls do", Fault.NONE);
        probed(shared, "upstream+probe", "answered by the log", null);
        probed(shared, "upstream+probe", "see nothing", Fault.BLIND);
        probed(shared, "upstream+probe", "never worked", Fault.DEAD);
        probed(shared, "upstream+probe", "die halfway before the incident", Fault.DIES);
        out.println();
        out.println(
                "What trust costs: without it, with probes that are always believed, `recommended+probe` had 98.34 % /"
                        + " 0.19 % / 2.4 openings on these logs, and a probe that never worked blocked 13.4 %. After PROBES_FAILED the"
                        + " first real trial comes with the first cooldown's end. Three of four incidents open so, and inside of one"
                        + " that trial fails: three quarters of an opening. Hourly real trials are 1.3 more in an incident of 107"
                        + " minutes, the mean, and the trip is one: 3.1 are what the rules bring about. Once in 25 the first trial and"
                        + " the next succeed, the circuit closes while probes fail, and trust is lost; it is looked for again at once,"
                        + " and comes back within seconds, since one good probe is enough.");
        out.println();
        out.println(
                "A probe that dies is found out when real calls succeed meanwhile, which takes a failure in closed. One that"
                        + " dies shortly before an incident, as here, is not found out before one incident in five, most of them short"
                        + " ones; then up to an hour passes after the incident until the next real trial. The same hour passes where"
                        + " the first real trial after PROBES_FAILED fails by chance, once in 28. A probe that died long before, and was"
                        + " found out, costs what one costs that never worked. Other rules were measured, see"
                        + " [0144](decisions/0144-trust-comes-back-soon.md).");
        out.println();
        verdicts.atLeast("lone `recommended+probe`: avoided", well.avoided(), 0.98);
        verdicts.atMost("lone `recommended+probe`: blocked outside", well.blocked(), 0.004);
        verdicts.atMostTimes("lone `recommended+probe`: openings", well.openings(), 2.8);
        verdicts.atMost("lone, a probe that never worked: blocked outside", dead.blocked(), 0.015);
        verdicts.atMost("lone, a probe that dies halfway before the incident: blocked outside", dies.blocked(), 0.015);
        verdicts.atLeast("lone, a blind probe: avoided, as without one", blind.avoided(), 0.88);
        verdicts.atMost("lone, a blind probe: blocked outside, as without one", blind.blocked(), 0.013);
        verdicts.atLeast("20 agents `upstream+probe`: avoided", many.avoided(), 0.995);
        verdicts.atMost("20 agents `upstream+probe`: blocked outside", many.blocked(), 0.005);
    }

    private IncidentTable.Row probed(IncidentWorld world, String name, String words, @Nullable Fault fault)
            throws ReplayException {
        Policy policy = Objects.requireNonNull(Policies.find(name), name);
        IncidentTable.Row row = IncidentTable.probed(world, name, policy, fault, incidents, seed);
        out.printf(
                Locale.ROOT,
                "| `%s`, %s | %s | %.2f %% | %.2f %% | %.1f | %.0f |%n",
                name,
                world.agents() == 1 ? "a lone agent" : "20 agents",
                words,
                100 * row.avoided(),
                100 * row.blocked(),
                row.openings(),
                row.probes());
        return row;
    }

    private void slow(IncidentWorld world, String name) {
        CircuitBreakerConfig plain =
                name.equals("upstream") ? CircuitBreakerConfig.upstream() : CircuitBreakerConfig.recommended();
        Map<String, Policy> policies = new LinkedHashMap<>();
        policies.put("default", Policy.of(CircuitBreakerConfig.defaults()));
        policies.put(name, Policy.of(plain));
        policies.put(
                name + "+slow",
                Policy.of(plain.toBuilder()
                        .slowCallDuration(SLOW)
                        .slowCallRateThreshold(0.5)
                        .build()));
        IncidentTable.play(out, world, policies, incidents, seed);
    }

    private static Map<String, Policy> named(List<String> names) throws ReplayException {
        Map<String, Policy> policies = new LinkedHashMap<>();
        for (String name : names) {
            policies.put(name, Objects.requireNonNull(Policies.find(name), name));
        }
        return policies;
    }

    /** The page with this section in place of the one of that title, or at its end. */
    private static void write(Path page, String section) throws IOException {
        String text = Files.readString(page);
        int begin = text.indexOf(TITLE + "\n");
        int next = begin < 0 ? -1 : text.indexOf("\n## ", begin);
        String before = begin < 0 ? text.stripTrailing() + "\n\n" : text.substring(0, begin);
        String after = next < 0 ? "" : text.substring(next);
        Files.writeString(page, before + section.stripTrailing() + "\n" + after);
    }
}
