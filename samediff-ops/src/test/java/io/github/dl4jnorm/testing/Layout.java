package io.github.dl4jnorm.testing;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The ways in which one array can lie in memory. The same values in each are the same array to every correct
 * computation.
 */
public enum Layout {
    /** Dense, the last axis contiguous. */
    C {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return nans(type, shape, 'c');
        }
    },
    /** Dense, the first axis contiguous, as DL4J's LSTM and Dense layers write. */
    F {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return nans(type, shape, 'f');
        }
    },
    /** A 'c' array with all axes reversed: the strides of 'f' on a permuted view. */
    REVERSED {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            int rank = shape.length;
            return permuted(type, shape, IntStream.range(0, rank).map(axis -> rank - 1 - axis));
        }
    },
    /** The second axis outermost, as DL4J's Conv2D writes: strides [25, 100, 5, 1] for [4, 3, 5, 5]. */
    CHANNEL_MAJOR {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return permuted(type, shape, swapped(shape.length, 0, 1));
        }
    },
    /** The last axis outermost, as the gradients from DL4J's Conv2D in NHWC: strides [25, 5, 1, 100] for [4, 5, 5, 3]. */
    LAST_OUTERMOST {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            int rank = shape.length;
            return permuted(type, shape, IntStream.range(0, rank).map(axis -> (axis + rank - 1) % rank));
        }
    },
    /** The last two axes swapped, as recurrent layers hand NWC data to each other. */
    LAST_SWAPPED {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return permuted(type, shape, swapped(shape.length, shape.length - 2, shape.length - 1));
        }
    },
    /** Contiguous, but not at the start of its buffer. */
    OFFSET {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            long[] larger = shape.clone();
            larger[0] += 2;
            INDArrayIndex[] window = all(shape.length);
            window[0] = NDArrayIndex.interval(1, 1 + shape[0]);
            return nans(type, larger, 'c').get(window);
        }
    },
    /** Every second element, along every axis, of a larger array. */
    STRIDED {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return everySecond(nans(type, larger(shape), 'c'), shape);
        }
    },
    /** Every second element, along every axis, of a larger 'f' array. */
    STRIDED_F {
        @Override
        INDArray allocate(DataType type, long[] shape) {
            return everySecond(nans(type, larger(shape), 'f'), shape);
        }
    };

    /** An array of NaN that lies in memory like this, as does whatever is around it. */
    abstract INDArray allocate(DataType type, long[] shape);

    /**
     * An array that lies in memory like this. What lies around it is NaN, so that nobody reads it unnoticed.
     *
     * @param type its type; values are rounded to it
     * @param shape its shape, of rank 1 or more
     * @param values its elements in 'c' order, the last index running fastest
     * @return an array of a buffer of its own
     */
    public INDArray create(DataType type, long[] shape, double... values) {
        return allocate(type, shape).assign(Doubles.toArray(type, shape, values));
    }

    /**
     * A copy of an array that lies in memory like this.
     *
     * @param array an array of rank 1 or more
     * @return the same values in a buffer of their own
     */
    public INDArray copyOf(INDArray array) {
        return create(array.dataType(), array.shape(), Doubles.of(array));
    }

    /**
     * An array whose rows along axis 0 all lie in the same memory (stride 0), which can only be read.
     *
     * @param row one row
     * @param rows number of rows
     * @return a view of shape [rows, shape of row]
     */
    public static INDArray broadcast(INDArray row, int rows) {
        INDArray dense = row.dup('c');
        int rank = dense.rank() + 1;
        long[] shape = new long[rank];
        long[] stride = new long[rank];
        shape[0] = rows;
        System.arraycopy(dense.shape(), 0, shape, 1, rank - 1);
        System.arraycopy(dense.stride(), 0, stride, 1, rank - 1);
        return Nd4j.create(dense.data(), shape, stride, 0, 'c');
    }

    private static INDArray nans(DataType type, long[] shape, char order) {
        return Nd4j.create(type, shape, order).assign(Double.NaN);
    }

    /** A view whose axes lie in memory in the given order, outermost first. */
    private static INDArray permuted(DataType type, long[] shape, IntStream outermostFirst) {
        int[] order = outermostFirst.toArray();
        long[] inMemory = Arrays.stream(order).mapToLong(axis -> shape[axis]).toArray();
        int[] back = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            back[order[i]] = i;
        }
        INDArray dense = nans(type, inMemory, 'c');
        return shape.length == 1 ? dense : dense.permute(back);
    }

    private static IntStream swapped(int rank, int a, int b) {
        if (rank < 2) {
            return IntStream.range(0, rank);
        }
        return IntStream.range(0, rank).map(axis -> axis == a ? b : axis == b ? a : axis);
    }

    private static long[] larger(long[] shape) {
        return Arrays.stream(shape).map(size -> 2 * size + 1).toArray();
    }

    private static INDArray everySecond(INDArray larger, long[] shape) {
        INDArrayIndex[] window = new INDArrayIndex[shape.length];
        for (int axis = 0; axis < window.length; axis++) {
            window[axis] = NDArrayIndex.interval(1, 2, 1 + 2 * shape[axis]);
        }
        return larger.get(window);
    }

    private static INDArrayIndex[] all(int rank) {
        INDArrayIndex[] all = new INDArrayIndex[rank];
        Arrays.fill(all, NDArrayIndex.all());
        return all;
    }
}
