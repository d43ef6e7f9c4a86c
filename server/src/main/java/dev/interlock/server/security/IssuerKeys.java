package dev.interlock.server.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.vertx.core.Future;
import java.util.List;

/** The keys of one issuer. Reading never waits; any thread may call. */
interface IssuerKeys {
    /** The keys as last seen; none before they were first had. */
    JWKSet current();

    /**
     * Looks for newer keys, if that was not done a moment ago; callers at the same time share one look.
     *
     * @return complete, never failed, when there is no more to wait for
     */
    Future<Void> refresh();

    /** A secret that both sides know. */
    static IssuerKeys shared(byte[] secret) {
        JWKSet only = new JWKSet(new OctetSequenceKey.Builder(secret).build());
        return new IssuerKeys() {
            @Override
            public JWKSet current() {
                return only;
            }

            @Override
            public Future<Void> refresh() {
                return Future.succeededFuture();
            }
        };
    }

    /** Those keys of a set that may verify a token: public ones, and of RSA only such as are long enough. */
    static JWKSet usable(JWKSet published) {
        List<JWK> usable = published.getKeys().stream()
                .filter(key -> key.getKeyType().equals(KeyType.EC)
                        || (key.getKeyType().equals(KeyType.RSA) && key.size() >= 2048))
                .map(JWK::toPublicJWK)
                .toList();
        return new JWKSet(usable);
    }
}
