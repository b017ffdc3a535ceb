package io.github.dl4jnorm.keras;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * What leaves an import when it fails: DL4J's declared exceptions, without the addresses that their constructors append
 * to messages, because what is refused here is nothing to report there.
 */
final class Refusals {
    private static final String DOCUMENTATION = ". For more information, see https://";
    private static final String TRACKER = ". Please file an issue at https://";

    private Refusals() {}

    /** An import, or a part of it. */
    interface Import<T> {
        T run() throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException;
    }

    /**
     * Runs an import. What DL4J's importer throws undeclared, at models that it does not expect, becomes a refusal too.
     *
     * @param file the model's file, for messages
     * @param run the import
     * @throws IOException as the import does
     * @throws InvalidKerasConfigurationException as the import does
     * @throws UnsupportedKerasConfigurationException as the import does, or if it throws something undeclared
     */
    static <T> T declared(Path file, Import<T> run)
            throws IOException, InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        try {
            return run.run();
        } catch (InvalidKerasConfigurationException e) {
            throw new Invalid(e);
        } catch (UnsupportedKerasConfigurationException e) {
            throw new Unsupported(own(e.getMessage()), e.getCause(), e.getStackTrace());
        } catch (RuntimeException e) {
            throw new Unsupported(
                    file + ": a model that DL4J's importer does not expect; " + place(e) + " failed: " + e,
                    e,
                    e.getStackTrace());
        }
    }

    /** Where an exception was thrown: in which of DL4J's Keras layers, if it was in one. */
    private static String place(RuntimeException e) {
        List<String> classes = Arrays.stream(e.getStackTrace())
                .map(StackTraceElement::getClassName)
                .filter(name -> name.startsWith("org.deeplearning4j.") || name.startsWith("io.github.dl4jnorm."))
                .toList();
        return classes.stream()
                .filter(name -> name.startsWith("org.deeplearning4j.nn.modelimport.keras.layers."))
                .findFirst()
                .or(() -> classes.stream().findFirst())
                .map(name -> name.replaceFirst(".*\\.", ""))
                .orElse("the import");
    }

    private static @Nullable String own(@Nullable String message) {
        if (message != null) {
            for (String address : List.of(DOCUMENTATION, TRACKER)) {
                int end = message.indexOf(address);
                if (end >= 0) {
                    return message.substring(0, end);
                }
            }
        }
        return message;
    }

    /** A refusal of a broken model. */
    private static final class Invalid extends InvalidKerasConfigurationException {
        private static final long serialVersionUID = 1L;

        private final @Nullable String text;

        Invalid(InvalidKerasConfigurationException e) {
            super(e.getMessage(), e.getCause());
            text = own(e.getMessage());
            setStackTrace(e.getStackTrace());
        }

        @Override
        public @Nullable String getMessage() {
            return text;
        }
    }

    /** A refusal of a model that there is nothing like in DL4J. */
    private static final class Unsupported extends UnsupportedKerasConfigurationException {
        private static final long serialVersionUID = 1L;

        private final @Nullable String text;

        Unsupported(@Nullable String text, @Nullable Throwable cause, StackTraceElement... trace) {
            super(text, cause);
            this.text = text;
            setStackTrace(trace);
        }

        @Override
        public @Nullable String getMessage() {
            return text;
        }
    }
}
