package dev.interlock.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a renewed certificate over while the server runs: connections that begin from then on see it, those that are there
 * go on. It looks at what the files hold, not at their times, so that links which are turned to another folder count, too;
 * a pair is taken once it has been the same for two looks, so that nothing half written is. Its looks run one at a time, on a
 * worker.
 */
final class CertificateWatch {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final long EVERY_MILLIS = 2_000;

    private final Vertx vertx;
    private final ServerSSLOptions options;
    private final Path certificate;
    private final Path key;
    private final List<HttpListener> listeners;
    private Pair present;
    private Pair seen;
    private volatile Instant end;

    /** What two files hold. */
    @SuppressWarnings("ArrayRecordComponent") // compared by isSame
    private record Pair(byte[] certificate, byte[] key) {
        boolean isSame(Pair other) {
            return Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
        }

        PemKeyCertOptions options() {
            return new PemKeyCertOptions()
                    .setCertValue(Buffer.buffer(certificate))
                    .setKeyValue(Buffer.buffer(key));
        }
    }

    private CertificateWatch(
            Vertx vertx, ServerSSLOptions options, Path certificate, Path key, List<HttpListener> listeners)
            throws IOException {
        this.vertx = vertx;
        this.options = options;
        this.certificate = certificate;
        this.key = key;
        this.listeners = listeners;
        this.present = read();
        this.seen = present;
        this.end = Instant.EPOCH;
    }

    /** Watches the files of a server that listens. */
    static CertificateWatch begin(
            Vertx vertx, HttpServerOptions options, Path certificate, Path key, List<HttpListener> listeners) {
        try {
            CertificateWatch watch = new CertificateWatch(vertx, options.getSslOptions(), certificate, key, listeners);
            watch.end = watch.checked(watch.present).getNotAfter().toInstant();
            watch.warnIfOver();
            vertx.setPeriodic(EVERY_MILLIS, now -> vertx.executeBlocking(watch::look, true));
            return watch;
        } catch (IOException | GeneralSecurityException unusable) {
            throw new StartException(
                    "The certificate " + certificate + " and the key " + key + " cannot be used: "
                            + unusable.getMessage(),
                    unusable);
        }
    }

    /** When the certificate that is shown ends. */
    Instant end() {
        return end;
    }

    private @Nullable Void look() {
        Pair now;
        try {
            now = read();
        } catch (IOException unreadable) {
            return null; // while it is being replaced; what is shown stays
        }
        boolean settled = now.isSame(seen);
        boolean isNew = settled && !now.isSame(present);
        seen = now;
        if (isNew) {
            present = now; // also if it is refused: once is enough to say so
            take(now);
        }
        return null;
    }

    private void take(Pair fresh) {
        X509Certificate shown;
        try {
            shown = checked(fresh);
        } catch (GeneralSecurityException unusable) {
            refused(unusable);
            return;
        }
        ServerSSLOptions renewed = options.copy().setKeyCertOptions(fresh.options());
        Future.all(listeners.stream().map(each -> each.renew(renewed)).toList())
                .onSuccess(done -> {
                    end = shown.getNotAfter().toInstant();
                    LOG.atInfo()
                            .addKeyValue("file", certificate)
                            .addKeyValue("ends", end)
                            .log("A renewed certificate is shown from now on");
                    warnIfOver();
                })
                .onFailure(this::refused);
    }

    private void refused(Throwable why) {
        LOG.atWarn()
                .addKeyValue("file", certificate)
                .addKeyValue("reason", why.getMessage())
                .addKeyValue("ends", end)
                .log("The renewed certificate or its key cannot be used; the one before is still shown");
    }

    private void warnIfOver() {
        if (end.isBefore(Instant.now())) {
            LOG.atWarn()
                    .addKeyValue("file", certificate)
                    .addKeyValue("ended", end)
                    .log("The certificate is no longer valid");
        }
    }

    private Pair read() throws IOException {
        return new Pair(Files.readAllBytes(certificate), Files.readAllBytes(key));
    }

    /** The certificate of a pair that belongs together. */
    private X509Certificate checked(Pair pair) throws GeneralSecurityException {
        try {
            for (KeyManager each : pair.options().getKeyManagerFactory(vertx).getKeyManagers()) {
                if (each instanceof X509KeyManager manager) {
                    return checked(manager);
                }
            }
        } catch (GeneralSecurityException unusable) {
            throw unusable;
        } catch (Exception unreadable) { // so Vert.x declares it
            throw new GeneralSecurityException(unreadable.getMessage(), unreadable);
        }
        throw new GeneralSecurityException("there is no certificate in it");
    }

    private static X509Certificate checked(X509KeyManager manager) throws GeneralSecurityException {
        Function<String, String @Nullable []> aliases = type -> manager.getServerAliases(type, null);
        for (String type : List.of("RSA", "EC", "EdDSA", "DSA")) {
            String[] found = aliases.apply(type);
            if (found != null && found.length > 0) {
                X509Certificate first = manager.getCertificateChain(found[0])[0];
                belongTogether(manager.getPrivateKey(found[0]), first);
                return first;
            }
        }
        throw new GeneralSecurityException("there is no certificate with a key of RSA or of an elliptic curve in it");
    }

    private static void belongTogether(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            default -> key.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(text);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
    }
}
