package dev.interlock.replay;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.util.List;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.ReaderException;

/** Says which line of a file is no YAML, in our words: the parser's are about its own insides. */
final class BrokenYaml {
    private BrokenYaml() {}

    /**
     * A message that shows the line.
     *
     * @param allowed what the file may hold
     */
    static String message(Path file, String yaml, JsonProcessingException broken, String allowed) {
        List<String> lines = yaml.lines().toList();
        int line = Math.min(line(yaml, lines.size(), broken), lines.size());
        if (line < 1) {
            return file + ": is no YAML: must hold " + allowed;
        }
        return file + ":" + line + ": line = " + Quoted.of(lines.get(line - 1)) + ": must be YAML, " + allowed
                + ", indented by spaces, with all quotes and brackets closed";
    }

    /** From 1, or 0 if nobody knows. */
    private static int line(String yaml, int last, JsonProcessingException broken) {
        if (broken.getCause() instanceof MarkedYAMLException marked) {
            Mark found = marked.getProblemMark();
            Mark begun = marked.getContextMark();
            // What is still open at the end of the file was opened where the mistake is.
            boolean atTheEnd = found == null || found.getLine() >= last;
            Mark mark = atTheEnd && begun != null ? begun : found;
            return mark == null ? 0 : mark.getLine() + 1;
        }
        if (broken.getCause() instanceof ReaderException unprintable) {
            return 1
                    + (int) yaml.codePoints()
                            .limit(unprintable.getPosition())
                            .filter(each -> each == '\n')
                            .count();
        }
        JsonLocation at = broken.getLocation();
        return at == null ? 0 : at.getLineNr();
    }
}
