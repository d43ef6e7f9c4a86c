package dev.interlock.monitor.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.Gate;
import dev.interlock.ManualTimeSource;
import dev.interlock.NamePattern;
import dev.interlock.store.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Budgets from a call's usage to the gate before the next one, and back. */
class BudgetKeeperTest {
    private static final CircuitId ANN = CircuitId.of("research-ann");
    private static final CircuitId BEN = CircuitId.of("research-ben");
    private static final CircuitId KIMI = CircuitId.of("model:kimi-k2");
    private static final Instant MIDNIGHT = Instant.parse("2027-02-01T00:00:00Z");

    private final ManualTimeSource time = new ManualTimeSource(Instant.parse("2027-01-31T18:00:00Z"));
    private final CircuitBreakerManager circuits =
            CircuitBreakerManager.builder().time(time).build();
    private final List<String> news = new ArrayList<>();

    private final BudgetsInMemory store = new BudgetsInMemory(BudgetRules.NONE);
    private final BudgetKeeper keeper = new BudgetKeeper(store, circuits.gates(), time);

    BudgetKeeperTest() {
        keeper.listen(new BudgetListener() {
            @Override
            public void onUsed(Spending spending, Instant at) {
                news.add((spending.isUsedUp() ? "used up " : "warned ")
                        + spending.budget().id() + " " + spending.subject() + ": " + spending.text());
            }

            @Override
            public void onUnpriced(String organization, String model) {
                news.add("unpriced " + model);
            }
        });
    }

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void a_budget_that_is_used_up_is_a_gate_until_its_period_ends() {
        put(budget("research-*", "day", new Limits(1_000L, null, null)));
        use(ANN, 700, 299);
        assertThat(isRefused(ANN)).isFalse();

        use(ANN, 0, 1);
        assertThat(circuits.gates().list()).singleElement().satisfies(gate -> {
            assertThat(gate.id()).isEqualTo("budget:b:research-ann");
            assertThat(gate.author()).isEqualTo("budget");
            assertThat(gate.until()).isEqualTo(MIDNIGHT);
            assertThat(gate.reason()).isEqualTo("The budget b is used up: 1,000 of 1,000 tokens used in a day");
        });
        assertThat(isRefused(ANN)).isTrue();
        assertThat(isRefused(BEN)).as("each has it for itself").isFalse();
        assertThat(circuits.snapshot(ANN).state()).isEqualTo(CircuitState.CLOSED);

        time.advance(Duration.ofHours(6));
        keeper.step();
        assertThat(isRefused(ANN)).isFalse();
        use(ANN, 999, 0);
        assertThat(isRefused(ANN)).as("a new day").isFalse();
    }

    @Test
    void it_is_warned_of_once_a_period_and_again_after_a_raise() {
        put(budget("research-*", "day", new Limits(1_000L, null, null)));
        use(ANN, 799, 0);
        assertThat(news).isEmpty();
        use(ANN, 1, 0);
        use(ANN, 1, 0);
        assertThat(news).containsExactly("warned b research-ann: 800 of 1,000 tokens used in a day");
        use(ANN, 300, 0);
        use(ANN, 300, 0);
        assertThat(news).hasSize(2).last().asString().startsWith("used up b research-ann: 1,101 of 1,000 tokens");
    }

    @Test
    void a_raise_opens_the_gate_for_the_rest_of_the_period() {
        Budget budget = budget("research-*", "day", new Limits(1_000L, null, null));
        put(budget);
        use(ANN, 1_200, 0);
        use(BEN, 1_200, 0);
        assertThat(isRefused(ANN)).isTrue();

        store.put(new BudgetRules(List.of(budget), List.of(raise(ANN.name(), new Limits(500L, null, null))), Map.of()));
        keeper.changed("ann@acme.example", "the report is due");
        assertThat(isRefused(ANN)).isFalse();
        assertThat(isRefused(BEN)).as("only one was raised").isTrue();

        use(ANN, 300, 0);
        assertThat(isRefused(ANN)).as("1,500 of 1,500").isTrue();
        time.advance(Duration.ofHours(6));
        use(ANN, 1_000, 0);
        assertThat(isRefused(ANN)).as("the next day has no raise").isTrue();
    }

    @Test
    void a_raise_that_is_too_small_leaves_the_gate() {
        Budget budget = budget("research-*", "day", new Limits(1_000L, null, null));
        put(budget);
        use(ANN, 2_000, 0);
        store.put(new BudgetRules(List.of(budget), List.of(raise(null, new Limits(500L, null, null))), Map.of()));
        keeper.changed("ann", "a little");
        assertThat(isRefused(ANN)).isTrue();
    }

    @Test
    void names_that_share_a_budget_use_it_up_together_and_are_stopped_together() {
        put(new Budget(
                "default",
                "b",
                new NamePattern("research-*"),
                true,
                Period.read("day", null),
                new Limits(null, null, 3L),
                false,
                0.8,
                true));
        use(ANN, 0, 0);
        use(BEN, 0, 0);
        assertThat(isRefused(ANN)).isFalse();
        use(BEN, 0, 0);
        assertThat(isRefused(ANN)).isTrue();
        assertThat(isRefused(CircuitId.of("research-new"))).isTrue();
        assertThat(isRefused(CircuitId.of("writer"))).isFalse();
    }

    @Test
    void a_budget_of_an_upstream_counts_calls_that_name_it_and_stops_those() {
        put(budget("model:kimi-*", "day", new Limits(100L, null, null)));
        keeper.meter().count(ANN, List.of(KIMI), new Usage(60, 0, 0, null));
        keeper.meter().count(BEN, List.of(KIMI), new Usage(40, 0, 0, null));
        keeper.step();
        assertThatThrownBy(() -> circuits.guard(ANN).dependingOn(KIMI.name()).acquire())
                .isInstanceOfSatisfying(
                        CircuitOpenException.class,
                        refused -> assertThat(refused.gate())
                                .extracting(Gate::author)
                                .isEqualTo("budget"));
        assertThat(isRefused(ANN)).isFalse();
    }

    @Test
    void cached_tokens_count_only_where_they_are_asked_for() {
        put(budget("research-*", "day", new Limits(100L, null, null)));
        keeper.meter().count(ANN, List.of(), new Usage(1_000, 50, 951, null));
        keeper.step();
        assertThat(isRefused(ANN)).as("49 + 50").isFalse();

        put(new Budget(
                "default",
                "b",
                new NamePattern("research-*"),
                false,
                Period.read("day", null),
                new Limits(100L, null, null),
                true,
                0.8,
                true));
        assertThat(isRefused(ANN)).as("1,050").isTrue();
    }

    @Test
    void the_cost_is_what_was_reported_or_what_the_price_says() {
        Price price = new Price(new NamePattern("kimi-*"), 0.60, 2.50, 0.15);
        Budget budget = budget("research-*", "day", new Limits(null, 1.0, null));
        store.put(new BudgetRules(List.of(budget), List.of(), Map.of("default", List.of(price))));
        keeper.changed("admin", "prices");
        keeper.meter().count(ANN, List.of(KIMI), new Usage(1_000_000, 100_000, 400_000, null));
        keeper.step();
        assertThat(spent(budget, ANN).costUsd()).isCloseTo(0.36 + 0.06 + 0.25, within(1e-9));
        keeper.meter().count(ANN, List.of(KIMI), new Usage(1_000_000, 0, 0, 0.33));
        keeper.step();
        assertThat(spent(budget, ANN).costNanos()).isEqualTo(1_000_000_000);
        assertThat(isRefused(ANN)).isTrue();
        assertThat(news).noneMatch(each -> each.startsWith("unpriced"));
    }

    @Test
    void without_a_price_tokens_count_alone_and_that_is_said_once_a_model() {
        Budget budget = budget("research-*", "day", new Limits(1_000_000L, 1.0, null));
        put(budget);
        for (int i = 0; i < 3; i++) {
            keeper.meter().count(ANN, List.of(KIMI), new Usage(1_000, 100, 0, null));
        }
        keeper.step();
        assertThat(spent(budget, ANN)).isEqualTo(new Spent(3, 3_300, 0, 0, 3_300));
        assertThat(news).containsExactly("unpriced kimi-k2");
        assertThat(keeper.meter().unpriced()).isEqualTo(3);
    }

    @Test
    void a_budget_that_only_warns_stops_nothing() {
        put(new Budget(
                "default",
                "b",
                new NamePattern("*"),
                false,
                Period.read("hour", null),
                new Limits(null, null, 2L),
                false,
                0.5,
                false));
        use(ANN, 0, 0);
        use(ANN, 0, 0);
        use(ANN, 0, 0);
        assertThat(isRefused(ANN)).isFalse();
        assertThat(news).hasSize(2).first().asString().startsWith("warned");
    }

    @Test
    void a_budget_that_is_changed_or_removed_takes_its_gates_away_and_keeps_what_was_used() {
        put(budget("research-*", "day", new Limits(null, null, 2L)));
        use(ANN, 0, 0);
        use(ANN, 0, 0);
        assertThat(isRefused(ANN)).isTrue();
        put(budget("research-*", "day", new Limits(null, null, 3L)));
        assertThat(isRefused(ANN)).isFalse();
        use(ANN, 0, 0);
        assertThat(isRefused(ANN)).isTrue();
        store.put(BudgetRules.NONE);
        keeper.changed("admin", "removed");
        assertThat(isRefused(ANN)).isFalse();
    }

    @Test
    void a_gate_that_somebody_removed_comes_again_and_a_gate_of_a_person_is_left_alone() {
        put(budget("research-*", "day", new Limits(null, null, 1L)));
        Gate stop = Gate.ofAgents("default", "research-ben", "ann@acme.example").named("budget:b:stop");
        circuits.gates().put(stop);
        use(ANN, 0, 0);
        circuits.gates().remove("default", "budget:b:research-ann", "ann@acme.example", null);
        assertThat(isRefused(ANN)).isFalse();
        use(ANN, 0, 0); // a call that was under way
        time.advance(Duration.ofSeconds(6));
        keeper.step();
        assertThat(isRefused(ANN)).isTrue();
        assertThat(circuits.gates().list()).extracting(Gate::author).contains("ann@acme.example");
    }

    @Test
    void a_name_with_a_star_is_summed_and_stops_nobody_else() {
        put(budget("*", "day", new Limits(null, null, 1L)));
        use(CircuitId.of("*"), 0, 0);
        assertThat(isRefused(ANN)).isFalse();
        assertThat(circuits.gates().list()).isEmpty();
    }

    @Test
    void a_name_that_can_be_no_part_of_an_id_has_a_gate_all_the_same() {
        put(budget("*", "day", new Limits(null, null, 1L)));
        CircuitId odd = CircuitId.of("Kölner Büro " + "x".repeat(200));
        use(odd, 0, 0);
        assertThat(isRefused(odd)).isTrue();
        time.advance(Duration.ofSeconds(6));
        keeper.step();
        assertThat(isRefused(odd)).as("it is due").isTrue();
    }

    @Test
    void a_length_rolls_and_lets_calls_pass_when_enough_has_ceased_to_count() {
        put(budget("research-*", "60m", new Limits(null, null, 2L)));
        use(ANN, 0, 0);
        time.advance(Duration.ofMinutes(30));
        use(ANN, 0, 0);
        assertThat(isRefused(ANN)).isTrue();
        time.advance(Duration.ofMinutes(30));
        assertThat(isRefused(ANN)).as("an hour and no sixtieth").isTrue();
        time.advance(Duration.ofMinutes(1));
        assertThat(isRefused(ANN)).isFalse();
        use(ANN, 0, 0);
        assertThat(isRefused(ANN)).as("two in the last hour").isTrue();
    }

    @Test
    void organizations_do_not_share() {
        put(budget("*", "day", new Limits(null, null, 1L)));
        CircuitId other = new CircuitId("other", ANN.name());
        keeper.meter().count(other, List.of(), Usage.UNKNOWN);
        keeper.step();
        assertThat(isRefused(ANN)).isFalse();
        assertThat(isRefused(other)).isFalse();
    }

    @Test
    void another_process_begins_where_this_one_was() {
        put(budget("research-*", "day", new Limits(null, null, 3L)));
        use(ANN, 0, 0);
        use(ANN, 0, 0);
        use(ANN, 0, 0);
        circuits.gates().remove("default", "budget:b:research-ann", "a crash", null);
        BudgetKeeper successor = new BudgetKeeper(store, circuits.gates(), time);
        successor.step();
        assertThat(isRefused(ANN)).isTrue();
    }

    @Test
    void what_could_not_be_stored_waits_and_counts_once() {
        AtomicBoolean away = new AtomicBoolean();
        BudgetStore flaky = new Flaky(store, away);
        BudgetKeeper kept = new BudgetKeeper(flaky, circuits.gates(), time);
        Budget budget = budget("research-*", "day", new Limits(null, null, 5L));
        store.put(new BudgetRules(List.of(budget), List.of(), Map.of()));
        kept.step();
        away.set(true);
        kept.meter().count(ANN, List.of(), Usage.UNKNOWN);
        assertThatThrownBy(kept::step).isInstanceOf(StoreUnavailableException.class);
        kept.meter().count(ANN, List.of(), Usage.UNKNOWN);
        away.set(false);
        kept.step();
        assertThat(spent(budget, ANN).calls()).isEqualTo(2);
    }

    /** A store that is away for a while. */
    private record Flaky(BudgetStore store, AtomicBoolean away) implements BudgetStore {
        @Override
        public BudgetRules rules(Instant now) {
            return store.rules(now);
        }

        @Override
        public void add(List<Used> used) {
            if (away.get()) {
                throw new StoreUnavailableException("away", null);
            }
            store.add(used);
        }

        @Override
        public Map<String, List<Slice>> used(Budget budget, Instant since, @Nullable Collection<String> subjects) {
            return store.used(budget, since, subjects);
        }

        @Override
        public boolean mark(Spending spending, Instant slice, Instant now) {
            return store.mark(spending, slice, now);
        }
    }

    private void put(Budget budget) {
        store.put(new BudgetRules(List.of(budget), List.of(), Map.of()));
        keeper.changed("admin", "a test");
    }

    private void use(CircuitId agent, long in, long out) {
        keeper.meter().count(agent, List.of(), new Usage(in, out, 0, null));
        keeper.step();
    }

    private Spent spent(Budget budget, CircuitId agent) {
        return Slice.sum(
                store.used(budget, budget.period().since(time.wallTime()), null).get(agent.name()));
    }

    private Raise raise(@Nullable String subject, Limits by) {
        return new Raise("default", "b", subject, by, MIDNIGHT, "ann@acme.example", "why not", time.wallTime());
    }

    private static Budget budget(String pattern, String per, Limits limits) {
        return new Budget(
                "default",
                "b",
                new NamePattern(pattern),
                false,
                Period.read(per, null),
                limits,
                false,
                Budget.WARN_AT,
                true);
    }

    private boolean isRefused(CircuitId agent) {
        try {
            circuits.guard(agent).acquire().cancel();
            return false;
        } catch (CircuitOpenException refused) {
            assertThat(refused.gate()).isNotNull();
            return true;
        }
    }
}
