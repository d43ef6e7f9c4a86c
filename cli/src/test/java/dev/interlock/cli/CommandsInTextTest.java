package dev.interlock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Each command that a document names within a sentence or in a block is one that the program reads. It is not run. */
class CommandsInTextTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Pattern IN_A_SENTENCE = Pattern.compile("`(?:\\./)?interlock ([^`\n]+)`");
    private static final Pattern IN_A_BLOCK =
            Pattern.compile("^(?:\\$ )?(?:\\./)?interlock (\\S.*)$", Pattern.MULTILINE);

    @TestFactory
    Stream<DynamicTest> every_command_is_read() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page).replace("\\\n", " ");
            Set<String> commands = new LinkedHashSet<>();
            for (Pattern pattern : List.of(IN_A_SENTENCE, IN_A_BLOCK)) {
                for (Matcher found = pattern.matcher(text); found.find(); ) {
                    commands.add(
                            found.group(1).replaceFirst(" +([|<>#;&]|2>).*", "").strip());
                }
            }
            commands.removeIf(each -> each.contains("[")); // a synopsis
            for (String command : commands) {
                tests.add(DynamicTest.dynamicTest(ROOT.relativize(page) + ": " + command, () -> read(command)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(40);
        return tests.stream();
    }

    private static void read(String command) {
        String[] words = words(command);
        CommandLine line = Main.commandLine(Map.of(), words);
        try {
            line.parseArgs(words);
        } catch (ParameterException wrong) {
            CommandLine named = wrong.getCommandLine();
            boolean nothingButItsName =
                    words.length == named.getCommandSpec().qualifiedName().split(" ").length - 1;
            if (!nothingButItsName || wrong instanceof CommandLine.UnmatchedArgumentException) {
                throw new AssertionError("interlock " + command + ": " + wrong.getMessage(), wrong);
            }
        }
    }

    /** As a shell splits them. */
    private static String[] words(String command) {
        return Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)")
                .matcher(command)
                .results()
                .map(word -> Stream.of(word.group(1), word.group(2), word.group(3))
                        .filter(each -> each != null)
                        .findFirst()
                        .orElseThrow())
                .toArray(String[]::new);
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }
}
