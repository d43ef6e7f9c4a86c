package dev.interlock.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Certificates that the JDK's own program signs, and clients that take any. */
public final class Certificate {
    private static final String PASSWORD = "changeit";

    /** What PKCS #8 puts before an RSA key of 2,048 bits: its own length, version 0, the algorithm, the key's length. */
    private static final int PKCS8_HEAD = 4 + 3 + 15 + 4;

    private Certificate() {}

    /** Makes one for 127.0.0.1 in a folder; the settings of a server that uses it. */
    static Map<String, String> in(Path folder) {
        return in(folder, "ip:127.0.0.1");
    }

    /**
     * Makes one in a folder.
     *
     * @param subject what it is for, such as {@code dns:api.example.com}
     * @return the settings of a server that uses it
     */
    public static Map<String, String> in(Path folder, String subject) {
        return in(folder, subject, "EC", "-groupname", "secp256r1");
    }

    /** Makes one for 127.0.0.1 whose key is written as PKCS #1 has it. */
    static Map<String, String> withOlderKey(Path folder) {
        Map<String, String> settings = in(folder, "ip:127.0.0.1", "RSA", "-keysize", "2048");
        Path key = Path.of(settings.get("tls-key"));
        try {
            byte[] whole = Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[^-]+-----", ""));
            Files.writeString(key, pem("RSA PRIVATE KEY", Arrays.copyOfRange(whole, PKCS8_HEAD, whole.length)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settings;
    }

    private static Map<String, String> in(
            Path folder, String subject, String algorithm, String kindOfSize, String size) {
        try {
            Path store = folder.resolve("store.p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-keyalg",
                            algorithm,
                            kindOfSize,
                            size,
                            "-alias",
                            "x",
                            "-dname",
                            "CN=x",
                            "-ext",
                            "san=" + subject,
                            "-validity",
                            "30",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            store.toString(),
                            "-storepass",
                            PASSWORD)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(keytool.getInputStream().readAllBytes());
            if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new AssertionError("keytool: " + said);
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            Path cert = folder.resolve("cert.pem");
            Path key = folder.resolve("key.pem");
            Files.writeString(cert, pem("CERTIFICATE", keys.getCertificate("x").getEncoded()));
            Files.writeString(
                    key,
                    pem("PRIVATE KEY", keys.getKey("x", PASSWORD.toCharArray()).getEncoded()));
            return Map.of("tls-cert", cert.toString(), "tls-key", key.toString(), "host", "127.0.0.1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String type, byte[] bytes) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
    }

    /** Trusts whatever it is shown. */
    static SSLContext trustingClient() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
