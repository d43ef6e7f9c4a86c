package dev.interlock.server.security;

import java.util.List;

/** Where API keys are kept. Its methods block, may be called by any thread, and throw what the database throws. */
public interface KeyStore {
    /**
     * Keeps a key; it is durable when this returns.
     *
     * @param key what to keep of it
     */
    void add(StoredKey key);

    /**
     * Forgets a key; that is durable when this returns.
     *
     * @param organization whose key it is
     * @param id its id
     * @return whether there was such a key
     */
    boolean remove(String organization, String id);

    /**
     * All keys, of every organization.
     *
     * @return the keys, in any order
     */
    List<StoredKey> all();
}
