package dev.interlock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The servers that a user has signed in to, in a file of the user's folder for settings that nobody else may read. A change
 * puts a new file in place of the old one in one step.
 */
final class Profiles {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final String IN_USE = "in_use";
    private static final String PROFILES = "profiles";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path file;

    Profiles(Path file) {
        this.file = file;
    }

    /** Those of the user whose environment it is. */
    static Profiles of(Map<String, String> environment) {
        String folder = environment.get("XDG_CONFIG_HOME");
        String windows = environment.get("APPDATA");
        Path settings = folder != null && !folder.isBlank()
                ? Path.of(folder)
                : windows != null && !windows.isBlank()
                        ? Path.of(windows)
                        : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".config");
        return new Profiles(settings.resolve("interlock").resolve("profiles.json"));
    }

    /** Where they are kept. */
    Path file() {
        return file;
    }

    /** All of them, by name. */
    Map<String, Profile> all() throws RemoteException {
        Map<String, Profile> all = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : read().path(PROFILES).properties()) {
            JsonNode profile = each.getValue();
            JsonNode certificates = profile.path("cacert");
            try {
                all.put(
                        each.getKey(),
                        new Profile(
                                each.getKey(),
                                URI.create(profile.path("url").asText()),
                                profile.path("key").asText(),
                                certificates.isTextual() ? Path.of(certificates.asText()) : null));
            } catch (IllegalArgumentException broken) {
                throw broken("the profile " + Words.clean(each.getKey()) + " has no url or cacert that can be read");
            }
        }
        return all;
    }

    /** The one to use where none is named, or null. */
    @Nullable
    Profile inUse() throws RemoteException {
        return all().get(read().path(IN_USE).asText());
    }

    /** One of them. */
    Profile named(String name) throws RemoteException {
        Map<String, Profile> all = all();
        Profile profile = all.get(name);
        if (profile == null) {
            throw unknown(name, all.keySet());
        }
        return profile;
    }

    /** Keeps one, in place of one of the same name, and uses it from now on. */
    void put(Profile profile) throws RemoteException {
        if (!NAME.matcher(profile.name()).matches()) {
            throw new RemoteException(
                    ExitCode.USAGE,
                    "--profile = '" + Words.clean(profile.name())
                            + "': must be 1 to 64 letters, digits, dots, hyphens and underscores, such as production");
        }
        ObjectNode all = read();
        ObjectNode kept = all.withObjectProperty(PROFILES).putObject(profile.name());
        kept.put("url", profile.url().toString()).put("key", profile.key());
        if (profile.caCertificates() != null) {
            kept.put("cacert", profile.caCertificates().toAbsolutePath().toString());
        }
        write(all.put(IN_USE, profile.name()));
    }

    /** Uses one from now on. */
    void use(String name) throws RemoteException {
        named(name);
        write(read().put(IN_USE, name));
    }

    /** Forgets one; if it was in use, none is from now on. */
    void remove(String name) throws RemoteException {
        named(name);
        ObjectNode all = read();
        all.withObjectProperty(PROFILES).remove(name);
        if (all.path(IN_USE).asText().equals(name)) {
            all.remove(IN_USE);
        }
        write(all);
    }

    private ObjectNode read() throws RemoteException {
        if (!Files.exists(file)) {
            return Remote.JSON.createObjectNode();
        }
        try {
            if (isPosix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
                throw new RemoteException("Others may read " + file + ", which holds keys, so it is not used."
                        + " Take that away with: chmod 600 " + file);
            }
            if (Remote.JSON.readTree(Files.readString(file)) instanceof ObjectNode all) {
                return all;
            }
        } catch (JsonProcessingException noJson) {
            // reported below
        } catch (IOException unreadable) {
            throw broken("it cannot be read");
        }
        throw broken("it is no JSON object");
    }

    private void write(ObjectNode all) throws RemoteException {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder, isPosix() ? only("rwx------") : new FileAttribute<?>[0]);
            Path fresh = Files.createTempFile(
                    folder, "profiles", ".new", isPosix() ? only("rw-------") : new FileAttribute<?>[0]);
            try {
                Files.writeString(fresh, all.toPrettyString() + "\n");
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException failed) {
            throw new RemoteException(
                    "The profile cannot be kept in " + file + ": " + Words.clean(String.valueOf(failed.getMessage()))
                            + ". Is the folder yours? XDG_CONFIG_HOME names another");
        }
    }

    private static FileAttribute<?>[] only(String permissions) {
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    private boolean isPosix() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private RemoteException broken(String what) {
        return new RemoteException("The profiles in " + file + " cannot be used: " + what
                + ". Remove the file and sign in again with 'interlock login'");
    }

    private static RemoteException unknown(String name, Collection<String> all) {
        return new RemoteException(
                ExitCode.NOT_FOUND,
                "There is no profile '" + Words.clean(name) + "': "
                        + (all.isEmpty()
                                ? "there is none yet; 'interlock login' makes one"
                                : "must be one of " + Words.clean(String.join(", ", all))));
    }
}
