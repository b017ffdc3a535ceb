package io.github.dl4jnorm.layer;

/**
 * The builder of a layer that normalizes over axes of one's choice.
 *
 * @param <T> the builder
 */
interface OverAxes<T extends NormLayer.Builder<T>> {
    /**
     * Sets the normalized axes, as axes of the activations: negative ones count from the end, and axis 0 is the batch,
     * which layers with γ or β do not allow. For NCHW activations {@code axes(1, 2, 3)} normalizes over all features of
     * an example.
     *
     * @param axes one or more different axes; by default that of the channels
     * @return this
     */
    @SuppressWarnings("unchecked") // T is the class that implements this.
    default T axes(int... axes) {
        return ((T) this).setAxes(axes);
    }
}
