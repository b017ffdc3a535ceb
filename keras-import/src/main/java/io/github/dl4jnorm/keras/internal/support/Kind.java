package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.internal.model.LayerNode;

/** What a layer does, as far as several classes of Keras do the same. */
public enum Kind {
    /** Where something goes into the model. */
    INPUT,

    /** A function of each element, or along the last axis. */
    ACTIVATION,

    /** Dropout and noise: nothing in inference. */
    NOISE,

    /** Nothing in inference, and DL4J's importer has no layer for it. */
    NOTHING,

    /** A normalization that becomes a layer of this library, with statistics of each example. */
    NORM,

    /** A normalization that becomes a layer of this library, with statistics of the batch. */
    BATCH_NORM,

    /** (x − center)·scale + shift with constants. */
    CONSTANTS,

    /** One activation of several, element by element. */
    ELEMENT_WISE,

    /** One activation of several, one behind the other. */
    CONCATENATION,

    /** The elements of the input in another shape or order: a preprocessor in DL4J. */
    VIEW,

    /** Vectors or sequences, with the features on the last axis whatever was before. */
    FEATURES_LAST,

    /** One number, for each channel, of all places. */
    GLOBAL_POOLING,

    /** What no other class does. */
    OTHER;

    /**
     * The kind of a layer.
     *
     * @param layer a layer of Keras, or of this library's in its place
     * @return {@link #OTHER} if nothing is known of its class
     */
    public static Kind of(LayerNode layer) {
        return Table.line(layer).map(LayerSupport::kind).orElse(OTHER);
    }

    /** {@return whether it is a normalization that becomes a layer of this library} */
    public boolean isNorm() {
        return this == NORM || this == BATCH_NORM;
    }

    /** {@return whether DL4J's layer writes its output over its input, or hands the input on} */
    public boolean isInPlace() {
        return this == ACTIVATION || this == NOISE;
    }

    /** Whether the output has the shape of the input. */
    boolean keepsShape() {
        return isNorm() || isInPlace() || this == INPUT || this == NOTHING || this == CONSTANTS;
    }

    /** Whether a layer does the same to all steps of a sequence at once as to each of them. */
    boolean isStepwise() {
        return isNorm() || isInPlace();
    }

    /** Whether the axes of the output are where the layer puts them, whatever was before. */
    boolean setsAxes() {
        return this == VIEW || this == FEATURES_LAST;
    }

    /** Whether a layer takes several inputs. */
    boolean merges() {
        return this == ELEMENT_WISE || this == CONCATENATION;
    }
}
