package dev.interlock.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Completion for the shell fish, for which the parser's library has no script. */
final class FishCompletion {
    private final String program;
    private final StringBuilder script = new StringBuilder();

    private FishCompletion(String program) {
        this.program = program;
    }

    /** The script for a program and all of its commands. */
    static String of(CommandSpec program) {
        FishCompletion fish = new FishCompletion(program.name());
        fish.script.append("# Completion of ").append(program.name()).append(" for fish.\n");
        fish.script.append("complete -c ").append(program.name()).append(" -f\n");
        fish.commands(program, List.of());
        return fish.script.toString();
    }

    private void commands(CommandSpec command, List<String> path) {
        List<String> below = List.copyOf(command.subcommands().keySet());
        for (Map.Entry<String, CommandLine> each : command.subcommands().entrySet()) {
            CommandSpec inner = each.getValue().getCommandSpec();
            line(within(path, below) + " -a " + quoted(each.getKey()) + " -d "
                    + quoted(description(inner.usageMessage().description())));
            List<String> deeper = new ArrayList<>(path);
            deeper.add(each.getKey());
            commands(inner, deeper);
        }
        if (!path.isEmpty()) {
            command.options().stream().filter(each -> !each.hidden()).forEach(each -> option(each, path));
            command.positionalParameters().forEach(each -> positional(each, path));
        }
    }

    private void option(OptionSpec option, List<String> path) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
            names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
        }
        String value = option.arity().max() == 0 ? "" : isFile(option) ? " -r -F" : " -x" + candidates(option);
        line(within(path, List.of()) + names + value + " -d " + quoted(description(option.description())));
    }

    private void positional(PositionalParamSpec parameter, List<String> path) {
        String values = candidates(parameter);
        if (isFile(parameter)) {
            line(within(path, List.of()) + " -F");
        } else if (!values.isEmpty()) {
            line(within(path, List.of()) + values);
        }
    }

    private static boolean isFile(ArgSpec argument) {
        return argument.paramLabel().matches("FILE|CSV|NAME-OR-FILE");
    }

    private static String candidates(ArgSpec argument) {
        StringJoiner values = new StringJoiner(" ");
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(values::add);
        }
        return values.length() == 0 ? "" : " -a " + quoted(values.toString());
    }

    /** Where a line is of use: behind these commands, and none of the others yet. */
    private static String within(List<String> path, List<String> none) {
        StringJoiner condition = new StringJoiner("; and ");
        path.forEach(each -> condition.add("__fish_seen_subcommand_from " + each));
        if (path.isEmpty()) {
            condition.add("__fish_use_subcommand");
        } else if (!none.isEmpty()) {
            condition.add("not __fish_seen_subcommand_from " + String.join(" ", none));
        }
        return " -n " + quoted(condition.toString());
    }

    private void line(String options) {
        script.append("complete -c ").append(program).append(options).append('\n');
    }

    private static String description(String[] lines) {
        String first = lines.length == 0 ? "" : lines[0].replace("%%", "%").replace("@ |", "@|");
        int end = first.indexOf(". ");
        return end < 0 ? first : first.substring(0, end + 1);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
