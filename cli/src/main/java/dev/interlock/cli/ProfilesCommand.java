package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code interlock profiles}: the servers that somebody has signed in to on this machine. */
@Command(
        name = "profiles",
        description = {"Lists the servers that you have signed in to, without their keys.", ""},
        subcommands = ProfilesCommand.Use.class)
final class ProfilesCommand extends LocalCommand {
    private static final Listing COLUMNS = Listing.named("name")
            .column("", profile -> profile.path("in_use").asBoolean() ? "*" : "")
            .column("NAME", profile -> Listing.text(profile, "name"))
            .column("SERVER", profile -> Listing.text(profile, "url"))
            .wide("CERTIFICATES", profile -> Listing.text(profile, "cacert"));

    @Mixin
    private ListOptions list = new ListOptions();

    @Override
    void run(Profiles profiles) throws RemoteException {
        ArrayNode all = Remote.JSON.createArrayNode();
        Profile inUse = profiles.inUse();
        for (Profile each : profiles.all().values()) {
            all.addObject()
                    .put("name", each.name())
                    .put("url", each.url().toString())
                    .put(
                            "cacert",
                            each.caCertificates() == null
                                    ? null
                                    : each.caCertificates().toString())
                    .put("in_use", inUse != null && inUse.name().equals(each.name()));
        }
        JsonNode answer = Remote.JSON.createObjectNode().set("profiles", all);
        list.print(out(), answer, all, COLUMNS, "No profiles; 'interlock login' makes one");
    }

    /** {@code interlock profiles use NAME}. */
    @Command(
            name = "use",
            description = {"Uses a profile from now on.", ""})
    static final class Use extends LocalCommand {
        @Parameters(paramLabel = "NAME", description = "the profile")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        void run(Profiles profiles) throws RemoteException {
            profiles.use(name);
            out().println("Commands talk to " + profiles.named(name).url() + " from now on");
        }
    }
}
