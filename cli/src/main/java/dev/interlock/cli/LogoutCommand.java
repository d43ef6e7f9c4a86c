package dev.interlock.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code interlock logout}: forgets a key on this machine. */
@Command(
        name = "logout",
        description = {
            "Forgets a server and its key on this machine. The key itself stays valid: an admin revokes it with 'keys"
                    + " delete'.",
            ""
        })
final class LogoutCommand extends LocalCommand {
    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "which; else " + Variables.PROFILE + ", else the one in use")
    private @Nullable String profile;

    @Override
    void run(Profiles profiles) throws RemoteException {
        String name = profile == null ? environment().get(Variables.PROFILE) : profile;
        Profile chosen = name == null ? profiles.inUse() : profiles.named(name);
        if (chosen == null) {
            throw new RemoteException(
                    ExitCode.NOT_FOUND, "Nobody is signed in here; 'interlock profiles' lists what is kept");
        }
        profiles.remove(chosen.name());
        out().println("Signed out of " + chosen.url() + "; " + chosen.inWords() + " is removed");
    }
}
