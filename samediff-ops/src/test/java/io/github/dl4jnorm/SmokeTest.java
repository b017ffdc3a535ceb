package io.github.dl4jnorm;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class SmokeTest {
    @Test
    void loads() {
        System.out.println(Nd4j.getBackend().getClass() + " " + Nd4j.rand(2, 3).sum());
    }
}
