package io.github.dl4jnorm.internal.engine;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which types can be normalized, and in which type that is computed: half types in FLOAT, others in their own. */
public final class ComputeTypes {
    private ComputeTypes() {}

    /**
     * Whether arrays of a type can be normalized.
     *
     * @param type a type
     * @return true for FLOAT, DOUBLE, HALF and BFLOAT16
     */
    public static boolean isSupported(DataType type) {
        return type == DataType.FLOAT || type == DataType.DOUBLE || isHalf(type);
    }

    /**
     * Whether a type is a half type.
     *
     * @param type a type
     * @return true for HALF and BFLOAT16
     */
    public static boolean isHalf(DataType type) {
        return type == DataType.FLOAT16 || type == DataType.BFLOAT16;
    }

    /**
     * The type that arrays of a type are computed in, and that their statistics have.
     *
     * @param type type of x
     * @return DOUBLE for DOUBLE, else FLOAT
     */
    public static DataType of(DataType type) {
        return type == DataType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT;
    }

    /** The array in the type that is computed in: a FLOAT copy if its type is a half type, else itself. */
    static INDArray wide(INDArray array) {
        return array.castTo(of(array.dataType()));
    }

    /** As {@link #wide}; null for null. */
    static @Nullable INDArray wideOrNull(@Nullable INDArray array) {
        return array == null ? null : wide(array);
    }
}
