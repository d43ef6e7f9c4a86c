package dev.interlock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.NamePattern;
import dev.interlock.jdbc.AdministrationChanges.Filter;
import dev.interlock.jdbc.AdministrationChanges.Line;
import dev.interlock.monitor.budgets.Budget;
import dev.interlock.monitor.budgets.BudgetRules;
import dev.interlock.monitor.budgets.BudgetStore.Used;
import dev.interlock.monitor.budgets.Limits;
import dev.interlock.monitor.budgets.Period;
import dev.interlock.monitor.budgets.Price;
import dev.interlock.monitor.budgets.Raise;
import dev.interlock.monitor.budgets.Slice;
import dev.interlock.monitor.budgets.Spending;
import dev.interlock.monitor.budgets.Spent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Budgets, prices and what was used, in a database. */
abstract class BudgetsContract {
    private static final Instant NOW = Instant.parse("2027-01-31T18:00:00Z");
    private static final Instant DAY = Instant.parse("2027-01-31T00:00:00Z");
    private static final Author ANN = new Author("ann@acme", NOW);
    private static final Budget RESEARCH = new Budget(
            "acme",
            "research",
            new NamePattern("research-*"),
            false,
            Period.read("day", "Europe/Berlin"),
            new Limits(2_000_000L, 20.5, null),
            true,
            0.75,
            false);

    private Database database;
    private Budgets budgets;
    private BudgetUsage usage;

    abstract DatabaseSettings settings();

    @BeforeEach
    void start() {
        database = Database.open(settings());
        budgets = database.budgets();
        usage = database.budgetUsage();
    }

    @AfterEach
    void stop() {
        database.close();
    }

    @Test
    void a_budget_is_read_as_it_was_put_and_put_again_in_its_place() {
        assertThat(put(RESEARCH)).isTrue();
        Budget rolling = new Budget(
                "acme",
                "all",
                new NamePattern("*"),
                true,
                Period.read("6h", null),
                new Limits(null, null, 7L),
                false,
                1,
                true);
        assertThat(put(rolling)).isTrue();
        assertThat(usage.rules(NOW).budgets()).containsExactly(rolling, RESEARCH);
        Budget smaller = new Budget(
                "acme",
                "research",
                new NamePattern("research-*"),
                true,
                Period.read("hour", null),
                new Limits(null, 1.0, 3L),
                false,
                0.8,
                true);
        assertThat(put(smaller)).isTrue();
        assertThat(budgets.rules(NOW).budgets()).containsExactly(rolling, smaller);
        assertThat(lines()).extracting(Line::action).containsExactly("changed", "created", "created");
        assertThat(lines().get(0).before()).contains("2000000");
    }

    @Test
    void usage_of_several_adders_sums_up_by_name_and_slice() throws Exception {
        put(RESEARCH);
        ExecutorService servers = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int server = 0; server < 4; server++) {
                boolean isOdd = server % 2 == 1;
                all.add(servers.submit(() -> {
                    for (int i = 0; i < 25; i++) {
                        Used one = used("research-1", DAY, new Spent(1, 10, 5, 1_000_000_007L, 3));
                        Used other = used("research-2", DAY, new Spent(2, 0, 0, 0, 0));
                        usage.add(isOdd ? List.of(one, other) : List.of(other, one));
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            servers.shutdownNow();
        }
        usage.add(List.of(used("research-1", DAY.minus(Duration.ofDays(1)), new Spent(9, 9, 9, 9, 9))));
        assertThat(usage.used(RESEARCH, DAY, null).keySet()).containsExactlyInAnyOrder("research-1", "research-2");
        assertThat(usage.used(RESEARCH, DAY, Set.of("research-1", "nobody")))
                .containsOnlyKeys("research-1")
                .extractingByKey("research-1")
                .isEqualTo(List.of(new Slice(DAY, new Spent(100, 1_000, 500, 100_000_000_700L, 300), Slice.UNMARKED)));
        assertThat(usage.used(RESEARCH, Instant.EPOCH, Set.of("research-1")).get("research-1"))
                .extracting(Slice::start)
                .as("the oldest first")
                .containsExactly(DAY.minus(Duration.ofDays(1)), DAY);
    }

    @Test
    void one_of_several_marks_what_was_reported() {
        put(RESEARCH);
        usage.add(List.of(used("research-1", DAY, new Spent(1, 1, 0, 0, 0))));
        assertThat(usage.mark(spending(1_600_000), DAY, NOW)).isTrue();
        assertThat(usage.mark(spending(1_600_000), DAY, NOW)).isFalse();
        assertThat(usage.mark(spending(2_000_000), DAY, NOW)).isTrue();
        assertThat(usage.mark(spending(1_600_000), DAY, NOW)).isFalse();
        usage.add(List.of(used("research-1", DAY, new Spent(1, 1, 0, 0, 0))));
        assertThat(usage.used(RESEARCH, DAY, null).get("research-1").get(0).mark())
                .isEqualTo(Slice.USED_UP);
        assertThat(budgets.raise(raise(NOW.plusSeconds(60)), each -> "{}")).isTrue();
        assertThat(usage.mark(spending(1_600_000), DAY, NOW))
                .as("after a raise it may be reported again")
                .isTrue();
    }

    private static Spending spending(long tokens) {
        List<Slice> slices = List.of(new Slice(DAY, new Spent(1, tokens, 0, 0, 0), Slice.UNMARKED));
        return Spending.of(BudgetRules.NONE, RESEARCH, "research-1", slices, NOW);
    }

    @Test
    void a_raise_ends_with_its_period_and_a_budget_that_is_not_there_has_none() {
        assertThat(budgets.raise(raise(NOW.plusSeconds(60)), each -> "{}")).isFalse();
        put(RESEARCH);
        budgets.raise(raise(NOW.plusSeconds(60)), each -> "{}");
        assertThat(budgets.rules(NOW).raises()).containsExactly(raise(NOW.plusSeconds(60)));
        assertThat(budgets.rules(NOW.plusSeconds(60)).raises()).isEmpty();
        assertThat(lines().get(0).after()).isEqualTo("{}");
    }

    @Test
    void a_budget_that_is_removed_is_forgotten_with_what_was_used_of_it() {
        put(RESEARCH);
        budgets.raise(raise(NOW.plusSeconds(60)), each -> "{}");
        usage.add(List.of(used("research-1", DAY, new Spent(1, 1, 0, 0, 0))));
        assertThat(budgets.remove("other", "research", ANN, each -> "{}")).isFalse();
        assertThat(budgets.remove("acme", "research", ANN, each -> "{}")).isTrue();
        assertThat(budgets.rules(NOW)).isEqualTo(BudgetRules.NONE);
        assertThat(usage.used(RESEARCH, Instant.EPOCH, null)).isEmpty();
        assertThat(lines().get(0).action()).isEqualTo("removed");
    }

    @Test
    void prices_are_put_all_at_once() {
        Price kimi = new Price(new NamePattern("kimi-*"), 0.6, 2.5, 0.15);
        Price other = new Price(new NamePattern("kimi-k2"), 1, 2, null);
        budgets.putPrices("acme", List.of(kimi, other), ANN, List::toString);
        assertThat(budgets.rules(NOW).prices().get("acme"))
                .as("the most specific first")
                .containsExactly(other, kimi);
        budgets.putPrices("acme", List.of(kimi), ANN, List::toString);
        budgets.putPrices("other", List.of(other), ANN, List::toString);
        assertThat(budgets.rules(NOW).prices().get("acme")).containsExactly(kimi);
        assertThat(lines()).extracting(Line::subject).containsExactly("prices", "prices");
    }

    @Test
    void an_organization_has_a_hundred_budgets_at_most() {
        for (int i = 0; i < Budget.MOST; i++) {
            assertThat(put(named("b" + i))).isTrue();
        }
        assertThat(put(named("one-more"))).isFalse();
        assertThat(put(named("b7"))).as("one that is there").isTrue();
    }

    @Test
    void what_is_over_is_forgotten_and_what_counts_is_kept() {
        put(RESEARCH);
        Instant old = NOW.minus(Duration.ofDays(36));
        usage.add(List.of(
                used("research-1", old, new Spent(1, 1, 0, 0, 0)),
                used("research-1", NOW.minus(Duration.ofDays(31)), new Spent(1, 1, 0, 0, 0))));
        budgets.raise(raise(NOW.minusSeconds(1)), each -> "{}");
        assertThat(database.purgeBudgets(NOW)).isEqualTo(2);
        assertThat(usage.used(RESEARCH, Instant.EPOCH, null).get("research-1")).hasSize(1);
    }

    private boolean put(Budget budget) {
        return budgets.put(budget, ANN, each -> each.limits().toString());
    }

    private static Budget named(String id) {
        return new Budget(
                "acme",
                id,
                new NamePattern("*"),
                false,
                Period.read("day", null),
                new Limits(null, null, 1L),
                false,
                0.8,
                true);
    }

    private static Raise raise(Instant until) {
        return new Raise("acme", "research", "research-1", new Limits(5L, 0.5, null), until, "ann@acme", "why", NOW);
    }

    private static Used used(String subject, Instant slice, Spent spent) {
        return new Used("acme", "research", subject, slice, spent);
    }

    private List<Line> lines() {
        return database.administrationChanges().of("acme", Filter.ALL, AdministrationChanges.NEWEST, 10);
    }
}
