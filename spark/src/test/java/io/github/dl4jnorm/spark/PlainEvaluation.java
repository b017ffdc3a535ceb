package io.github.dl4jnorm.spark;

import java.io.File;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/** What a program without Spark does with a network that was trained there. */
final class PlainEvaluation {
    private PlainEvaluation() {}

    /** Loads a network, and writes its output. Arguments: the network's file, that of the input, that of the output. */
    public static void main(String[] args) throws IOException {
        MultiLayerNetwork net = MultiLayerNetwork.load(new File(args[0]), false);
        Nd4j.saveBinary(net.output(Nd4j.readBinary(new File(args[1]))), new File(args[2]));
    }
}
