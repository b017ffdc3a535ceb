package io.github.dl4jnorm.keras.internal.model;

/**
 * The names under which this library registers its layers with DL4J's importer. DL4J looks its own layers up before the
 * registered ones, so these have names of their own, where they are in nobody's way, and models are rewritten to name them.
 */
public final class OwnName {
    /** No class of Keras has a dot. */
    private static final String PREFIX = "dl4jnorm.";

    private OwnName() {}

    /**
     * The name of this library's layer for a class of Keras.
     *
     * @param kerasClass class of Keras
     * @return a name for DL4J's registry
     */
    public static String of(String kerasClass) {
        return PREFIX + kerasClass;
    }

    /**
     * Whether a name is one of this library's.
     *
     * @param className class of Keras, or this library's name for one
     * @return false for a class of Keras
     */
    public static boolean isOwn(String className) {
        return className.startsWith(PREFIX);
    }

    /**
     * The class of Keras for either name.
     *
     * @param className class of Keras, or this library's name for one
     * @return a class of Keras
     */
    public static String kerasClass(String className) {
        return isOwn(className) ? className.substring(PREFIX.length()) : className;
    }
}
