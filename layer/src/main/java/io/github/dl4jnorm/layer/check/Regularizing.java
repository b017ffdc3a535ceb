package io.github.dl4jnorm.layer.check;

import java.util.List;
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
        Layer plain = configured(subject, none);
        Layer withWeights = configured(subject, ofWeights);
        Layer withBiases = configured(subject, ofBiases);
        ParamInitializer initializer = plain.initializer();
        List<String> names = initializer.paramKeys(plain);
        if (names.isEmpty()) {
            throw new Inapplicable("there are no parameters");
        }
        for (String name : names) {
            boolean statistic = LayerUnderTest.isStatistic(plain, name);
            List<Regularization> own = of(plain, name);
            if (statistic || !initializer.isWeightParam(plain, name)) {
                demand(name, "l1 and l2 of the network", own, of(withWeights, name));
            }
            if (statistic || !initializer.isBiasParam(plain, name)) {
                demand(name, "l1Bias and l2Bias of the network", own, of(withBiases, name));
            }
        }
        return String.join(", ", names);
    }

    private static Layer configured(LayerUnderTest subject, NeuralNetConfiguration.Builder base) {
        return subject.configuration(base).getConf(0).getLayer();
    }

    private static List<Regularization> of(Layer layer, String parameter) {
        List<Regularization> regularizations = layer.getRegularizationByParam(parameter);
        return regularizations == null ? List.of() : regularizations;
    }

    private static void demand(String parameter, String what, List<Regularization> own, List<Regularization> got) {
        if (!own.equals(got)) {
            throw new CheckFailure(parameter + " gets " + what + ": "
                    + got.stream().map(r -> r.getClass().getSimpleName()).toList());
        }
    }
}
