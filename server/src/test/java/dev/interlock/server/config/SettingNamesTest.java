package dev.interlock.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages name no variable of the environment that there is not: neither one nobody reads nor one without its prefix. */
class SettingNamesTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final String PREFIX = "INTERLOCK_";
    private static final Pattern VARIABLE = Pattern.compile("\\b(INTERLOCK_[A-Z0-9_]+)\\b");
    private static final Pattern CODE = Pattern.compile("`([A-Z][A-Z_]+)(?:[/=][^`]*)?`");

    /** Of the command line, the start script and applications with Spring Boot; the server reads none of them. */
    private static final Set<String> OF_PROGRAMS = Set.of(
            "INTERLOCK_URL",
            "INTERLOCK_KEY",
            "INTERLOCK_CACERT",
            "INTERLOCK_PROFILE",
            "INTERLOCK_CONFIG",
            "INTERLOCK_JAVA_OPTS",
            "INTERLOCK_POLICIES_0_PATTERN");

    @Test
    void every_variable_that_a_page_names_is_a_setting() throws IOException {
        Set<String> settings = variables();
        List<String> wrong = new ArrayList<>();
        Set<String> named = new TreeSet<>();
        for (Path page : pages()) {
            Matcher found = VARIABLE.matcher(Files.readString(page));
            while (found.find()) {
                named.add(found.group(1));
                if (!settings.contains(found.group(1)) && !OF_PROGRAMS.contains(found.group(1))) {
                    wrong.add(ROOT.relativize(page) + ": " + found.group(1));
                }
            }
        }
        assertThat(wrong).as("variables that nobody reads").isEmpty();
        assertThat(named).hasSizeGreaterThan(10);
    }

    @Test
    void no_page_names_a_variable_without_its_prefix() throws IOException {
        Set<String> settings = variables();
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            Matcher found = CODE.matcher(Files.readString(page));
            while (found.find()) {
                if (settings.contains(PREFIX + found.group(1))) {
                    wrong.add(ROOT.relativize(page) + ": " + found.group());
                }
            }
        }
        assertThat(wrong).as("settings that are named as nobody can write them").isEmpty();
    }

    private static Set<String> variables() {
        return Settings.ALL.stream().map(Setting::variable).collect(Collectors.toSet());
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> all = Files.walk(ROOT.resolve("docs"))) {
            all.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }
}
