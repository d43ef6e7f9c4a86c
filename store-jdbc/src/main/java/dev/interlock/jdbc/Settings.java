package dev.interlock.jdbc;

import java.util.function.Supplier;

/**
 * What all servers of an installation share. Every method throws {@code StoreUnavailableException} if the database
 * cannot be reached.
 */
public final class Settings {
    private static final String GENERATION = "generation";

    private final Connections database;

    Settings(Connections database) {
        this.database = database;
    }

    /**
     * A value that is made once in the life of an installation, whichever server asks first.
     *
     * @param name what it is called
     * @param fresh makes one; of several servers' the first stored one is everybody's
     * @return the value
     */
    public byte[] getOrCreate(String name, Supplier<byte[]> fresh) {
        return database.write(handle -> {
            handle.createUpdate(
                            "INSERT INTO setting (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")
                    .bind("name", name)
                    .bind("value", fresh.get())
                    .execute();
            return handle.createQuery("SELECT value FROM setting WHERE name = :name")
                    .bind("name", name)
                    .mapTo(byte[].class)
                    .one();
        });
    }

    /** Raises the generation by one. */
    long nextGeneration() {
        return database.write(handle -> handle.createQuery("""
                        INSERT INTO setting (name, number) VALUES (:name, 1)
                        ON CONFLICT (name) DO UPDATE SET number = setting.number + 1
                        RETURNING number
                        """)
                .bind("name", GENERATION)
                .mapTo(Long.class)
                .one());
    }
}
