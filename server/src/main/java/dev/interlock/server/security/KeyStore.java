package dev.interlock.server.security;

import java.util.List;

/** Where API keys are kept. Its methods block, and throw what the database throws. */
interface KeyStore {
    void add(StoredKey key);

    boolean remove(String organization, String id);

    List<StoredKey> all();
}
