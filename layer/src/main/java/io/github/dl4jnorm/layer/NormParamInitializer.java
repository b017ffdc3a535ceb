package io.github.dl4jnorm.layer;

import io.github.dl4jnorm.layer.Parameter.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Lays out the parameters that a {@link NormLayer} lists, one after the other, in DL4J's flat arrays. */
enum NormParamInitializer implements ParamInitializer {
    /** There is no state. */
    INSTANCE;

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        // What DL4J asks first of a layer that it makes.
        ((NormLayer) layer).validate();
        return parameters(layer).stream().mapToLong(Parameter::length).sum();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return parameters(layer).stream().map(Parameter::name).toList();
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return keys(layer, Role.SCALE);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return keys(layer, Role.SHIFT);
    }

    List<String> keys(Layer layer, Role role) {
        return parameters(layer).stream()
                .filter(p -> p.role() == role)
                .map(Parameter::name)
                .toList();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return weightKeys(layer).contains(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return biasKeys(layer).contains(key);
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
        Map<String, INDArray> views = views(conf.getLayer(), paramsView);
        for (Parameter parameter : parameters(conf.getLayer())) {
            conf.addVariable(parameter.name());
            if (initializeParams) {
                views.get(parameter.name()).assign(parameter.initial());
            }
        }
        return views;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray gradientView) {
        return views(conf.getLayer(), gradientView);
    }

    private static Map<String, INDArray> views(Layer layer, INDArray flat) {
        Map<String, INDArray> views = new LinkedHashMap<>();
        long offset = 0;
        for (Parameter parameter : parameters(layer)) {
            INDArray slice =
                    flat.reshape(flat.length()).get(NDArrayIndex.interval(offset, offset + parameter.length()));
            views.put(parameter.name(), slice.reshape('c', parameter.sizes()));
            offset += parameter.length();
        }
        return views;
    }

    private static List<Parameter> parameters(Layer layer) {
        return ((NormLayer) layer).parameters();
    }
}
