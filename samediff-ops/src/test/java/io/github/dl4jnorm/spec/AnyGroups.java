package io.github.dl4jnorm.spec;

/** Groups that no {@link NormAxes} speaks of: engines and kernels work for any roles of axes. */
public final class AnyGroups {
    private AnyGroups() {}

    /**
     * Groups whose kept and affine axes are anything at all.
     *
     * @param shape shape of the array
     * @param kept the kept axes, increasing
     * @param affine the axes along which parameters vary, increasing
     * @return groups
     */
    public static Groups of(long[] shape, int[] kept, int... affine) {
        return Groups.keeping(shape, kept, affine);
    }
}
