package io.github.dl4jnorm.layercheck;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.regularization.Regularization;

/** Which parameters the network's regularization reaches. */
final class Regularizing {
    private static final double STRENGTH = 0.1;

    private Regularizing() {}

    static String inherited(LayerUnderTest subject) {
        NeuralNetConfiguration.Builder none = subject.base(DataType.DOUBLE);
        NeuralNetConfiguration.Builder ofWeights =
                subject.base(DataType.DOUBLE).l1(STRENGTH).l2(STRENGTH);
        NeuralNetConfiguration.Builder ofBiases =
                subject.base(DataType.DOUBLE).l1Bias(STRENGTH).l2Bias(STRENGTH);
        LayerHarness plain = harness(subject, none);
        LayerHarness withWeights = harness(subject, ofWeights);
        LayerHarness withBiases = harness(subject, ofBiases);
        Layer layer = plain.configured();
        ParamInitializer initializer = layer.initializer();
        Set<String> names = plain.allParameters().keySet();
        if (names.isEmpty()) {
            throw new Inapplicable("there are no parameters");
        }
        for (String name : names) {
            boolean untrained = plain.isStatistic(name) || subject.isFrozen();
            List<Regularization> own = plain.regularizations(name);
            if (untrained || !initializer.isWeightParam(layer, name)) {
                demand(name, "l1 and l2 of the network", own, withWeights.regularizations(name));
            }
            if (untrained || !initializer.isBiasParam(layer, name)) {
                demand(name, "l1Bias and l2Bias of the network", own, withBiases.regularizations(name));
            }
        }
        return String.join(", ", names);
    }

    /** Of an initialized network, as there are layers that know their parameters only then. */
    private static LayerHarness harness(LayerUnderTest subject, NeuralNetConfiguration.Builder base) {
        return new LayerHarness(subject.network(subject.configuration(base)), subject.seed());
    }

    private static void demand(String parameter, String what, List<Regularization> own, List<Regularization> got) {
        if (!own.equals(got)) {
            throw new CheckFailure(parameter + " gets " + what + ": "
                    + got.stream().map(r -> r.getClass().getSimpleName()).toList());
        }
    }
}
