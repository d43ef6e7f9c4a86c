package dev.interlock.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DefaultLocaleTest {
    @Test
    void texts_by_the_default_locale_are_found() {
        assertThat(DefaultLocale.in("""
                        a = String.format("%d", 1);
                        b = "%d".formatted(1);
                        c = name.toLowerCase() + name.toUpperCase();
                        d = Stream.of(name).map(String::toLowerCase);
                        System.out.printf("%d", 1);
                        e = DateTimeFormatter.ofPattern("HH");
                        f = new DecimalFormat("0.0");
                        """)).hasSize(8);
    }

    @Test
    void texts_by_a_given_locale_are_not() {
        assertThat(DefaultLocale.in("""
                        a = String.format(Locale.ROOT, "%d", 1);
                        b = String.format(
                                Locale.ROOT, "%d", 1);
                        c = name.toLowerCase(Locale.ROOT);
                        d = DateTimeFormatter.ofPattern("HH", Locale.ROOT);
                        System.out.printf(Locale.ROOT, "%d", 1);
                        e = String.format(locale, "%d", 1);
                        """)).isEmpty();
    }
}
