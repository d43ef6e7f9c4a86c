package dev.interlock.jdbc;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/operations/backup.md} names what each table holds, since anyone who keeps a backup keeps all of it. */
class BackupPageTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Path PAGE = ROOT.resolve(Path.of("docs", "operations", "backup.md"));
    private static final Path MIGRATIONS =
            ROOT.resolve(Path.of("store-jdbc", "src", "main", "resources", "dev", "interlock", "jdbc"));
    private static final Pattern CREATED =
            Pattern.compile("\\bCREATE TABLE (?:IF NOT EXISTS )?(\\w+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern CONTENT =
            Pattern.compile("^## What is in it$(.*?)^What is not:", Pattern.MULTILINE | Pattern.DOTALL);

    /** Where the page speaks of each table. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            entry("circuit_breaker_state", "openings, cooldowns, holds"),
            entry("probe_trust", "trust in [probes]"),
            entry("circuit_transition", "each change of a circuit"),
            entry("bulk_override", "overrides of many circuits"),
            entry("administration_change", "who changed keys, policies, webhooks, budgets and prices"),
            entry("gate", "those that are in effect"),
            entry("gate_change", "each change of a gate"),
            entry("gate_process", "which processes obey them"),
            entry("gate_obeyed", "which processes obey them"),
            entry("policy", "| policies |"),
            entry("api_key", "a hash, never the key itself"),
            entry("setting", "the key that signs permits"),
            entry("agent_registry", "names, metadata, dependencies"),
            entry("agent_execution_logs", "the agent log"),
            entry("agent_health_realtime", "; health;"),
            entry("agent_series", "series of calls"),
            entry("incident", "| incidents |"),
            entry("incident_circuit", "with the circuits that opened"),
            entry("duty", "which server looks for them"),
            entry("webhook", "address and secret of each in clear text"),
            entry("webhook_message", "the outbox"),
            entry("webhook_event", "events of which messages are still to be made"),
            entry("budget", "| budgets | limits"),
            entry("budget_usage", "usage of each name"),
            entry("budget_raise", "raises"),
            entry("model_price", "prices of models"));

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql"})
    void the_page_names_what_each_table_holds(String dialect) throws IOException {
        Set<String> tables = tables(dialect);
        assertThat(tables).as("tables of " + dialect).hasSizeGreaterThan(20);
        assertThat(WORDS.keySet())
                .as("tables that have their words in this test; a new one needs a line on the page, too")
                .containsAll(tables);
        assertThat(tables).allSatisfy(table -> assertThat(content()).as(table).contains(WORDS.get(table)));
    }

    @Test
    void it_names_no_table_that_is_gone() throws IOException {
        Set<String> all = tables("sqlite");
        all.addAll(tables("postgresql"));
        assertThat(WORDS.keySet()).isEqualTo(all);
    }

    private static String content() throws IOException {
        return CONTENT.matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
    }

    private static Set<String> tables(String dialect) throws IOException {
        Set<String> tables = new TreeSet<>();
        try (Stream<Path> files = Files.list(MIGRATIONS.resolve(dialect))) {
            for (Path file : files.toList()) {
                CREATED.matcher(Files.readString(file)).results().forEach(found -> tables.add(found.group(1)));
            }
        }
        return tables;
    }
}
