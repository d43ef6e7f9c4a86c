package dev.interlock.redis.issues;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.redis.RedisCircuitStore;
import dev.interlock.redis.RedisServer;
import dev.interlock.redis.RedisSettings;
import dev.interlock.store.CircuitChange;
import dev.interlock.store.CircuitRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Epochs were written in the digits of the machine's locale: in a fleet of mixed locales no compare-and-set matched. */
class EpochsInLocalDigitsTest {
    private final Locale before = Locale.getDefault();
    private final RedisServer redis = RedisServer.start();
    private final RedisCircuitStore store =
            RedisCircuitStore.open(RedisSettings.of(redis.url()).withSlowAfter(Duration.ofSeconds(1)));

    @AfterEach
    void restore() {
        Locale.setDefault(before);
        store.close();
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "mr-IN", "my-MM", "ne-NP"})
    void aProcessOfAnyLocaleWritesOverTheRecordOfAnother(String locale) {
        Locale.setDefault(Locale.ROOT);
        assertThat(store.write(List.of(CircuitChange.of(record(7))))).isEmpty();
        Locale.setDefault(Locale.forLanguageTag(locale));

        assertThat(store.write(List.of(new CircuitChange(record(8), 7, List.of()))))
                .isEmpty();
        List<String> epochs =
                redis.run(commands -> commands.hmget("interlock:{default/planner}:record", "epoch").stream()
                        .map(field -> field.getValueOrElse(""))
                        .toList());
        assertThat(epochs).containsExactly("0000000000000000008");
    }

    private static CircuitRecord record(long epoch) {
        return new CircuitRecord(
                "default",
                "planner",
                "open",
                epoch,
                5,
                0,
                5,
                1,
                0,
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                false,
                null,
                null,
                null,
                "default",
                1);
    }
}
