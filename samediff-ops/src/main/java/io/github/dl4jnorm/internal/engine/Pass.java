package io.github.dl4jnorm.internal.engine;

import io.github.dl4jnorm.spec.NormSpec;
import java.util.List;

/** What an engine does: its name, and those of its arrays in order. */
enum Pass {
    FORWARD("forward", "x", "gamma", "beta", "center", "centerResidual", "measure", "scale", "y"),
    BACKWARD(
            "backward",
            "x",
            "gamma",
            "beta",
            "center",
            "centerResidual",
            "measure",
            "scale",
            "dy",
            "dx",
            "dGamma",
            "dBeta");

    /** Where gamma is. */
    static final int GAMMA = 1;

    private final String name;
    private final List<String> arrays;
    private final int firstStatistic;
    private final int firstResult;

    Pass(String name, String... arrays) {
        this.name = name;
        this.arrays = List.of(arrays);
        this.firstStatistic = this.arrays.indexOf("center");
        this.firstResult = Math.max(this.arrays.indexOf("y"), this.arrays.indexOf("dx"));
    }

    String array(int i) {
        return arrays.get(i);
    }

    /** Where the results begin that have the type of x; statistics have one of their own. */
    int firstResult() {
        return firstResult;
    }

    /** How many arrays are inputs: statistics are what a forward pass computes, unless they are given. */
    int inputs(NormSpec spec) {
        boolean computes = this == FORWARD && !spec.statistic().isGiven();
        return computes ? firstStatistic : firstResult;
    }

    @Override
    public String toString() {
        return name;
    }
}
