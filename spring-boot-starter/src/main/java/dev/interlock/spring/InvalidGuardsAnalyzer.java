package dev.interlock.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** What is shown when methods cannot be guarded. */
final class InvalidGuardsAnalyzer extends AbstractFailureAnalyzer<InvalidGuardsException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidGuardsException cause) {
        return new FailureAnalysis(
                "Methods cannot be guarded as @Guarded says:\n\n    " + String.join("\n    ", cause.problems()),
                "Change these methods; docs/spring-boot.md says what can be guarded, and what a fallback looks like.",
                cause);
    }
}
