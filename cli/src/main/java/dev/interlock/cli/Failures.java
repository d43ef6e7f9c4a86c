package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failed call means to the person who typed the command, and what would be right. */
final class Failures {
    private static final String PAGE = " (docs/cli.md#tls)";

    /** What they mean the message says whole. */
    private static final Set<Integer> NEED_NO_PAGE = Set.of(400, 404, 500);

    private Failures() {}

    /**
     * The server answered, and refused.
     *
     * @param help where the server says what that means, or null
     */
    static RemoteException refused(
            Target target, int status, String detail, @Nullable JsonNode problem, @Nullable String help) {
        String then = switch (status) {
            case 401 ->
                ". The key came from " + target.keyFrom()
                        + ". An admin can create another with 'interlock keys create'";
            case 403 -> ". Use the key of a caller who may, or ask an admin for one";
            case 404 -> ". Is " + target.url() + " the right server?";
            case 429, 503 -> ". Try again later";
            case 500 -> ". Look into the server's log";
            default -> "";
        };
        String see = help == null || NEED_NO_PAGE.contains(status) ? "" : ". See " + help;
        String said = Words.clean(detail).strip();
        String rest = then + see;
        return new RemoteException(
                ExitCode.of(status),
                "The server refused (" + status + "): "
                        + (said.endsWith(".") && !rest.isEmpty() ? said.substring(0, said.length() - 1) : said) + rest,
                problem);
    }

    /** Something answers, and it is another program. */
    static RemoteException noInterlock(Target target) {
        return new RemoteException(
                ExitCode.UNREACHABLE, "What answers at " + target.url() + " is no Interlock server" + another(target));
    }

    /** Nothing answered, or not to the end. */
    static RemoteException unreachable(Target target, Throwable failed) {
        return new RemoteException(ExitCode.UNREACHABLE, why(target, failed));
    }

    private static String why(Target target, Throwable failed) {
        String host = target.url().getHost();
        if (isCausedBy(failed, UnknownHostException.class) || isCausedBy(failed, UnresolvedAddressException.class)) {
            return "There is no server at " + target.url() + ": no host is known by the name " + host + another(target);
        }
        if (isCausedBy(failed, HttpTimeoutException.class) || isCausedBy(failed, SocketTimeoutException.class)) {
            return "The server at " + target.url() + " did not answer in time; is it overloaded, or is the"
                    + " network slow? Try again";
        }
        if (isCausedBy(failed, SSLException.class)) {
            return "No safe connection to " + target.url() + ": " + tls(target, failed, host);
        }
        boolean connected = failed instanceof SocketException && !(failed instanceof ConnectException);
        if (connected && target.url().getScheme().equals("http")) {
            return "The server at " + target.url() + " ended the connection without an answer. Does it speak TLS there?"
                    + " Then name it as https://" + target.url().getAuthority();
        }
        String said = message(failed);
        return "There is no server at " + target.url() + " (" + (said.isEmpty() ? "connection refused" : said)
                + "). Start one with 'interlock serve', or name another with --url or " + Variables.URL;
    }

    private static String tls(Target target, Throwable failed, String host) {
        String said = messages(failed);
        if (said.contains("unable to find valid certification path") || said.contains("path validation failed")) {
            return target.caCertificates() == null
                    ? "its certificate is not one that Java trusts. If it comes from a CA of your own, name that CA's"
                            + " certificate with --cacert FILE or " + Variables.CA_CERTIFICATES + PAGE
                    : "its certificate does not come from a CA in " + target.caCertificates()
                            + ". Name the right one with --cacert FILE" + PAGE;
        }
        if (isCausedBy(failed, CertificateExpiredException.class)) {
            return "its certificate has expired. Put a new one on the server (its log says from where it reads it)";
        }
        if (said.contains("no subject alternative") || said.contains("no name matching")) {
            return "its certificate is for another name than " + host
                    + ". Use a name that it is for, or put a certificate for this one on the server" + PAGE;
        }
        if (said.contains("unrecognized ssl message") || said.contains("plaintext connection")) {
            return "what answers there does not speak TLS. Name it as http://"
                    + target.url().getAuthority() + ", if it is on this machine";
        }
        return message(failed) + ". Does the server speak TLS there, with a certificate that this machine trusts?"
                + PAGE;
    }

    private static String another(Target target) {
        return ". Is " + target.urlFrom() + " right? Name another with --url or " + Variables.URL;
    }

    private static String message(Throwable failed) {
        return failed.getMessage() == null ? "" : Words.clean(failed.getMessage());
    }

    private static String messages(Throwable failed) {
        StringBuilder all = new StringBuilder();
        for (Throwable each = failed; each != null; each = each.getCause()) {
            all.append(each.getMessage()).append('\n');
        }
        return all.toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isCausedBy(Throwable failed, Class<? extends Throwable> type) {
        for (Throwable each = failed; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return true;
            }
        }
        return false;
    }
}
