package io.github.dl4jnorm.internal.kernel;

import io.github.dl4jnorm.internal.kernel.KernelCase.Layout;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Arrays of one type for tests, in memory that is full of NaN elsewhere.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
abstract class Numbers<A> {
    abstract DataType type();

    abstract Memory<A> memory(int room);

    abstract NormKernels<A> kernels(String name, int threads);

    static Numbers<float[]> floats() {
        return new Numbers<>() {
            @Override
            DataType type() {
                return DataType.FLOAT;
            }

            @Override
            Memory<float[]> memory(int room) {
                return FloatMemory.allocate(room);
            }

            @Override
            NormKernels<float[]> kernels(String name, int threads) {
                return KernelChoice.named(name).floats(new Workers(threads));
            }
        };
    }

    static Numbers<double[]> doubles() {
        return new Numbers<>() {
            @Override
            DataType type() {
                return DataType.DOUBLE;
            }

            @Override
            Memory<double[]> memory(int room) {
                return DoubleMemory.allocate(room);
            }

            @Override
            NormKernels<double[]> kernels(String name, int threads) {
                return KernelChoice.named(name).doubles(new Workers(threads));
            }
        };
    }

    /** An operand whose elements, in 'c' order, have the given values; NaN if there are none. */
    Operand<A> operand(KernelCase c, Layout layout, double... values) {
        Memory<A> memory = memory(layout.room());
        for (int i = 0; i < layout.room(); i++) {
            memory.put(i, Double.NaN);
        }
        Operand<A> operand = new Operand<>(memory, layout.offset(), layout.strides());
        write(c, layout.axes(), operand, values);
        return operand;
    }

    /** Sets the elements of an operand, given in 'c' order. */
    static <A> void write(KernelCase c, int[] axes, Operand<A> operand, double... values) {
        for (int i = 0; i < values.length; i++) {
            operand.memory().put(place(c, axes, operand, i), values[i]);
        }
    }

    /** The elements of an operand in 'c' order. */
    static <A> double[] read(KernelCase c, int[] axes, Operand<A> operand) {
        double[] values = new double[c.count(axes)];
        for (int i = 0; i < values.length; i++) {
            values[i] = operand.memory().get(place(c, axes, operand, i));
        }
        return values;
    }

    private static <A> long place(KernelCase c, int[] axes, Operand<A> operand, int element) {
        long place = operand.offset();
        int rest = element;
        for (int i = axes.length - 1; i >= 0; i--) {
            long size = c.shape[axes[i]];
            place += rest % size * operand.strides()[axes[i]];
            rest /= (int) size;
        }
        return place;
    }
}
