package io.github.dl4jnorm.keras.internal.layers;

import io.github.dl4jnorm.keras.internal.model.OwnName;
import io.github.dl4jnorm.keras.network.ScaleShift;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasLayerUtils;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Keras' {@code Rescaling}, {@code Normalization} and {@code LayerScale}, and what passes put in the words
 * of a {@code Rescaling}, as {@link ScaleShift}. The mean and the variance of a {@code Normalization} are settings, or weights if Keras found them out
 * by itself; the factors of a {@code LayerScale}, which ConvNeXt has, are weights.
 */
public final class KerasScaleShift extends KerasLayer {
    /** A class of ConvNeXt's. */
    public static final String LAYER_SCALE = "LayerScale";

    /** A class of Keras: x·scale + offset. */
    public static final String RESCALING = "Rescaling";

    /** A setting of {@link #RESCALING}. */
    public static final String SCALE = "scale";

    /** A setting of {@link #RESCALING}. */
    public static final String OFFSET = "offset";

    /** Keras' smallest standard deviation. */
    private static final double EPSILON = 1e-7;

    private static final String MEAN = "mean";
    private static final String VARIANCE = "variance";

    private static final double[] ZERO = {0};

    /** Keras gives the factors of a LayerScale no name. */
    private static final String FACTORS = "variable";

    private final Map<String, @Nullable Object> settings;

    /** The size of the last axis, once it is known. */
    private long size;

    /**
     * For DL4J's importer.
     *
     * @param layerConfig configuration of the layer
     * @throws InvalidKerasConfigurationException if it makes no sense
     * @throws UnsupportedKerasConfigurationException if it is of an unknown version of Keras
     */
    public KerasScaleShift(Map<String, @Nullable Object> layerConfig)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        super(layerConfig, false);
        className = OwnName.kerasClass(className);
        settings = KerasLayerUtils.getInnerLayerConfigFromConfig(layerConfig, conf);
    }

    private String who() {
        return "Keras " + className + " \"" + layerName + "\"";
    }

    private boolean isLayerScale() {
        return LAYER_SCALE.equals(className);
    }

    private boolean isNormalization() {
        return "Normalization".equals(className);
    }

    @Override
    public InputType getOutputType(InputType... inputTypes)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        if (inputTypes.length != 1 || inputTypes[0] == null) {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected one input, got " + Arrays.toString(inputTypes));
        }
        long[] shape = inputTypes[0].getShape(true);
        size = shape[shape.length - 1];
        if (isNormalization()) {
            checkAxis(shape.length);
        }
        if (getNumParams() == 0) {
            become(
                    isNormalization()
                            ? normalization(numbers(MEAN), numbers(VARIANCE))
                            : new ScaleShift(ZERO, numbers(SCALE), numbers(OFFSET)));
        } else {
            // Until the weights come; checked to be there when they are copied.
            become(new ScaleShift(ZERO, new double[] {1}, ZERO));
        }
        return inputTypes[0];
    }

    private void become(ScaleShift made) {
        made.setLayerName(layerName);
        layer = made;
    }

    /** (x − mean)/max(√variance, ε), or the inverse of that. */
    private ScaleShift normalization(double[] mean, double[] variance) {
        boolean invert = Boolean.TRUE.equals(settings.get("invert"));
        double[] deviation = Arrays.stream(variance)
                .map(each -> Math.max(Math.sqrt(each), EPSILON))
                .toArray();
        return invert
                ? new ScaleShift(ZERO, deviation, mean)
                : new ScaleShift(
                        mean, Arrays.stream(deviation).map(each -> 1 / each).toArray(), ZERO);
    }

    private void checkAxis(int rank) throws UnsupportedKerasConfigurationException {
        Object axis = settings.get("axis");
        List<?> axes = axis instanceof List<?> list ? list : axis == null ? List.of() : List.of(axis);
        boolean last =
                axes.size() == 1 && (axes.get(0).equals(-1) || axes.get(0).equals(rank - 1));
        if (!axes.isEmpty() && !last) {
            throw new UnsupportedKerasConfigurationException(who() + ": axis = " + axis
                    + ": expected the last axis, -1, or none; a BatchNormalization has any axis");
        }
    }

    /** A number, or numbers along the last axis. */
    private double[] numbers(String name)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        List<Double> numbers = new ArrayList<>();
        collect(name, settings.get(name), numbers);
        return alongLastAxis(
                name, numbers.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private void collect(String name, @Nullable Object value, List<Double> numbers)
            throws InvalidKerasConfigurationException {
        if (value instanceof Number number) {
            numbers.add(number.doubleValue());
        } else if (value instanceof List<?> list) {
            for (Object each : list) {
                collect(name, each, numbers);
            }
        } else {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected a number or a list of numbers for " + name + ", got " + value);
        }
    }

    private double[] alongLastAxis(String name, double[] numbers) throws UnsupportedKerasConfigurationException {
        if (numbers.length != 1 && numbers.length != size) {
            throw new UnsupportedKerasConfigurationException(who() + ": expected one number for " + name
                    + " or one for each of the " + size + " indices of the last axis, got " + numbers.length);
        }
        return numbers;
    }

    /** Mean, variance and the number of examples they are of, unless they are settings; the factors of a LayerScale. */
    @Override
    public int getNumParams() {
        if (isLayerScale()) {
            return 1;
        }
        return isNormalization() && settings.get(MEAN) == null ? 3 : 0;
    }

    /**
     * Takes the mean and the variance of a {@code Normalization}, or the factors of a {@code LayerScale}.
     *
     * @param weights weights by Keras' names
     * @throws InvalidKerasConfigurationException if one is missing or of another length
     */
    @Override
    public void setWeights(Map<String, INDArray> weights) throws InvalidKerasConfigurationException {
        try {
            become(
                    isLayerScale()
                            ? new ScaleShift(ZERO, weight(FACTORS, weights), ZERO)
                            : normalization(weight(MEAN, weights), weight(VARIANCE, weights)));
            this.weights = Map.of();
        } catch (UnsupportedKerasConfigurationException e) {
            throw new InvalidKerasConfigurationException(e.getMessage(), e);
        }
    }

    private double[] weight(String name, Map<String, INDArray> weights)
            throws InvalidKerasConfigurationException, UnsupportedKerasConfigurationException {
        INDArray weight = weights.get(name);
        if (weight == null) {
            throw new InvalidKerasConfigurationException(
                    who() + ": expected a weight " + name + ", got " + weights.keySet());
        }
        return alongLastAxis(name, weight.dup().data().asDouble());
    }

    @Override
    public void copyWeightsToLayer(org.deeplearning4j.nn.api.Layer layer) throws InvalidKerasConfigurationException {
        // They are settings of the layer, which has no parameters.
        if (getNumParams() > 0 && weights == null) {
            throw new InvalidKerasConfigurationException(who() + ": expected weights, got none");
        }
    }
}
