package dev.interlock.spring;

import dev.interlock.InvalidSettingsException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** What is shown when properties of Interlock cannot be: all of them, each with what would be right. */
final class InvalidSettingsAnalyzer extends AbstractFailureAnalyzer<InvalidSettingsException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidSettingsException cause) {
        return new FailureAnalysis(
                "Settings of Interlock cannot be:\n\n    " + String.join("\n    ", cause.problems()),
                "Change these properties. docs/circuit-breaker.md lists all settings with their ranges.",
                cause);
    }
}
