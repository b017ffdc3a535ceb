package io.github.dl4jnorm.integration;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.layer.BatchNorm;
import io.github.dl4jnorm.testing.Layout;
import java.util.List;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.DataFormat;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;

/** Where DL4J reports a wrong format: a Conv3D in NCDHW, in its default mode, says NDHWC. */
@ExtendWith(InDouble.class)
class DataFormatTest {
    private static final Kind KIND = Kind.CNN_3D_NCDHW;

    private static MultiLayerNetwork net(DataFormat format) {
        Layer convolution = new Convolution3D.Builder(2, 1, 1)
                .nOut(5)
                .activation(Activation.SOFTPLUS)
                .dataFormat(Convolution3D.DataFormat.NCDHW)
                .build();
        Layer norm = new BatchNorm.Builder().dataFormat(format).build();
        return Networks.multiLayer(
                Networks.configuration(DataType.DOUBLE), KIND.inputType(), List.of(convolution, norm, KIND.output()));
    }

    /** And the output layer behind the norm, which DL4J itself would have connected wrongly, gets the right one too. */
    @Test
    void theFormatThatIsSetWins() {
        MultiLayerNetwork net = net(Convolution3D.DataFormat.NCDHW);
        Networks.perturbParameters(net);
        DataSet data = KIND.data(Layout.C, 1);
        Gradients.assertAll(net, data);
    }

    @Test
    void withoutItTheErrorNamesTheWayOut() {
        DataSet data = KIND.data(Layout.C, 1);
        DL4JInvalidInputException e =
                assertThrows(DL4JInvalidInputException.class, () -> net(null).fit(data));
        assertTrue(e.getMessage().contains("set dataFormat(...)"), e.getMessage());
    }
}
