package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;

/** {@code interlock login}: which server and which key, once. */
@Command(
        name = "login",
        description = {
            "Signs in to a server: later commands talk to it without --url and --key. The key is asked for, or read from"
                    + " standard input, or taken from --key. Without these, INTERLOCK_KEY is used.",
            ""
        })
final class LoginCommand extends RemoteCommand {
    private static final String DEFAULT = "default";
    private static final int FORBIDDEN = 403;

    @Override
    Remote connect(RemoteOptions from) throws RemoteException {
        return from.connectToSignIn();
    }

    @Override
    void run(Remote unsigned) throws RemoteException {
        Target given = unsigned.target();
        String named = options().profileName();
        String key = options().keyGiven();
        boolean ofEnvironment = key != null && !options().isKeyAnOption();
        if (key == null || ofEnvironment && isPassed()) {
            key = ask(given);
        } else if (ofEnvironment) {
            err().println("The key is that of " + Variables.KEY + "; unset it to sign in with another");
        }
        Target target = new Target(given.url(), given.urlFrom(), key, "what was typed", given.caCertificates());
        JsonNode caller = caller(new Remote(target));
        Profile profile = new Profile(named == null ? DEFAULT : named, target.url(), key, target.caCertificates());
        Profiles profiles = options().profiles();
        profiles.put(profile);
        out().println("Signed in to " + target.url() + " as "
                + Words.clean(caller.path("actor").asText()) + ", "
                + Words.clean(caller.path("role").asText()) + " of the organization "
                + Words.clean(caller.path("organization_id").asText()));
        err().println("Kept as " + profile.inWords() + " in " + profiles.file() + ", which only you can read");
    }

    /** Whether a key waits on standard input, as in {@code login < admin-key}. */
    private static boolean isPassed() {
        try {
            return !Terminal.isStandardInput() && System.in.available() > 0;
        } catch (IOException closed) {
            return false;
        }
    }

    private static JsonNode caller(Remote remote) throws RemoteException {
        try {
            return remote.get("/api/v1/me");
        } catch (RemoteException refused) {
            JsonNode problem = refused.problem();
            if (problem != null && problem.path("status").asInt() == FORBIDDEN) {
                throw new RemoteException(
                        ExitCode.NOT_ALLOWED,
                        "This is an agent's key, and commands are for people: it can ask for permits and report, and see"
                                + " nothing. Use a key of role viewer, operator or admin");
            }
            throw refused;
        }
    }

    private String ask(Target target) throws RemoteException {
        @SuppressWarnings("SystemConsoleNull") // whether it is a terminal is asked as well
        Console console = System.console();
        String typed = null;
        if (console != null && Terminal.isStandardInput() && Terminal.isStandardError()) {
            err().print("Key for " + target.url() + " (it is not shown): ");
            err().flush();
            char[] hidden = console.readPassword();
            typed = hidden == null ? null : new String(hidden);
        } else {
            try {
                typed = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            } catch (IOException closed) {
                // as if there were none
            }
        }
        if (typed == null || typed.isBlank()) {
            throw new RemoteException(
                    ExitCode.NOT_ALLOWED,
                    "There is no key: type it when asked, or pass it on standard input, as in 'interlock login --url "
                            + target.url() + " < admin-key'");
        }
        return typed.strip();
    }
}
