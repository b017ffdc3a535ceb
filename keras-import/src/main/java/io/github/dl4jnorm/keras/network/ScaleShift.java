package io.github.dl4jnorm.keras.network;

import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * y = (x − center)·scale + shift with constants, in training too: Keras' {@code Rescaling} and {@code Normalization}, and
 * arithmetic with constants. Each is one number, or one for each index of the last axis.
 */
public final class ScaleShift extends NoParamLayer {
    private static final long serialVersionUID = 1;

    /** What is subtracted first. */
    private final double[] center;
    /** What the difference is multiplied by. */
    private final double[] scale;
    /** What is added last. */
    private final double[] shift;

    /**
     * A layer. All numbers are copied; each array has one, or one for each index of the last axis.
     *
     * @param center what is subtracted first
     * @param scale what the difference is multiplied by
     * @param shift what is added last
     */
    public ScaleShift(
            @JsonProperty("center") double[] center,
            @JsonProperty("scale") double[] scale,
            @JsonProperty("shift") double[] shift) {
        this.center = center.clone();
        this.scale = scale.clone();
        this.shift = shift.clone();
    }

    /**
     * What is subtracted first.
     *
     * @return a copy; one number, or one for each index of the last axis
     */
    public double[] getCenter() {
        return center.clone();
    }

    /**
     * What the difference is multiplied by.
     *
     * @return a copy; one number, or one for each index of the last axis
     */
    public double[] getScale() {
        return scale.clone();
    }

    /**
     * What is added last.
     *
     * @return a copy; one number, or one for each index of the last axis
     */
    public double[] getShift() {
        return shift.clone();
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray params,
            boolean initialize,
            DataType type) {
        ScaleShiftImpl layer = new ScaleShiftImpl(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        return layer;
    }

    @Override
    public InputType getOutputType(int index, InputType inputType) {
        return inputType;
    }

    @Override
    public @Nullable InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, inputType)
                .standardMemory(0, 0)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
                .build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScaleShift layer
                && super.equals(other)
                && Arrays.equals(center, layer.center)
                && Arrays.equals(scale, layer.scale)
                && Arrays.equals(shift, layer.shift);
    }

    @Override
    protected boolean canEqual(Object other) {
        return other instanceof ScaleShift;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), Arrays.hashCode(center), Arrays.hashCode(scale), Arrays.hashCode(shift));
    }

    @Override
    public String toString() {
        return "ScaleShift(center=" + Arrays.toString(center) + ", scale=" + Arrays.toString(scale) + ", shift="
                + Arrays.toString(shift) + ")";
    }
}
