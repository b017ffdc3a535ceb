package io.github.dl4jnorm.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.dl4jnorm.rewrite.Models.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;

/** What is done to a new network's settings leaves the network that it was made from as it was. */
class IndependenceTest {
    private static List<Layer> layers() {
        return List.of(
                new FrozenLayerWithBackprop(convolution()),
                new FrozenLayer(new FrozenLayer(new BatchNormalization.Builder().build())),
                convolution(),
                new BatchNormalization.Builder().build(),
                Nets.output());
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(2, 2)
                .nOut(4)
                .activation(Activation.IDENTITY)
                .build();
    }

    static Stream<Arguments> rewritings() {
        Map<String, Function<Model, Rewritten<? extends Model>>> all =
                Map.of("replace", Models::replace, "restore", Models::restore, "fold", Models::fold);
        return all.entrySet().stream().flatMap(rewriting -> Arrays.stream(Type.values())
                .map(type -> Arguments.of(Named.of(rewriting.getKey(), rewriting.getValue()), type)));
    }

    @ParameterizedTest
    @MethodSource("rewritings")
    void whatIsChangedInTheResultIsNotInTheOriginal(Function<Model, Rewritten<? extends Model>> rewriting, Type type) {
        Model theirs = Nets.build(type, Nets.base(), Nets.IMAGES, layers());
        Model ours = Models.replace(Nets.build(type, Nets.base(), Nets.IMAGES, layers()))
                .network();
        for (Model original : List.of(theirs, ours)) {
            String before = Models.json(original);
            Model made = rewriting.apply(original).network();
            setLearningRate(made, 0.625);
            configurations(made).forEach(IndependenceTest::changeUpdater);
            assertEquals(before, Models.json(original));
            assertNotEquals(before, Models.json(made));
        }
    }

    private static void setLearningRate(Model model, double rate) {
        if (model instanceof ComputationGraph graph) {
            graph.setLearningRate(rate);
        } else {
            ((MultiLayerNetwork) model).setLearningRate(rate);
        }
    }

    private static Stream<Layer> configurations(Model model) {
        Stream<NeuralNetConfiguration> all = model instanceof ComputationGraph graph
                ? graph.getConfiguration().getVertices().values().stream()
                        .map(vertex -> ((LayerVertex) vertex).getLayerConf())
                : ((MultiLayerNetwork) model).getLayerWiseConfigurations().getConfs().stream();
        return all.map(NeuralNetConfiguration::getLayer);
    }

    /** Also inside wrappers, where DL4J's own setter does not look. */
    private static void changeUpdater(Layer layer) {
        Layer inner = Wrappers.inner(layer);
        if (inner != null) {
            changeUpdater(inner);
        } else if (layer instanceof BaseLayer base) {
            base.getIUpdater().setLrAndSchedule(0.75, null);
        }
    }
}
