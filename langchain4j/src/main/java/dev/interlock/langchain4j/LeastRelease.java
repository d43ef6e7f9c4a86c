package dev.interlock.langchain4j;

/** Says which release of LangChain4j is wanted, before a method that an older one lacks fails in the middle of a call. */
final class LeastRelease {
    private static final String SINCE_1_13 = "dev.langchain4j.model.chat.ChatRequestOptions";

    private LeastRelease() {}

    /**
     * To be called when a class of this package is loaded.
     *
     * @throws IllegalStateException if LangChain4j is older than 1.13
     */
    static void require() {
        require(SINCE_1_13, LeastRelease.class.getClassLoader());
    }

    static void require(String type, ClassLoader loader) {
        try {
            Class.forName(type, false, loader);
        } catch (ClassNotFoundException older) {
            throw new IllegalStateException(
                    "interlock-langchain4j needs LangChain4j 1.13 or later, but the one on the class path has no "
                            + type
                            + ". Modules of LangChain4j may bring an older core: import langchain4j-bom 1.13 or later",
                    older);
        }
    }
}
