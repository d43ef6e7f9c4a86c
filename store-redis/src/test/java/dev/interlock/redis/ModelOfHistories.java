package dev.interlock.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** The model of the protocol (docs/model), compiled and asked about a history. */
final class ModelOfHistories {
    private static final Path MODEL = Path.of(System.getProperty("interlock.root", ".."), "docs", "model");

    private final Method violations;

    ModelOfHistories() {
        try {
            Path classes = Files.createTempDirectory("model-");
            int failed = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-d",
                            classes.toString(),
                            MODEL.resolve("Protocol.java").toString(),
                            MODEL.resolve("Histories.java").toString(),
                            MODEL.resolve("RedisHistory.java").toString(),
                            MODEL.resolve("DatabaseHistory.java").toString());
            if (failed != 0) {
                throw new AssertionError("The model cannot be compiled");
            }
            classes.toFile().deleteOnExit();
            try (Stream<Path> files = Files.list(classes)) {
                files.forEach(file -> file.toFile().deleteOnExit());
            }
            URLClassLoader loader =
                    new URLClassLoader(new URL[] {classes.toUri().toURL()}, null);
            violations = loader.loadClass("Histories").getMethod("violations", List.class, List.class);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (ReflectiveOperationException broken) {
            throw new AssertionError(broken);
        }
    }

    /**
     * What of a history the model does not allow.
     *
     * @param without fixes that are taken out of the model
     */
    @SuppressWarnings("unchecked")
    List<String> violations(List<String> lines, String... without) {
        try {
            return (List<String>) violations.invoke(null, lines, List.of(without));
        } catch (InvocationTargetException thrown) {
            throw new AssertionError("The model cannot read the history", thrown.getCause());
        } catch (IllegalAccessException broken) {
            throw new AssertionError(broken);
        }
    }
}
