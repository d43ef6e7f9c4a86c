package dev.interlock.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.interlock.replay.By;
import dev.interlock.replay.Policy;
import dev.interlock.replay.ProbeAnswers;
import dev.interlock.replay.Replay;
import dev.interlock.replay.ReplayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A generated log through the product's replay, and its report for programs. */
final class ReplayedLog {
    private ReplayedLog() {}

    /** An object a policy, in their order; incidents are CSV, and without answers nothing is probed. */
    static JsonNode report(
            Map<String, Policy> policies,
            By by,
            InputStream log,
            String incidents,
            @Nullable ProbeAnswers answers,
            boolean fromLog) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try {
            Path known = Files.writeString(Files.createTempFile("incidents", ".csv"), incidents);
            try {
                Replay replay = new Replay(policies, by).incidents(known.toString());
                if (answers != null) {
                    replay.probes(answers);
                }
                replay.probesFromLog(fromLog).run("-", true, false, log, new PrintWriter(out), new PrintWriter(err));
            } finally {
                Files.delete(known);
            }
            if (!err.toString().isEmpty()) {
                throw new IllegalStateException("The replay complained: " + err);
            }
            return new ObjectMapper().readTree(out.toString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (ReplayException wrong) {
            throw new IllegalStateException(wrong);
        }
    }
}
