package io.github.dl4jnorm;

import io.github.dl4jnorm.spec.FusedActivation;
import io.github.dl4jnorm.spec.NormSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A function of {@link SDNorm}, and what it computes as a {@link NormSpec}: {@link #all} is the table of what is tested,
 * and a line there is all that a new function or spec needs.
 *
 * @param name name for messages
 * @param spec what it computes
 * @param takes which of gamma and beta it takes
 * @param call the call on variables x, gamma, beta, mean and variance, of which those not there are null
 */
record SDFunction(String name, NormSpec spec, Takes takes, Call call) {
    private static final double EPS = 1e-3;

    /** Parameters of a function. */
    enum Takes {
        NOTHING,
        GAMMA,
        BOTH
    }

    /** A call of a function of {@link SDNorm}. */
    interface Call {
        SDVariable on(SDNorm norm, Map<String, SDVariable> v);
    }

    /** A function with some of the parameters that it takes. */
    record Use(SDFunction function, boolean hasGamma, boolean hasBeta) {
        NormSpec spec() {
            return function.spec;
        }

        boolean isGiven() {
            return spec().statistic().isGiven();
        }

        /** What the eager twin computes. */
        Normalized eager(Map<String, INDArray> in) {
            INDArray gamma = in.get("gamma");
            INDArray beta = in.get("beta");
            return isGiven()
                    ? new NDNorm()
                            .batchNormInference(
                                    in.get("x"),
                                    in.get("mean"),
                                    in.get("variance"),
                                    gamma,
                                    beta,
                                    spec().eps(),
                                    spec().axes().axes().get(0))
                    : new NDNorm().normalize(spec(), in.get("x"), gamma, beta);
        }

        @Override
        public String toString() {
            return function.name + (hasGamma ? ", gamma" : "") + (hasBeta ? ", beta" : "");
        }
    }

    /** The table, for arrays of rank 3 with an even number of channels on axis 1. */
    static List<SDFunction> all() {
        return List.of(
                new SDFunction(
                        "batchNormTraining",
                        NormSpec.batchNorm(EPS, 1),
                        Takes.BOTH,
                        (n, v) -> n.batchNormTraining("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, 1)),
                inference("batchNormInference", EPS, 1),
                inference("batchNormInference on axis -2", EPS, -2),
                inference("batchNormInference with eps 0", 0, 1),
                new SDFunction(
                        "layerNorm",
                        NormSpec.layerNorm(EPS, 1, 2),
                        Takes.BOTH,
                        (n, v) -> n.layerNorm("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, 1, 2)),
                new SDFunction(
                        "layerNorm on axis -1",
                        NormSpec.layerNorm(EPS, -1),
                        Takes.BOTH,
                        (n, v) -> n.layerNorm("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, -1)),
                new SDFunction(
                        "groupNorm",
                        NormSpec.groupNorm(2, EPS, 1),
                        Takes.BOTH,
                        (n, v) -> n.groupNorm("y", v.get("x"), 2, v.get("gamma"), v.get("beta"), EPS, 1)),
                new SDFunction(
                        "groupNorm of one group on axis -1",
                        NormSpec.groupNorm(1, EPS, -1),
                        Takes.BOTH,
                        (n, v) -> n.groupNorm("y", v.get("x"), 1, v.get("gamma"), v.get("beta"), EPS, -1)),
                new SDFunction(
                        "instanceNorm",
                        NormSpec.instanceNorm(EPS, 1),
                        Takes.BOTH,
                        (n, v) -> n.instanceNorm("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, 1)),
                new SDFunction(
                        "instanceNorm on axis -1",
                        NormSpec.instanceNorm(EPS, -1),
                        Takes.BOTH,
                        (n, v) -> n.instanceNorm("y", v.get("x"), v.get("gamma"), v.get("beta"), EPS, -1)),
                new SDFunction(
                        "rmsNorm",
                        NormSpec.rmsNorm(EPS, -1),
                        Takes.GAMMA,
                        (n, v) -> n.rmsNorm("y", v.get("x"), v.get("gamma"), EPS, -1)),
                new SDFunction(
                        "sumNorm",
                        NormSpec.sumNorm(9, 0, 2),
                        Takes.NOTHING,
                        (n, v) -> n.sumNorm("y", v.get("x"), 9, 0, 2)),
                new SDFunction(
                        "unitNorm",
                        NormSpec.unitNorm(EPS, 1, 2),
                        Takes.NOTHING,
                        (n, v) -> n.unitNorm("y", v.get("x"), EPS, 1, 2)),
                normalize("rmsNorm, unit offset", NormSpec.rmsNorm(EPS, 2).withUnitOffset(true)),
                normalize("batchNorm, RELU", NormSpec.batchNorm(EPS, -1).with(FusedActivation.RELU)),
                normalize("sumNorm", NormSpec.sumNorm(EPS, 1)),
                normalize(
                        "groupNorm, unit offset, RELU",
                        NormSpec.groupNorm(2, EPS, 1).withUnitOffset(true).with(FusedActivation.RELU)));
    }

    private static SDFunction inference(String name, double eps, int axis) {
        return new SDFunction(
                name,
                NormSpec.batchNormInference(eps, axis),
                Takes.BOTH,
                (n, v) -> n.batchNormInference(
                        "y", v.get("x"), v.get("mean"), v.get("variance"), v.get("gamma"), v.get("beta"), eps, axis));
    }

    private static SDFunction normalize(String name, NormSpec spec) {
        return new SDFunction(
                "normalize: " + name,
                spec,
                Takes.BOTH,
                (n, v) -> n.normalize("y", spec, v.get("x"), v.get("gamma"), v.get("beta")));
    }

    /** Every function with every subset of the parameters that it takes. */
    static Stream<Use> uses() {
        return all().stream().flatMap(function -> switch (function.takes) {
            case NOTHING -> Stream.of(new Use(function, false, false));
            case GAMMA -> Stream.of(new Use(function, false, false), new Use(function, true, false));
            case BOTH ->
                Stream.of(
                        new Use(function, false, false),
                        new Use(function, true, false),
                        new Use(function, false, true),
                        new Use(function, true, true));
        });
    }
}
