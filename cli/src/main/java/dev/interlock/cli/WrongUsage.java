package dev.interlock.cli;

import dev.interlock.server.text.NearestNames;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in our own words what of a command line was not understood, and what is right. */
final class WrongUsage {
    private static final String INVALID = "Invalid value for ";

    private WrongUsage() {}

    /**
     * One message.
     *
     * @param wrong what the parser found
     * @param args the whole command line
     */
    static String report(ParameterException wrong, String[] args) {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            return unmatched.isUnknownOption() ? noOption(first, command) : tooMuch(first, command);
        }
        if (wrong instanceof MissingParameterException missing) {
            return missing(missing.getMissing().get(0), command, List.of(args));
        }
        if (wrong instanceof OverwrittenOptionException twice) {
            return name(twice.getOverwritten()) + ": must be given once";
        }
        if (wrong instanceof MutuallyExclusiveArgsException) {
            return onlyOne(wrong);
        }
        String message = String.valueOf(wrong.getMessage());
        ArgSpec argument = wrong.getArgSpec();
        return argument != null && message.startsWith(INVALID)
                ? name(argument) + " = " + inWords(message.substring(message.indexOf(": ") + 2)) // the converter's
                : message;
    }

    /** The parser's own converters name Java's types. */
    private static String inWords(String converters) {
        return converters
                .replaceFirst(" is not an? (int|long)$", ": must be a whole number")
                .replaceFirst(" is not a boolean$", ": must be true or false");
    }

    private static String noOption(String given, CommandSpec command) {
        String option = given.replaceFirst("=.*", "");
        List<String> similar = option.startsWith("--")
                ? NearestNames.of(option, command.optionsMap().keySet().stream().filter(name -> name.startsWith("--")))
                : List.of();
        return "There is no option " + option
                + (similar.isEmpty()
                        ? "; '" + command.qualifiedName() + "' takes " + options(command)
                        : "; did you mean " + similar.get(0) + "?");
    }

    private static String example(CommandSpec command, String option) {
        return Stream.of(command.qualifiedName(), places(command), option)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static String tooMuch(String given, CommandSpec command) {
        if (!command.subcommands().isEmpty()) {
            return "'" + given + "': there is no such command: must be one of "
                    + String.join(", ", command.subcommands().keySet());
        }
        String places = places(command);
        return "'" + given + "': must be left out: '" + command.qualifiedName() + "' takes "
                + (places.isEmpty() ? "options only" : places + " and options") + ", and this is one too many";
    }

    private static String missing(ArgSpec argument, CommandSpec command, List<String> args) {
        if (!argument.isOption()) {
            return argument.paramLabel() + " is missing: must be given, as in '" + example(command, "") + "'";
        }
        ArgGroupSpec choice = argument.group();
        if (choice != null && choice.exclusive()) {
            return "Either " + choice.args().stream().map(WrongUsage::name).collect(Collectors.joining(" or "))
                    + " must be given, as in '" + example(command, name(argument)) + "'";
        }
        String name = name(argument);
        return args.contains(name)
                ? name + ": must be followed by its value, as in " + name + "=" + argument.paramLabel()
                : name + " is missing: must be given, as in " + name + "=" + argument.paramLabel();
    }

    /** The parser's message begins with the options, between a heading and a bracket. */
    private static String onlyOne(ParameterException wrong) {
        String options = String.valueOf(wrong.getMessage())
                .replaceFirst("^Error: ", "")
                .replaceFirst(" are mutually exclusive.*$", "")
                .replace(", ", " and ");
        return options + ": only one of them can be given";
    }

    private static String places(CommandSpec command) {
        return command.positionalParameters().stream().map(ArgSpec::paramLabel).collect(Collectors.joining(" "));
    }

    private static String options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
