package io.github.dl4jnorm.integration;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * y = a⊙x + b for feed-forward input, with parameters a (a weight), b (a bias) and a statistic that nothing uses; right
 * but for one flaw.
 */
final class FlawedLayer extends FeedForwardLayer {
    static final String A = "a";
    static final String B = "b";
    static final String MEAN = "mean";

    private Flaw flaw;
    private double hidden;
    private transient double passing;
    private double forgettable;

    private FlawedLayer() {
        this(new Builder(Flaw.NONE));
        hidden = 0;
    }

    private FlawedLayer(Builder builder) {
        super(builder);
        flaw = builder.flaw;
        hidden = flaw == Flaw.OPTION_WITHOUT_GETTER ? 0.5 : 0;
        passing = flaw == Flaw.TRANSIENT_OPTION ? 0.5 : 0;
        forgettable = 0.5;
        setActivationFn(new ActivationIdentity());
    }

    static FlawedLayer with(Flaw flaw) {
        return new Builder(flaw).build();
    }

    /** A constant in the output. */
    double offset() {
        return hidden + passing;
    }

    // For Jackson, as is every other public getter and setter.
    public Flaw getFlaw() {
        return flaw;
    }

    public void setFlaw(Flaw flaw) {
        this.flaw = flaw;
    }

    public double getPassing() {
        return passing;
    }

    public void setPassing(double passing) {
        this.passing = passing;
    }

    public double getForgettable() {
        return forgettable;
    }

    public void setForgettable(double forgettable) {
        this.forgettable = forgettable;
    }

    @Override
    public FlawedLayer clone() {
        FlawedLayer clone = (FlawedLayer) super.clone();
        if (flaw == Flaw.CLONE_FORGETS_AN_OPTION) {
            clone.forgettable = 0;
        }
        return clone;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray params,
            boolean initialize,
            DataType type) {
        FlawedLayerImpl layer = new FlawedLayerImpl(conf, type);
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(params);
        layer.setParamTable(initializer().init(conf, params, initialize));
        return layer;
    }

    @Override
    public ParamInitializer initializer() {
        return Initializer.INSTANCE;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        super.setNIn(inputType, override);
        setNOut(getNIn());
    }

    @Override
    public InputType getOutputType(int index, InputType inputType) {
        return flaw == Flaw.ANNOUNCES_ANOTHER_SIZE ? InputType.feedForward(getNIn() + 1) : inputType;
    }

    @Override
    public IUpdater getUpdaterByParam(String name) {
        return name.equals(MEAN) ? new NoOp() : super.getUpdaterByParam(name);
    }

    @Override
    public List<Regularization> getRegularizationByParam(String name) {
        boolean asWeight = flaw == Flaw.REGULARIZES_THE_BIAS && name.equals(B);
        return super.getRegularizationByParam(asWeight ? A : name);
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        if (flaw == Flaw.NO_MEMORY_REPORT) {
            throw new UnsupportedOperationException("not implemented");
        }
        return new LayerMemoryReport.Builder(getLayerName(), getClass(), inputType, getOutputType(-1, inputType))
                .standardMemory(initializer().numParams(this), 0)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
                .build();
    }

    @SuppressWarnings("unchecked") // DL4J's generic build()
    private static final class Builder extends FeedForwardLayer.Builder<Builder> {
        private final Flaw flaw;

        Builder(Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        public FlawedLayer build() {
            return new FlawedLayer(this);
        }
    }

    private enum Initializer implements ParamInitializer {
        INSTANCE;

        @Override
        public long numParams(NeuralNetConfiguration conf) {
            return numParams(conf.getLayer());
        }

        @Override
        public long numParams(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return 3 * ((FlawedLayer) layer).getNIn();
        }

        @Override
        public List<String> paramKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of(A, B, MEAN);
        }

        @Override
        public List<String> weightKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of(A);
        }

        @Override
        public List<String> biasKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
            return List.of(B);
        }

        @Override
        public boolean isWeightParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return key.equals(A);
        }

        @Override
        public boolean isBiasParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
            return key.equals(B);
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
            if (initialize) {
                view.assign(1);
            }
            paramKeys(conf.getLayer()).forEach(conf::addVariable);
            return getGradientsFromFlattened(conf, view);
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
            long n = ((FlawedLayer) conf.getLayer()).getNIn();
            INDArray flat = view.reshape(view.length());
            Map<String, INDArray> views = new LinkedHashMap<>();
            for (String key : paramKeys(conf.getLayer())) {
                long from = views.size() * n;
                views.put(key, flat.get(NDArrayIndex.interval(from, from + n)));
            }
            return views;
        }
    }
}
