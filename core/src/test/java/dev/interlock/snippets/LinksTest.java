package dev.interlock.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From the README a reader reaches every page, and no link of a page leads nowhere. */
@Tag("texts")
class LinksTest {
    private static final Path ROOT =
            Path.of(System.getProperty("interlock.root", "..")).toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern PAGE = Pattern.compile("(?<![\\w/.])docs/[\\w/-]+\\.md(#[\\w-]+)?");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern FENCE = Pattern.compile("^```.*?^```", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void the_readme_leads_to_every_page() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            String address = ROOT.relativize(page).toString();
            if (!address.startsWith("docs/decisions/") && !readme.contains("(" + address + ")")) {
                missing.add(address);
            }
        }
        assertThat(missing).as("pages that the README does not link to").isEmpty();
    }

    @Test
    void no_link_leads_nowhere() throws IOException {
        List<Path> pages = new ArrayList<>(pages());
        pages.add(ROOT.resolve("README.md"));
        List<String> broken = new ArrayList<>();
        for (Path page : pages) {
            Matcher link = LINK.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""));
            while (link.find()) {
                if (!link.group(1).matches("[a-z]+:.*") && !leadsSomewhere(page, link.group(1))) {
                    broken.add(ROOT.relativize(page) + ": " + link.group(1));
                }
            }
        }
        assertThat(broken).as("links that lead nowhere").isEmpty();
    }

    /** Messages, help texts, the contract and the dashboard: who reads them has the page's name and nothing else. */
    @Test
    void no_message_names_a_page_that_is_not_there() throws IOException {
        List<String> broken = new ArrayList<>();
        int named = 0;
        for (Path file : sources()) {
            Matcher page = PAGE.matcher(Files.readString(file));
            while (page.find()) {
                named++;
                if (!leadsSomewhere(ROOT.resolve("x"), page.group())) {
                    broken.add(ROOT.relativize(file) + ": " + page.group());
                }
            }
        }
        assertThat(named).isGreaterThan(10);
        assertThat(broken).as("pages that messages name and that are not there").isEmpty();
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>(List.of(ROOT.resolve("interlock")));
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path main : modules.map(module -> module.resolve("src/main"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(each -> each.toString().matches(".*\\.(java|js|yaml|properties)"))
                            .forEach(sources::add);
                }
            }
        }
        return sources;
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target)
                && (parts.length == 1 || anchors(Files.readString(target)).contains(parts[1]));
    }

    private static Set<String> anchors(String text) {
        return HEADING.matcher(FENCE.matcher(text).replaceAll(""))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
            return files.filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
