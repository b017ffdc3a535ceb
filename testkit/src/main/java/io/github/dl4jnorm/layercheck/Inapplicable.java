package io.github.dl4jnorm.layercheck;

/** Why a check says nothing about a layer. */
final class Inapplicable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Inapplicable(String reason) {
        super(reason);
    }
}
