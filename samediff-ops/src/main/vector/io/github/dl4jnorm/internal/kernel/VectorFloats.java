package io.github.dl4jnorm.internal.kernel;

import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Vectors of {@code float}, as wide as the processor is, and how they get from and to memory outside the heap. */
final class VectorFloats {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /** Bytes of a vector. */
    static final int STEP = LANES * Float.BYTES;

    static final MethodHandle LOAD = VectorAccess.load(FloatVector.class, SPECIES);
    static final MethodHandle STORE = VectorAccess.store(FloatVector.class);

    /** Read from index r on, the mask of the last r lanes. */
    static final boolean[] LAST = new boolean[2 * LANES];

    static {
        Arrays.fill(LAST, LANES, 2 * LANES, true);
    }

    private VectorFloats() {}

    /** Where a row of a tile begins, in bytes. */
    static int bytes(Tile tile, int row) {
        return tile.row(row) * Float.BYTES;
    }
}
