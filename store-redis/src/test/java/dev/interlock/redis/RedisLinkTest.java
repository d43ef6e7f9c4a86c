package dev.interlock.redis;

import static dev.interlock.redis.Nodes.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.checks.Faults;
import dev.interlock.failpoints.Failpoint;
import dev.interlock.store.StoreUnavailableException;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How a process is tied to Redis: when it is attached, who hears of that, and what it says while it is not. */
class RedisLinkTest {
    private static final Duration SLOW_AFTER = Duration.ofMillis(400);

    private static RedisServer redis;

    private final Keys keys = new Keys("test-" + UUID.randomUUID());
    private final Skew skew = new Skew();
    private final Proxy proxy = new Proxy(redis.port());
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private RedisLink link = link(settings(), Instant::now);

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @AfterEach
    void close() {
        link.close();
        proxy.close();
    }

    @Test
    void it_is_attached_once_it_has_found_redis_and_says_so() {
        assertThat(link.isAttached()).isFalse();
        link.start();

        assertThat(link.isAttached()).isTrue();
        assertThat(heard).containsExactly("attached");
        assertThat(link.attached()).isSameAs(link.connected());
    }

    @Test
    void a_redis_that_is_not_there_at_first_is_looked_for_until_it_is_found() {
        proxy.mode(Proxy.Mode.CUT);
        link.start();
        assertThat(link.isAttached()).isFalse();
        assertThatThrownBy(link::connected)
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        away -> assertThat(away.mayHaveDone()).isFalse())
                .hasMessage("Redis at " + link.settings().place() + " cannot be reached");
        assertThatThrownBy(link::attached)
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        away -> assertThat(away.mayHaveDone()).isFalse())
                .hasMessage("Redis at " + link.settings().place() + " cannot be reached, or answers too slowly");
        proxy.mode(Proxy.Mode.PASS);

        eventually(link::isAttached);
        assertThat(heard).containsExactly("attached");
    }

    @Test
    void one_whose_first_answer_is_of_no_use_is_attached_with_the_next_one() {
        Faults.arm(Failpoint.REDIS_FOUND.name(), visit -> {
            if (visit == 1) {
                throw new IllegalStateException("It is still loading");
            }
        });
        try {
            link.start();
            assertThat(link.isAttached()).isFalse();
            eventually(link::isAttached);
        } finally {
            Faults.disarm(Failpoint.REDIS_FOUND.name());
        }
        assertThat(Faults.visits(Failpoint.REDIS_FOUND.name())).isEqualTo(2);
        assertThat(heard).containsExactly("attached");
    }

    @Test
    void one_that_is_cut_off_or_silent_is_detached_and_attached_again() {
        link.start();
        for (Proxy.Mode mode : List.of(Proxy.Mode.CUT, Proxy.Mode.SILENT)) {
            heard.clear();
            proxy.mode(mode);
            eventually(() -> !link.isAttached());
            assertThatThrownBy(link::attached).isInstanceOf(StoreUnavailableException.class);
            assertThat(link.connected()).isNotNull();
            proxy.mode(Proxy.Mode.PASS);
            eventually(link::isAttached);
            eventually(() -> heard.containsAll(List.of("detached", "attached")));
        }
    }

    @Test
    void it_hears_that_redis_forgot_everything() {
        link.close();
        link = link(patient(redis.url()), Instant::now);
        link.start();
        eventually(() -> redis.run(commands -> commands.get(keys.life())) != null);
        redis.run(commands -> commands.del(keys.life()));

        eventually(() -> heard.equals(List.of("attached", "forgotten")));
        assertThat(link.isAttached()).isTrue();
    }

    @Test
    void it_learns_how_far_the_clock_of_redis_is_ahead() {
        link.close();
        link = link(settings(), () -> Instant.now().minusSeconds(3_600));
        link.start();

        Instant ours = Instant.parse("2026-01-01T12:00:00Z");
        long ahead = skew.toRedis(ours) - Duration.between(Instant.EPOCH, ours).toMillis() * 1_000;
        assertThat(Duration.ofMillis(ahead / 1_000)).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
    }

    @Test
    void its_lag_is_what_an_answer_takes_and_then_how_long_there_is_none() {
        link.start();
        eventually(() -> !link.lag().isZero() && link.lag().compareTo(Duration.ofMillis(100)) < 0);
        proxy.delay(150);
        eventually(() -> link.lag().compareTo(Duration.ofMillis(150)) >= 0);
        proxy.mode(Proxy.Mode.SILENT);

        eventually(() -> link.lag().compareTo(SLOW_AFTER) > 0);
        assertThat(link.lag()).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void a_redis_that_cannot_be_asked_is_as_one_that_does_not_answer() {
        AtomicBoolean fails = new AtomicBoolean();
        link.close();
        link = link(patient(redis.url()), () -> {
            if (fails.get()) {
                throw new AssertionError("a clock that fails");
            }
            return Instant.now();
        });
        link.start();
        fails.set(true);
        eventually(() -> !link.isAttached());
        fails.set(false);

        eventually(link::isAttached);
        eventually(() -> heard.equals(List.of("attached", "detached", "attached")));
    }

    /** Circuits are read and written by scripts. */
    @Test
    void a_single_redis_that_refuses_scripts_is_away() {
        redis.run(commands -> commands.aclSetuser(
                "asks",
                AclSetuserArgs.Builder.on()
                        .addPassword("secret")
                        .allKeys()
                        .allChannels()
                        .allCommands()
                        .removeCommand(CommandType.EVALSHA)));
        link.close();
        link = link(patient(redis.url().replace("redis://", "redis://asks:secret@")), Instant::now);
        link.start();
        long asked = refusals();
        eventually(() -> refusals() > asked + Attachment.GOOD_ONES);

        assertThat(link.isAttached()).isFalse();
        assertThat(heard).isEmpty();
    }

    /** As one that has handed its slots over, or whose Cluster lacks some. */
    @Test
    void a_master_of_a_cluster_that_serves_no_key_at_the_moment_works_too() {
        try (RedisServer node = RedisServer.start("--cluster-enabled", "yes")) {
            node.run(commands -> commands.clusterAddSlots(1));
            link.close();
            link = link(patient(node.url()), Instant::now);
            link.start();
            assertThat(link.isAttached()).isTrue();
            eventually(() -> calls(node, "time") > 2 * Attachment.BAD_ONES);

            assertThat(link.isAttached()).isTrue();
            assertThat(heard).containsExactly("attached");
            link.close();
        }
    }

    @Test
    void an_answer_is_waited_for_as_long_as_one_may_take() {
        link.close();
        link = link(new RedisSettings(proxy.url(), "interlock", SLOW_AFTER, Duration.ofMillis(500), 0), Instant::now);
        assertThat(link.await(CompletableFuture.completedFuture("it"))).isEqualTo("it");
        String begins = "Redis at " + link.settings().place() + " did not do what it was asked: ";
        assertThatThrownBy(() -> link.await(new CompletableFuture<>()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage(begins + "no answer in time");
        assertThatThrownBy(() -> link.await(CompletableFuture.failedFuture(new IllegalStateException("OOM"))))
                .isInstanceOfSatisfying(
                        StoreUnavailableException.class,
                        failed -> assertThat(failed.mayHaveDone()).isTrue())
                .hasMessage(begins + "OOM");
    }

    @Test
    void whoever_is_interrupted_waits_no_longer_and_stays_interrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> link.await(new CompletableFuture<>()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("Interrupted while waiting for Redis");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whoever_is_interrupted_while_it_looks_for_redis_stays_interrupted_and_it_goes_on() {
        AtomicBoolean interrupts = new AtomicBoolean();
        link.close();
        link = link(patient(redis.url()), () -> {
            if (interrupts.getAndSet(false)) {
                Thread.currentThread().interrupt();
            }
            return Instant.now();
        });
        interrupts.set(true);
        link.start();

        assertThat(Thread.interrupted()).isTrue();
        eventually(link::isAttached);
    }

    @Test
    void whoever_is_interrupted_closes_it_all_the_same_and_stays_interrupted() {
        link.start();
        eventually(() -> clients() == 2);
        Thread.currentThread().interrupt();
        link.close();

        assertThat(Thread.interrupted()).isTrue();
        eventually(() -> clients() == 0);
    }

    @Test
    void once_closed_it_asks_nothing_more() {
        link.start();
        eventually(() -> clients() == 2);
        link.close();

        assertThat(link.thread().isShutdown()).isTrue();
        eventually(() -> clients() == 0);
    }

    private static long clients() {
        String all = redis.run(commands -> commands.clientList());
        return all.lines().filter(line -> line.contains("name=interlock ")).count();
    }

    /** How often somebody was refused the script of a heartbeat. */
    private static long refusals() {
        String statistics = redis.run(commands -> commands.info("commandstats"));
        Matcher matcher =
                Pattern.compile("cmdstat_evalsha:.*rejected_calls=(\\d+)").matcher(statistics);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private static long calls(RedisServer server, String command) {
        String statistics = server.run(commands -> commands.info("commandstats"));
        Matcher matcher =
                Pattern.compile("cmdstat_" + command + ":calls=(\\d+)").matcher(statistics);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private RedisSettings settings() {
        return new RedisSettings(proxy.url(), "interlock", SLOW_AFTER, Duration.ofSeconds(10), 0);
    }

    /** To which no answer is late on whatever machine this runs. */
    private static RedisSettings patient(String url) {
        return Nodes.patient(url, "interlock");
    }

    private RedisLink link(RedisSettings settings, InstantSource clock) {
        RedisLink made = new RedisLink(settings, keys, skew, clock);
        made.watch(noting());
        return made;
    }

    private Pulse.Watcher noting() {
        return new Pulse.Watcher() {
            @Override
            public void onAttached() {
                heard.add("attached");
            }

            @Override
            public void onDetached() {
                heard.add("detached");
            }

            @Override
            public void onForgotten() {
                heard.add("forgotten");
            }
        };
    }
}
