package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.rewrite.Models;
import io.github.dl4jnorm.rewrite.Models.Type;
import io.github.dl4jnorm.testing.Layout;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks of every type that DL4J takes (not BFLOAT16) learn with each layer in them. */
class DataTypesTest {
    record Case(Norm norm, Kind kind, DataType type) {}

    static Stream<Case> cases() {
        return Norm.DEFAULTS.stream().flatMap(norm -> Stream.of(Kind.FEED_FORWARD, Kind.CNN_NCHW)
                .filter(norm::suits)
                .flatMap(kind -> Stream.of(DataType.DOUBLE, DataType.FLOAT, DataType.FLOAT16)
                        .map(type -> new Case(norm, kind, type))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theLossDecreases(Case c) {
        DataSet data = c.kind().data(c.type(), Layout.C, 8, 3);
        Model net = Networks.build(
                Type.MULTI_LAYER,
                Networks.configuration(c.type()).updater(new Sgd(0.1)),
                c.kind().inputType(),
                List.of(
                        c.kind().hidden(),
                        c.norm().on(c.kind()),
                        c.kind().hidden(),
                        c.kind().output()));
        assertEquals(c.type(), net.params().dataType());
        double before = Networks.score(net, data, true);
        for (int i = 0; i < 150; i++) {
            Models.fit(net, data);
        }
        double after = Networks.score(net, data, true);
        assertTrue(after < 0.9 * before, "the loss went from " + before + " to " + after);
        assertEquals(c.type(), Networks.output(net, data.getFeatures()).dataType());
    }
}
