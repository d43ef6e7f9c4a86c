package dev.interlock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is stopped or resumed: one of everything, some agents, or everything behind an upstream. */
final class WhatOption {
    @Option(names = "--all", description = "every call of the organization")
    private boolean all;

    @Option(
            names = "--agents",
            paramLabel = "PATTERN",
            description = "calls of the agents whose names match, such as 'planner-*'")
    private @Nullable String agents;

    @Option(
            names = "--upstream",
            paramLabel = "PATTERN",
            description = "calls that use it, such as model:kimi-k2 or 'model:*'")
    private @Nullable String upstream;

    /** Writes it into a request. */
    ObjectNode into(ObjectNode body) {
        if (all) {
            return body.put("covers", "organization");
        }
        return body.put("covers", agents != null ? "agents" : "upstream").put("pattern", pattern());
    }

    /** The names, or null for everything. */
    @Nullable
    String pattern() {
        return agents != null ? agents : upstream;
    }

    /** For a person. */
    String words(String organization) {
        if (all) {
            return "every call of " + Words.clean(organization);
        }
        return agents != null
                ? "calls of agents " + Words.clean(agents)
                : "calls that use " + Words.clean(String.valueOf(upstream));
    }
}
