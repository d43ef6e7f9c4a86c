package dev.interlock.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The programs of the page "TypeScript in five minutes", each with what it prints.
 *
 * @param code a module
 * @param prints the block of text that follows it, up to the next module; empty if there is none
 */
record TypeScriptPage(String code, String prints) {
    private static final Pattern PROGRAM = Pattern.compile(
            "^```js\\n(.*?)^```\\n(?:(?!```js).)*?(?:^```text\\n(.*?)^```|(?=^## |\\z))",
            Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern OF_NPM = Pattern.compile("from '(?:openai|ai|@anthropic-ai/|@ai-sdk/)");

    /** All of them, in order. */
    static List<TypeScriptPage> programs() throws IOException {
        return PROGRAM.matcher(Files.readString(Language.ROOT.resolve("docs/typescript.md")))
                .results()
                .map(TypeScriptPage::of)
                .toList();
    }

    private static TypeScriptPage of(MatchResult found) {
        return new TypeScriptPage(found.group(1), found.group(2) == null ? "" : found.group(2));
    }

    /** Whether it needs an SDK. */
    boolean needsNpm() {
        return OF_NPM.matcher(code).find();
    }

    /** Whether it needs a server of Interlock. */
    boolean needsServer() {
        return code.contains("INTERLOCK_URL");
    }

    /** Puts the client, as its package has it, where modules of a folder find it. */
    static void install(Path folder) throws IOException {
        Path client = Language.ROOT.resolve("clients/typescript");
        Path installed = Files.createDirectories(folder.resolve("node_modules/@interlock/client/src"))
                .getParent();
        for (String file : List.of("package.json", "index.js", "index.d.ts", "vercel.d.ts")) {
            Files.copy(client.resolve(file), installed.resolve(file));
        }
        try (Stream<Path> sources = Files.list(client.resolve("src"))) {
            for (Path source : sources.toList()) {
                Files.copy(source, installed.resolve("src").resolve(source.getFileName()));
            }
        }
    }

    /** Its first words, to name it in a test. */
    String title() {
        return code.lines()
                .filter(line -> !line.startsWith("import ") && !line.isBlank())
                .findFirst()
                .orElse("empty");
    }
}
