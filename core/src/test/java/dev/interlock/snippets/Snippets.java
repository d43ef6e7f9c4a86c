package dev.interlock.snippets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compares the Java blocks of documents with the tagged regions of tests: {@code // tag::name[]} to {@code //
 * end::name[]}, and with the whole files of programs that tests run: those of the package {@code app}. White space does
 * not matter; everything else does. A block begins with the imports that its region needs, no more and no less. A page that holds a whole project and the command that runs it is made and run by
 * {@code PageProjectTest} of the module published: its files are left out here.
 */
final class Snippets {
    private static final Pattern BLOCK =
            Pattern.compile("^[ \\t]*```java\\b[^\\n]*\\n(.*?)^[ \\t]*```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern TAG = Pattern.compile("// tag::([\\w-]+)\\[]");
    private static final Pattern TAG_LINE = Pattern.compile("^[ \\t]*// (tag|end)::.*$", Pattern.MULTILINE);

    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?[\\w.]+\\.(\\w+);$", Pattern.MULTILINE);
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);$", Pattern.MULTILINE);

    /** Code, and the imports without which it does not compile, as they are in a file. */
    private record Region(String code, List<String> imports) {}

    private final Map<String, Region> regions = new LinkedHashMap<>();

    /** All regions of the Java files below some folders that are called {@code snippets}. */
    static Snippets below(Path root) throws IOException {
        Snippets snippets = new Snippets();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path tests : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList()) {
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                            .sorted()
                            .toList()) {
                        if (file.getParent().equals(tests.resolve("app"))) {
                            snippets.addWhole(file.toString(), Files.readString(file));
                        } else if (file.toString().endsWith("SnippetsTest.java")) {
                            snippets.add(file.getFileName().toString(), Files.readString(file), neighbours(file));
                        }
                    }
                }
            }
        }
        return snippets;
    }

    /** The types of main sources that a test need not import. */
    private static List<String> neighbours(Path test) throws IOException {
        Path folder = Path.of(test.getParent().toString().replace("src/test/java", "src/main/java"));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .toList();
        }
    }

    /** Takes the regions of a source in. */
    void add(String file, String source, List<String> neighbours) {
        Matcher tag = TAG.matcher(source);
        while (tag.find()) {
            String name = tag.group(1);
            int end = source.indexOf("// end::" + name + "[]", tag.end());
            if (end < 0) {
                throw new IllegalStateException(file + ": region '" + name + "' has no // end::" + name + "[]");
            }
            String code = TAG_LINE.matcher(source.substring(tag.end(), end)).replaceAll("");
            if (regions.put(name, new Region(code, imports(source, code, neighbours))) != null) {
                throw new IllegalStateException(file + ": there are two regions called '" + name + "'");
            }
        }
    }

    /** Takes a whole program in. */
    void addWhole(String file, String source) {
        regions.put(file, new Region(source, List.of()));
    }

    /** Static ones first, each kind by its letters, as the format of sources has them. */
    private static List<String> imports(String source, String code, List<String> neighbours) {
        Set<String> statics = new TreeSet<>();
        Set<String> types = new TreeSet<>();
        Matcher known = IMPORT.matcher(source);
        while (known.find()) {
            if (isNamed(known.group(1), code)) {
                (known.group().startsWith("import static ") ? statics : types).add(known.group());
            }
        }
        Matcher own = PACKAGE.matcher(source);
        if (own.find()) {
            neighbours.stream()
                    .filter(type -> isNamed(type, code))
                    .forEach(type -> types.add("import " + own.group(1) + "." + type + ";"));
        }
        List<String> all = new ArrayList<>(statics);
        all.addAll(types);
        return all;
    }

    private static boolean isNamed(String name, String code) {
        return Pattern.compile("(?<![\\w.])" + name + "\\b").matcher(code).find()
                && !Pattern.compile("\\b(class|record|interface|enum) " + name + "\\b")
                        .matcher(code)
                        .find();
    }

    /** What is wrong with a document: a sentence for each Java block that equals no region, or imports something else. */
    List<String> problems(String document, String text) {
        List<String> problems = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            if (isFileOfProject(text, block.start())) {
                continue;
            }
            List<String> imports = leadingImports(block.group(1));
            String code = bare(block.group(1).replaceFirst("^(import [^\\n]*\\n|\\s)*", ""));
            List<Region> same = regions.values().stream()
                    .filter(region -> bare(region.code).equals(code))
                    .toList();
            String where = document + ":" + line(text, block.start());
            if (same.isEmpty()) {
                problems.add(where + ": no tagged region of a *SnippetsTest equals this block; " + closest(code));
            } else if (same.stream().noneMatch(region -> region.imports.equals(imports))) {
                problems.add(
                        where + ": this block must begin with these lines: " + String.join(" ", same.get(0).imports));
            }
        }
        return problems;
    }

    private static List<String> leadingImports(String block) {
        return block.lines()
                .map(String::strip)
                .takeWhile(each -> each.isEmpty() || each.startsWith("import "))
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static boolean isFileOfProject(String text, int block) {
        return text.contains("```xml\n<project ")
                && text.contains("```sh\nmvn ")
                && text.substring(0, block).strip().endsWith(".java`:");
    }

    private String closest(String code) {
        String best = "";
        int longest = 0;
        for (Map.Entry<String, Region> region : regions.entrySet()) {
            int same = samePrefix(bare(region.getValue().code), code);
            if (same > longest) {
                longest = same;
                best = region.getKey();
            }
        }
        return longest == 0
                ? "put it between // tag::name[] and // end::name[] in one"
                : "'" + best + "' comes closest and differs from '" + after(code, longest) + "' on, where it has '"
                        + after(bare(regions.get(best).code), longest) + "'";
    }

    private static String after(String code, int from) {
        return code.substring(from, Math.min(code.length(), from + 30));
    }

    private static int samePrefix(String one, String other) {
        int same = 0;
        while (same < Math.min(one.length(), other.length()) && one.charAt(same) == other.charAt(same)) {
            same++;
        }
        return same;
    }

    private static String bare(String code) {
        return code.replaceAll("\\s+", "");
    }

    private static long line(String text, int offset) {
        return text.substring(0, offset).lines().count() + 1;
    }
}
