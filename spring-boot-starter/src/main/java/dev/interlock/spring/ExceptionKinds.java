package dev.interlock.spring;

import dev.interlock.FailureClassifier;
import dev.interlock.FailureKind;
import dev.interlock.InvalidSettingsException;
import dev.interlock.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** The standard classifier, with kinds for exceptions that properties name: the nearest class in the chain of causes wins. */
final class ExceptionKinds implements FailureClassifier {
    private static final int DEEPEST = 16;

    private final FailureClassifier standard = FailureClassifier.standard();
    private final Map<Class<?>, FailureKind> kinds;

    private ExceptionKinds(Map<Class<?>, FailureKind> kinds) {
        this.kinds = kinds;
    }

    /** @throws InvalidSettingsException naming every class that is none of an exception */
    static FailureClassifier of(Map<String, FailureKind> named, @Nullable ClassLoader loader) {
        Map<Class<?>, FailureKind> kinds = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        named.forEach((name, kind) -> {
            Class<?> type = find(name, loader);
            if (type != null && Throwable.class.isAssignableFrom(type)) {
                kinds.put(type, kind);
            } else {
                problems.add(InvalidSettingsException.problem(
                        "interlock.exceptions[" + name + "]",
                        kind,
                        type == null ? "of a class that there is" : "of an exception, which this class is not"));
            }
        });
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return kinds.isEmpty() ? FailureClassifier.standard() : new ExceptionKinds(kinds);
    }

    private static @Nullable Class<?> find(String name, @Nullable ClassLoader loader) {
        try {
            return ClassUtils.forName(name, loader);
        } catch (ClassNotFoundException | LinkageError missing) {
            return null;
        }
    }

    @Override
    public Outcome ofException(Throwable thrown) {
        Throwable each = thrown;
        for (int depth = 0; each != null && depth < DEEPEST; depth++, each = each.getCause()) {
            for (Class<?> type = each.getClass(); type != Object.class; type = type.getSuperclass()) {
                FailureKind kind = kinds.get(type);
                if (kind != null) {
                    return Outcome.failure(kind);
                }
            }
        }
        return standard.ofException(thrown);
    }

    @Override
    public Outcome ofResult(@Nullable Object result) {
        return standard.ofResult(result);
    }
}
