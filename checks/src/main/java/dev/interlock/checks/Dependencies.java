package dev.interlock.checks;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/** Which of our top-level classes needs which other, read from class files; nested classes count with their outer one. */
final class Dependencies {
    private static final Pattern LINE =
            Pattern.compile("^\\s+(dev\\.interlock[\\w.$]*)\\s+->\\s+(dev\\.interlock[\\w.$]*)\\s");

    private Dependencies() {}

    /**
     * Measures with the JDK's {@code jdeps}.
     *
     * @param classes a folder of class files
     * @return each class that needs another or is needed, and what it needs in that folder
     * @throws IllegalStateException if there is no such folder, the JDK has no {@code jdeps}, or it fails
     */
    static Map<String, Set<String>> between(Path classes) {
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException("There is no folder " + classes + ": compile first");
        }
        ToolProvider jdeps = ToolProvider.findFirst("jdeps")
                .orElseThrow(() -> new IllegalStateException("This Java has no jdeps: the tests need a whole JDK"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = jdeps.run(
                new PrintWriter(out), new PrintWriter(err), "-verbose:class", "-filter:none", classes.toString());
        if (exit != 0) {
            throw new IllegalStateException("jdeps could not read " + classes + ": " + out + err);
        }
        Map<String, Set<String>> needs = new TreeMap<>();
        out.toString().lines().map(LINE::matcher).filter(Matcher::find).forEach(line -> {
            String from = outer(line.group(1));
            String to = outer(line.group(2));
            needs.computeIfAbsent(from, name -> new TreeSet<>());
            if (!from.equals(to)) {
                needs.get(from).add(to);
            }
        });
        needs.values().forEach(each -> each.retainAll(needs.keySet()));
        return needs;
    }

    /** The same from package to package. */
    static Map<String, Set<String>> betweenPackages(Map<String, Set<String>> needs) {
        Map<String, Set<String>> packages = new TreeMap<>();
        needs.forEach((from, all) -> {
            Set<String> others = packages.computeIfAbsent(packageOf(from), name -> new TreeSet<>());
            all.stream()
                    .map(Dependencies::packageOf)
                    .filter(to -> !to.equals(packageOf(from)))
                    .forEach(others::add);
        });
        return packages;
    }

    private static String outer(String name) {
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static String packageOf(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }
}
