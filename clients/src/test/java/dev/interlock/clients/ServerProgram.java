package dev.interlock.clients;

import dev.interlock.server.Server;
import dev.interlock.server.config.Config;
import java.util.HashMap;
import java.util.Map;

/** A server as a program of its own, by its settings as flags, each with its value; prints where it listens. */
final class ServerProgram {
    private ServerProgram() {}

    public static void main(String[] flags) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < flags.length; i += 2) {
            settings.put(flags[i].substring("--".length()), flags[i + 1]);
        }
        Server server = Server.start(Config.read(settings, Map.of(), null));
        System.out.println("address=\"http://127.0.0.1:" + server.port() + "\"");
    }
}
