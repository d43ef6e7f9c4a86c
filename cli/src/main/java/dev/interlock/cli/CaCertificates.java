package dev.interlock.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates in a file of PEM, in place of those that Java trusts. */
final class CaCertificates {
    private CaCertificates() {}

    /**
     * A context for TLS that trusts what the file holds and nothing else.
     *
     * @throws RemoteException if it cannot be read, or holds no certificate
     */
    static SSLContext trustedFrom(Path file) throws RemoteException {
        Collection<? extends Certificate> certificates;
        try (InputStream in = Files.newInputStream(file)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
        } catch (IOException unreadable) {
            throw wrong(file, Files.exists(file) ? "cannot be read" : "is not there");
        } catch (CertificateException broken) {
            throw wrong(file, "holds no certificate that can be read");
        }
        if (certificates.isEmpty()) {
            throw wrong(file, "holds no certificate");
        }
        try {
            return context(certificates);
        } catch (GeneralSecurityException | IOException unusable) {
            throw wrong(file, "holds a certificate that cannot be used");
        }
    }

    private static SSLContext context(Collection<? extends Certificate> certificates)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate each : certificates) {
            store.setCertificateEntry("ca" + number++, each);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static RemoteException wrong(Path file, String what) {
        return new RemoteException(
                ExitCode.USAGE,
                "--cacert = '" + file + "' " + what
                        + ": must be a file of certificates in PEM, each from -----BEGIN CERTIFICATE----- on");
    }
}
